import type { NodeId, PageIndex, PageSearch } from '@tierlab/policy';
import type { Engine } from './engine.ts';
import { createNodeTables, createPageSearch } from './page-search.ts';
import { folioHead, folioPages, growColumn } from './pages.ts';
import type { PageTable } from './pages.ts';
import type { SharedRun } from './shared/shared-run.ts';

/** The pages of a run as policies see them; what is sorted by address is sorted when it is asked for. */
export function createPageIndex(
  { pages, memory, processes: processCount }: Engine,
  shared: SharedRun | undefined,
): PageIndex {
  const isOn = createNodeTables();
  /** The same table by the indexes of nodes. */
  const indexesOf = new WeakMap<Readonly<Uint8Array>, Uint8Array>();
  /** Page ids by process, then page number: the first `sortedCount`. */
  let sorted = new Uint32Array(0);
  let sortedCount = 0;
  const refresh = (): void => {
    const from = sortedCount;
    if (from === pages.count) return;
    const fresh = sortByAddress(pages, from, pages.count);
    if (sorted.length < pages.count) sorted = growColumn(sorted, Math.max(2 * from, pages.count));
    // The last one first: what lies between two of them is not compared, and moves up once.
    let moved = from;
    for (let i = fresh.length - 1; i >= 0; i--) {
      const place = placeBefore(pages, sorted, fresh[i], moved);
      if (place < moved) sorted.copyWithin(place + i + 1, place, moved);
      sorted[place + i] = fresh[i];
      moved = place;
    }
    sortedCount = pages.count;
  };
  /** How many of the sorted pages come before this address. */
  const rank = (process: number, pageNumber: number): number => {
    let low = 0;
    let high = sortedCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const page = sorted[middle];
      const earlier = pages.processOf[page] - process || pages.pageNumber[page] - pageNumber;
      if (earlier < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return Object.assign(new PageColumns(pages), {
    folioPages: (page: number) => folioPages(pages, page),
    folioHead: (page: number) => folioHead(pages, page),
    at(process: number, pageNumber: number) {
      refresh();
      const place = rank(process, pageNumber);
      if (place === sortedCount) return undefined;
      const page = sorted[place];
      return pages.processOf[page] === process && pages.pageNumber[page] === pageNumber
        ? page
        : undefined;
    },
    inRange(process: number, from: number, to: number) {
      refresh();
      return sorted.subarray(rank(process, from), rank(process, to));
    },
    search(list: Readonly<Uint32Array>, nodes: readonly NodeId[]): PageSearch {
      const onNodes = isOn(nodes);
      const direct = createPageSearch(pages, list, onNodes);
      if (shared === undefined) return direct;
      let onIndexes = indexesOf.get(onNodes);
      if (onIndexes === undefined) {
        onIndexes = Uint8Array.from(memory.nodes, ({ id }) => onNodes[id]);
        indexesOf.set(onNodes, onIndexes);
      }
      return shared.search(list, onIndexes, direct);
    },
    processCount,
  });
}

function comesBefore({ processOf, pageNumber }: PageTable, a: number, b: number): boolean {
  return (processOf[a] - processOf[b] || pageNumber[a] - pageNumber[b]) < 0;
}

/** The ids `[from, to)` by address. Pages are mapped in runs of ascending addresses, most often: neighbouring runs are merged until one is left. */
function sortByAddress(pages: PageTable, from: number, to: number): Uint32Array {
  const count = to - from;
  let ids = new Uint32Array(count);
  for (let i = 0; i < count; i++) ids[i] = from + i;
  let ends: number[] = [];
  for (let i = 1; i <= count; i++)
    if (i === count || comesBefore(pages, from + i, from + i - 1)) ends.push(i);
  let merged = new Uint32Array(ends.length > 1 ? count : 0);
  while (ends.length > 1) {
    const fewer: number[] = [];
    for (let run = 0; run < ends.length; run += 2) {
      const start = run === 0 ? 0 : ends[run - 1];
      const end = ends[Math.min(run + 1, ends.length - 1)];
      mergeRuns(pages, ids, start, ends[run], end, merged);
      fewer.push(end);
    }
    ends = fewer;
    [ids, merged] = [merged, ids];
  }
  return ids;
}

/** Merges the runs `[start, middle)` and `[middle, end)` of `ids` into the same place of `merged`. */
function mergeRuns(
  pages: PageTable,
  ids: Uint32Array,
  start: number,
  middle: number,
  end: number,
  merged: Uint32Array,
): void {
  let left = start;
  let right = middle;
  for (let i = start; i < end; i++) {
    const takesLeft = right === end || (left < middle && comesBefore(pages, ids[left], ids[right]));
    merged[i] = takesLeft ? ids[left++] : ids[right++];
  }
}

/** How many of the first `count` sorted pages come before `page`; it is looked for from the last one on, as it is near there, most often. */
function placeBefore(pages: PageTable, sorted: Uint32Array, page: number, count: number): number {
  let high = count;
  let step = 1;
  while (step <= high && !comesBefore(pages, sorted[high - step], page)) {
    high -= step;
    step *= 2;
  }
  let low = Math.max(0, high - step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comesBefore(pages, sorted[middle], page)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What changes of the pages. A class, since V8 looks up by name whatever an object has that has getters of its own. */
class PageColumns {
  readonly #pages: PageTable;

  constructor(pages: PageTable) {
    this.#pages = pages;
  }

  get pageCount(): number {
    return this.#pages.count;
  }

  get nodeOf(): Uint8Array {
    return this.#pages.nodeOf;
  }

  get pageNumber(): Float64Array {
    return this.#pages.pageNumber;
  }

  get processOf(): Uint8Array {
    return this.#pages.processOf;
  }
}
