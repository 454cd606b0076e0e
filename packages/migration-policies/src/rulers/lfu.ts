import type { MigrationPolicy } from '@tierlab/policy';
import { exclusiveTiering } from '../cache/exclusive.ts';
import type { Replacement } from '../cache/exclusive.ts';
import { widen } from '../cache/page-list.ts';

/**
 * The page with the fewest accesses since it came leaves; of those with equally many, the one not
 * used for the longest time. Counts start again when a page comes back.
 */
export const lfu: MigrationPolicy = exclusiveTiering({
  name: 'lfu',
  doc: 'The fastest tier as a cache: the page with the fewest accesses since it came leaves.',
  create: createLfu,
});

/**
 * A heap of pages by (count, last use) as they were when the heap last looked. Both only grow, so
 * a hit touches no heap: a victim is right once the root's key is up to date.
 */
function createLfu(capacity: number): Replacement {
  let count = new Uint32Array(1024);
  let lastUse = new Float64Array(1024);
  let heap = new Uint32Array(1024);
  let keyCount = new Uint32Array(1024);
  let keyUse = new Float64Array(1024);
  let size = 0;
  let now = 0;

  const before = (a: number, b: number): boolean =>
    keyCount[a] < keyCount[b] || (keyCount[a] === keyCount[b] && keyUse[a] < keyUse[b]);
  const swap = (a: number, b: number): void => {
    const page = heap[a];
    const pageCount = keyCount[a];
    const use = keyUse[a];
    heap[a] = heap[b];
    keyCount[a] = keyCount[b];
    keyUse[a] = keyUse[b];
    heap[b] = page;
    keyCount[b] = pageCount;
    keyUse[b] = use;
  };
  const sink = (): void => {
    for (let parent = 0; ;) {
      let child = 2 * parent + 1;
      if (child >= size) return;
      if (child + 1 < size && before(child + 1, child)) child++;
      if (!before(child, parent)) return;
      swap(child, parent);
      parent = child;
    }
  };
  const evict = (): number => {
    for (;;) {
      const page = heap[0];
      if (keyCount[0] === count[page] && keyUse[0] === lastUse[page]) {
        swap(0, --size);
        sink();
        count[page] = 0;
        return page;
      }
      keyCount[0] = count[page];
      keyUse[0] = lastUse[page];
      sink();
    }
  };
  return {
    hits(page, from, to) {
      let i = from;
      for (; i < to; i++) {
        const p = page[i];
        if (p >= count.length || count[p] === 0) break;
        count[p]++;
        lastUse[p] = ++now;
      }
      return i;
    },
    admit(page) {
      if (page >= count.length) {
        const length = Math.max(page + 1, count.length * 2);
        count = widen(count, new Uint32Array(length));
        lastUse = widen(lastUse, new Float64Array(length));
      }
      if (size === heap.length) {
        heap = widen(heap, new Uint32Array(2 * size));
        keyCount = widen(keyCount, new Uint32Array(2 * size));
        keyUse = widen(keyUse, new Float64Array(2 * size));
      }
      const victim = size < capacity ? -1 : evict();
      count[page] = 1;
      lastUse[page] = ++now;
      heap[size] = page;
      keyCount[size] = 1;
      keyUse[size] = now;
      for (let child = size++; child > 0 && before(child, (child - 1) >> 1);) {
        swap(child, (child - 1) >> 1);
        child = (child - 1) >> 1;
      }
      return victim;
    },
  };
}
