import type { MemoryView, NodeId, PageIndex } from '@tierlab/policy';
import { createPageLists } from '../cache/page-list.ts';
import { createAccessHistogram } from './access-histogram.ts';

/** Accesses that a sample of a base page counts as; a huge page gets 1, and is as hot as its base pages together. */
const SAMPLE_ACCESSES = 512;
/** Share of the hot pages in what the fast tier holds below which pages one bin colder count as warm. */
const WARM_BELOW = 0.75;

/** Every page in one of two lists of its node, active where it is hot, and the thresholds that say what is. */
export interface PageClasses {
  /** Bins from which on a page is hot, and from which on it is not demoted. */
  readonly threshold: { readonly active: number; readonly warm: number };
  /** A page was mapped: it is just hot. */
  add(page: number): void;
  sampled(page: number): void;
  /** Halves every count; nodes have yet to look through their lists. */
  cool(): void;
  /** Sets the thresholds such that what is hot fits in `basePages`. */
  adapt(basePages: number): void;
  /** No page stays where it is for being nearly hot, until the next look at the thresholds. */
  giveUpWarmth(): void;
  isWarm(page: number): boolean;
  binOf(page: number): number;
  /** Sorts the lists of `node` where counts or thresholds changed since; the pages looked at. */
  refresh(node: NodeId): number;
  /** Base pages of a list. */
  size(node: NodeId, active: boolean): number;
  /** The pages of a list, oldest first; the one given last may leave it. */
  oldestFirst(node: NodeId, active: boolean): Iterable<number>;
  /** Puts a page on a list of the node that it moved to. */
  put(page: number, node: NodeId, active: boolean): void;
}

/** No page yet. Source: cosmoss-jigu/memtis, linux/mm/htmm_core.c __adjust_active_threshold, update_base_page. */
export function createPageClasses(
  memory: MemoryView,
  pages: PageIndex,
  options: { readonly htmm_thres_hot: number; readonly htmm_nowarm: boolean },
): PageClasses {
  const histogram = createAccessHistogram();
  const threshold = { active: options.htmm_thres_hot, warm: options.htmm_thres_hot };
  const slot = new Map<number, number>(memory.nodes.map(({ id }, i) => [id, i]));
  const lists = createPageLists(2 * slot.size);
  const basePages = new Float64Array(2 * slot.size + 1);
  const stale = new Set<number>();
  let cooled = false;

  const listOf = (node: number, active: boolean): number => 2 * slot.get(node)! + (active ? 2 : 1);
  const put = (page: number, node: number, active: boolean): void => {
    const size = pages.folioPages(page);
    const before = lists.listOf(page);
    if (before !== 0) {
      lists.remove(page);
      basePages[before] -= size;
    }
    const after = listOf(node, active);
    lists.pushHead(after, page);
    basePages[after] += size;
  };
  const place = (page: number, bin: number): void => {
    const active = bin >= threshold.active;
    if (active !== (lists.listOf(page) % 2 === 0)) put(page, pages.nodeOf[page], active);
  };
  const allStale = (): void => {
    for (const { id } of memory.nodes) stale.add(id);
  };
  function* oldestFirst(node: NodeId, active: boolean): Iterable<number> {
    const list = listOf(node, active);
    let page = lists.tail(list);
    for (let left = lists.size(list); left > 0; left--) {
      const next = lists.towardsHead(page);
      yield page;
      page = next;
    }
  }

  return {
    threshold,
    add(page) {
      histogram.add(page, 2 ** (threshold.active + 1), pages.folioPages(page));
      put(page, pages.nodeOf[page], true);
    },
    sampled(page) {
      const accesses = pages.folioPages(page) > 1 ? 1 : SAMPLE_ACCESSES;
      place(page, histogram.count(page, accesses));
    },
    cool() {
      histogram.cool();
      cooled = true;
      allStale();
    },
    adapt(fits) {
      const { bin, pages: hotPages } = histogram.hottest(fits);
      const wanted = Math.max(bin, options.htmm_thres_hot);
      if (cooled) {
        // What was not looked at since the cooling is in no bin: one bin down at most.
        if (wanted < threshold.active && threshold.active > 1) threshold.active--;
        cooled = false;
        allStale();
      } else if (wanted > threshold.active) {
        threshold.active = wanted;
        allStale();
      }
      const hasRoom = hotPages < fits * WARM_BELOW && !options.htmm_nowarm;
      threshold.warm = hasRoom ? threshold.active - 1 : threshold.active;
    },
    giveUpWarmth() {
      threshold.warm = threshold.active;
    },
    isWarm: (page) => !options.htmm_nowarm && histogram.binOf(page) >= threshold.warm,
    binOf: (page) => histogram.binOf(page),
    refresh(node) {
      if (!stale.delete(node)) return 0;
      let looked = 0;
      for (const active of [true, false])
        for (const page of oldestFirst(node, active)) {
          place(page, histogram.binOf(page));
          looked++;
        }
      return looked;
    },
    size: (node, active) => basePages[listOf(node, active)],
    oldestFirst,
    put,
  };
}
