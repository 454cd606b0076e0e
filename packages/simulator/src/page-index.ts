import type { PageIndex } from '@tierlab/policy';
import { folioHead, folioPages } from './pages.ts';
import type { PageTable } from './pages.ts';

/** The pages of a run as policies see them; what is sorted by address is sorted when it is asked for. */
export function createPageIndex(pages: PageTable, processCount: number): PageIndex {
  /** Page ids by process, then page number. */
  let sorted = new Uint32Array(0);
  const refresh = (): void => {
    const from = sorted.length;
    if (from === pages.count) return;
    const fresh = Uint32Array.from({ length: pages.count - from }, (_, i) => from + i).sort(order);
    const merged = new Uint32Array(pages.count);
    let a = 0;
    let b = 0;
    for (let i = 0; i < merged.length; i++) {
      const old = b === fresh.length || (a < from && order(sorted[a], fresh[b]) < 0);
      merged[i] = old ? sorted[a++] : fresh[b++];
    }
    sorted = merged;
  };
  const order = (a: number, b: number): number =>
    pages.processOf[a] - pages.processOf[b] || pages.pageNumber[a] - pages.pageNumber[b];
  /** How many pages come before this address. */
  const rank = (process: number, pageNumber: number): number => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const page = sorted[middle];
      const earlier = pages.processOf[page] - process || pages.pageNumber[page] - pageNumber;
      if (earlier < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    get pageCount() {
      return pages.count;
    },
    get nodeOf() {
      return pages.nodeOf;
    },
    get pageNumber() {
      return pages.pageNumber;
    },
    get processOf() {
      return pages.processOf;
    },
    folioPages: (page) => folioPages(pages, page),
    folioHead: (page) => folioHead(pages, page),
    at(process, pageNumber) {
      refresh();
      const page = sorted[rank(process, pageNumber)] as number | undefined;
      if (page === undefined || pages.processOf[page] !== process) return undefined;
      return pages.pageNumber[page] === pageNumber ? page : undefined;
    },
    inRange(process, from, to) {
      refresh();
      return sorted.subarray(rank(process, from), rank(process, to));
    },
    processCount,
  };
}
