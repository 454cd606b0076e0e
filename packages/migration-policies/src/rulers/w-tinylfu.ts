import type { MigrationPolicy } from '@tierlab/policy';
import { exclusiveTiering } from '../cache/exclusive.ts';
import type { Replacement } from '../cache/exclusive.ts';
import { createPageLists } from '../cache/page-list.ts';

const WINDOW = 1;
const PROBATION = 2;
const PROTECTED = 3;

/**
 * Newcomers pass a small LRU window (1 %); what leaves it enters the main cache only if a sketch has
 * seen it more often than the page it would displace. The main cache is a segmented LRU, 20 % on
 * probation and 80 % protected.
 *
 * Source: Einziger, Friedman, Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM TOS
 * 2017; the sketch is halved every 32 times the main size requests, as libCacheSim does.
 */
export const wTinyLfu: MigrationPolicy = exclusiveTiering({
  name: 'w-tinylfu',
  doc: 'The fastest tier as a cache: W-TinyLFU, where a newcomer must have been seen more often than the page it displaces.',
  create: createWTinyLfu,
});

function createWTinyLfu(capacity: number): Replacement {
  const lists = createPageLists(3);
  const windowMax = Math.max(1, Math.floor(capacity / 100));
  const mainMax = capacity - windowMax;
  const protectedMax = Math.floor(mainMax * 0.8);
  const sketch = createSketch(capacity, 32 * Math.max(1, mainMax));
  /** Makes room in the main cache for `page`, which left the window; returns who leaves the cache. */
  const enterMain = (page: number): number => {
    if (lists.size(PROBATION) + lists.size(PROTECTED) < mainMax) {
      lists.pushHead(PROBATION, page);
      return -1;
    }
    const victim = lists.tail(lists.size(PROBATION) > 0 ? PROBATION : PROTECTED);
    if (victim < 0 || sketch.estimate(page) <= sketch.estimate(victim)) return page;
    lists.remove(victim);
    lists.pushHead(PROBATION, page);
    return victim;
  };
  const protect = (page: number): void => {
    if (protectedMax === 0) return lists.moveToHead(PROBATION, page);
    lists.moveToHead(PROTECTED, page);
    if (lists.size(PROTECTED) > protectedMax) {
      lists.moveToHead(PROBATION, lists.tail(PROTECTED));
    }
  };
  return {
    hits(page, from, to) {
      let i = from;
      for (; i < to; i++) {
        const list = lists.listOf(page[i]);
        if (list === 0) break;
        sketch.add(page[i]);
        if (list === PROBATION) protect(page[i]);
        else lists.moveToHead(list, page[i]);
      }
      return i;
    },
    admit(page) {
      sketch.add(page);
      lists.pushHead(WINDOW, page);
      if (lists.size(WINDOW) <= windowMax) return -1;
      const leaver = lists.tail(WINDOW);
      lists.remove(leaver);
      return enterMain(leaver);
    },
  };
}

interface Sketch {
  readonly add: (page: number) => void;
  readonly estimate: (page: number) => number;
}

const SKETCH_ROWS = 4;
/** Counters of a row at most: with more entries than that, they share them. */
const SKETCH_WIDTH_MAX = 2 ** 22;
const SKETCH_MAX = 15;

/** A count-min sketch of 4-bit counts that is halved every `period` additions. */
function createSketch(entries: number, period: number): Sketch {
  const width = 2 ** Math.ceil(Math.log2(Math.min(Math.max(16, entries), SKETCH_WIDTH_MAX)));
  const rows = Array.from({ length: SKETCH_ROWS }, () => new Uint8Array(width));
  let added = 0;
  const slot = (page: number, row: number): number => {
    const mixed = Math.imul(page + 1, [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f][row]);
    return ((mixed ^ (mixed >>> 15)) >>> 0) & (width - 1);
  };
  return {
    add(page) {
      for (let row = 0; row < SKETCH_ROWS; row++) {
        const at = slot(page, row);
        if (rows[row][at] < SKETCH_MAX) rows[row][at]++;
      }
      if (++added < period) return;
      added = 0;
      for (const row of rows) for (let i = 0; i < width; i++) row[i] >>= 1;
    },
    estimate(page) {
      let least = SKETCH_MAX;
      for (let row = 0; row < SKETCH_ROWS; row++) {
        least = Math.min(least, rows[row][slot(page, row)]);
      }
      return least;
    },
  };
}
