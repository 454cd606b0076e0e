import type { MemoryView, Moves, NodeId, PageIndex } from '@tierlab/policy';
import type { PageClasses } from './page-classes.ts';

/** What the last move was decided by. */
export interface MemtisMove {
  readonly page: number;
  readonly bin: number;
  readonly promotion: boolean;
}

/** The migration threads of MEMTIS, one for each node. */
export interface Migrator {
  /** Moves pages of a node of the fast tier that are not hot down, where it has less free than it should. */
  demote(node: NodeId): void;
  /** Moves the hot pages of another node up, as far as there is room for them. */
  promote(node: NodeId): void;
  /** An allocation found `node` of the fast tier full: its next demotion makes more room, of hot pages if need be. */
  wanted(node: NodeId): void;
  readonly last: MemtisMove;
}

/**
 * Source: cosmoss-jigu/memtis, linux/mm/htmm_migrater.c: need_toptier_demotion, demote_node, promotion_available,
 * promote_node. The limit of the fast tier is the capacity of its nodes.
 */
export function createMigrator(
  memory: MemoryView,
  pages: PageIndex,
  moves: Moves,
  classes: PageClasses,
  leastFreePages: number,
): Migrator {
  const starved = new Set<NodeId>();
  let last: MemtisMove = { page: -1, bin: 0, promotion: false };
  const usedPages = (id: NodeId): number => memory.node(id).capacityPages - memory.freePages(id);

  const move = (page: number, target: NodeId, promotion: boolean): boolean => {
    last = { page, bin: classes.binOf(page), promotion };
    if (!moves.request(page, target)) return false;
    classes.put(page, target, promotion);
    return true;
  };

  /** Base pages that `node` should free for those waiting on `target`; 0: none. */
  const excess = (node: NodeId, target: NodeId): number => {
    const { capacityPages } = memory.node(node);
    const { promotion, demotion } = headroom(capacityPages, leastFreePages);
    const used = usedPages(node);
    if (starved.has(node) && used + promotion > capacityPages)
      return used + promotion - capacityPages + leastFreePages;
    const waiting = classes.size(target, true);
    const kept = waiting > 0 ? waiting + promotion : demotion;
    return used + kept <= capacityPages ? 0 : used + waiting + promotion - capacityPages;
  };

  const demoteFrom = (node: NodeId, active: boolean, target: NodeId, wanted: number): number => {
    let freed = 0;
    for (const page of classes.oldestFirst(node, active)) {
      if (freed >= wanted) break;
      if (!active && classes.isWarm(page)) continue;
      const size = pages.folioPages(page);
      if (!move(page, target, false)) break;
      freed += size;
    }
    return freed;
  };

  return {
    demote(node) {
      const target = memory.below(node);
      if (target === undefined) return;
      const wanted = excess(node, target);
      if (wanted === 0) return;
      const takesHot = starved.has(node) && wanted > classes.size(node, false);
      let freed = demoteFrom(node, false, target, wanted);
      if (takesHot && freed < wanted) freed += demoteFrom(node, true, target, wanted - freed);
      if (freed < Math.min(classes.size(target, true), wanted)) classes.giveUpWarmth();
      const { capacityPages } = memory.node(node);
      if (usedPages(node) + headroom(capacityPages, leastFreePages).demotion < capacityPages)
        starved.delete(node);
    },
    promote(node) {
      const target = memory.above(node);
      if (target === undefined) return;
      const { capacityPages } = memory.node(target);
      const kept = headroom(capacityPages, leastFreePages).promotion;
      let room = capacityPages - kept - usedPages(target);
      for (const page of classes.oldestFirst(node, true)) {
        if (room <= 0) return;
        room -= pages.folioPages(page);
        if (!move(page, target, true)) return;
      }
    },
    wanted: (node) => void starved.add(node),
    get last() {
      return last;
    },
  };
}

/** Pages that are kept free in a node of the fast tier: as far as promotions fill it, and where demotion begins. */
export interface Headroom {
  readonly promotion: number;
  readonly demotion: number;
}

/**
 * Three and two per cent of the node, within bounds that are 50 MB times 1, 2, 20 and 30 in the source; below its lower
 * bound and above its upper one, promotion gets those of demotion.
 *
 * Source: cosmoss-jigu/memtis, linux/mm/htmm_migrater.c get_memcg_promotion_watermark, get_memcg_demotion_watermark.
 */
export function headroom(capacityPages: number, leastPages: number): Headroom {
  const within = (pages: number, lower: number, upper: number): number => {
    if (pages < lower) return leastPages;
    return pages > upper ? 20 * leastPages : pages;
  };
  return {
    promotion: within(Math.floor(capacityPages * 0.03), 2 * leastPages, 30 * leastPages),
    demotion: within(Math.floor(capacityPages * 0.02), leastPages, 20 * leastPages),
  };
}
