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
    const fresh = new Uint32Array(pages.count - from);
    for (let i = 0; i < fresh.length; i++) fresh[i] = from + i;
    fresh.sort(order);
    if (sorted.length < pages.count) sorted = growColumn(sorted, Math.max(2 * from, pages.count));
    // The last one first: what lies between two of them is not compared, and moves up once.
    let moved = from;
    for (let i = fresh.length - 1; i >= 0; i--) {
      const page = fresh[i];
      const place = rank(pages.processOf[page], pages.pageNumber[page], moved);
      if (place < moved) sorted.copyWithin(place + i + 1, place, moved);
      sorted[place + i] = page;
      moved = place;
    }
    sortedCount = pages.count;
  };
  const order = (a: number, b: number): number =>
    pages.processOf[a] - pages.processOf[b] || pages.pageNumber[a] - pages.pageNumber[b];
  /** How many of the first `count` sorted pages come before this address. */
  const rank = (process: number, pageNumber: number, count: number): number => {
    let low = 0;
    let high = count;
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
      const place = rank(process, pageNumber, sortedCount);
      if (place === sortedCount) return undefined;
      const page = sorted[place];
      return pages.processOf[page] === process && pages.pageNumber[page] === pageNumber
        ? page
        : undefined;
    },
    inRange(process: number, from: number, to: number) {
      refresh();
      return sorted.subarray(rank(process, from, sortedCount), rank(process, to, sortedCount));
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
