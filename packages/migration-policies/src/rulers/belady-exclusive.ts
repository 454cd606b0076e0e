import { defineMigrationPolicy } from '@tierlab/policy';
import type { MigrationPolicy, NodeId } from '@tierlab/policy';
import { widen } from '../cache/page-list.ts';
import { fillablePages, roomiest } from '../placement/tier-capacity.ts';

/**
 * Belady's MIN with bypass: after an access served elsewhere, the page changes places with the page
 * of the fastest tier that is used again last, unless that is sooner than its own next use. No
 * placement serves more accesses from the fastest tier; the moves are charged, not weighed.
 *
 * Source: L. A. Belady, "A Study of Replacement Algorithms for a Virtual-Storage Computer",
 * IBM Systems Journal 5 (2), 1966.
 */
export const beladyExclusive: MigrationPolicy = defineMigrationPolicy({
  name: 'belady-exclusive',
  doc: "Belady's MIN with bypass: no placement serves more accesses from the fastest tier; each exchange is charged.",
  signals: ['accessStream', 'nextUse', 'allocation'],
  create({ memory, moves, pages }) {
    const [top, ...others] = memory.tiers;
    const capacity = Math.max(1, fillablePages(memory, top));
    const resident = createFarthest();
    return {
      allocate: () => top,
      block({ page, nextUse, length, replayThrough }) {
        if (others.length === 0) return;
        for (let i = 0; i < length; i++) {
          const p = page[i];
          if (resident.update(p, nextUse[i])) continue;
          if (resident.size() < capacity) {
            resident.add(p, nextUse[i]);
            if (p < pages.pageCount && top.includes(pages.nodeOf[p] as NodeId)) continue;
            replayThrough(i);
            if (!top.includes(pages.nodeOf[p] as NodeId)) moves.request(p, roomiest(memory, top));
          } else if (resident.farthestUse() > nextUse[i]) {
            const victim = resident.takeFarthest();
            resident.add(p, nextUse[i]);
            replayThrough(i);
            moves.exchange(p, victim);
          }
        }
      },
    };
  },
});

interface Farthest {
  /** Notes the next use of a resident page; false if it is not resident. */
  readonly update: (page: number, nextUse: number) => boolean;
  readonly add: (page: number, nextUse: number) => void;
  readonly size: () => number;
  readonly farthestUse: () => number;
  readonly takeFarthest: () => number;
}

/** Pages by next use: a heap in which an entry is out of date when the page's next use is another one. */
function createFarthest(): Farthest {
  let useOf = new Float64Array(1024).fill(-1);
  let heapPage = new Uint32Array(1024);
  let heapUse = new Float64Array(1024);
  let heapSize = 0;
  let size = 0;
  const push = (page: number, use: number): void => {
    if (heapSize === heapPage.length) rebuild();
    let child = heapSize++;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (heapUse[parent] >= use) break;
      heapUse[child] = heapUse[parent];
      heapPage[child] = heapPage[parent];
      child = parent;
    }
    heapUse[child] = use;
    heapPage[child] = page;
  };
  const pop = (): void => {
    const use = heapUse[--heapSize];
    const page = heapPage[heapSize];
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= heapSize) break;
      if (child + 1 < heapSize && heapUse[child + 1] > heapUse[child]) child++;
      if (heapUse[child] <= use) break;
      heapUse[parent] = heapUse[child];
      heapPage[parent] = heapPage[child];
      parent = child;
    }
    heapUse[parent] = use;
    heapPage[parent] = page;
  };
  /** Only what is up to date stays, with room for three times as many changes. */
  const rebuild = (): void => {
    const length = Math.max(1024, 4 * size);
    heapPage = new Uint32Array(length);
    heapUse = new Float64Array(length);
    heapSize = 0;
    for (let page = 0; page < useOf.length; page++) if (useOf[page] >= 0) push(page, useOf[page]);
  };
  const settle = (): void => {
    while (useOf[heapPage[0]] !== heapUse[0]) pop();
  };
  return {
    update(page, nextUse) {
      if (page >= useOf.length || useOf[page] < 0) return false;
      useOf[page] = nextUse;
      push(page, nextUse);
      return true;
    },
    add(page, nextUse) {
      if (page >= useOf.length) {
        const from = useOf.length;
        useOf = widen(useOf, new Float64Array(Math.max(page + 1, 2 * from)).fill(-1, from));
      }
      useOf[page] = nextUse;
      size++;
      push(page, nextUse);
    },
    size: () => size,
    farthestUse() {
      settle();
      return heapUse[0];
    },
    takeFarthest() {
      settle();
      const page = heapPage[0];
      useOf[page] = -1;
      size--;
      pop();
      return page;
    },
  };
}
