import type { MigrationPolicy } from '@tierlab/policy';
import { exclusiveTiering } from '../cache/exclusive.ts';
import type { Replacement } from '../cache/exclusive.ts';
import { createPageBits } from '../cache/page-bits.ts';
import { createPageLists } from '../cache/page-list.ts';

const SMALL = 1;
const MAIN = 2;
const GHOST = 3;
const FREQUENCY_MAX = 3;

/**
 * Three queues without reordering: newcomers pass a small one (10 %) and reach the main one only if
 * they were accessed more than once there, or come back soon after.
 *
 * Source: Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023, algorithm 1;
 * the frequency is cleared on the way from the small to the main queue.
 */
export const s3Fifo: MigrationPolicy = exclusiveTiering({
  name: 's3-fifo',
  doc: 'The fastest tier as a cache: S3-FIFO, a small queue (10 %) that only pages accessed again leave for the main queue.',
  create: createS3Fifo,
});

function createS3Fifo(capacity: number): Replacement {
  const lists = createPageLists(3);
  const frequency = createPageBits();
  const smallMax = Math.max(1, Math.floor(capacity / 10));
  const mainMax = Math.max(1, capacity - smallMax);
  const evictMain = (): number => {
    for (;;) {
      const page = lists.tail(MAIN);
      const seen = frequency.get(page);
      if (seen === 0) {
        lists.remove(page);
        return page;
      }
      frequency.put(page, seen - 1);
      lists.moveToHead(MAIN, page);
    }
  };
  /** The page that leaves, or -1 where every small page went to the main queue. */
  const evictSmall = (): number => {
    while (lists.size(SMALL) > 0) {
      const page = lists.tail(SMALL);
      lists.remove(page);
      if (frequency.get(page) <= 1) {
        lists.pushHead(GHOST, page);
        if (lists.size(GHOST) > mainMax) lists.remove(lists.tail(GHOST));
        return page;
      }
      frequency.put(page, 0);
      lists.pushHead(MAIN, page);
      if (lists.size(MAIN) > mainMax) return evictMain();
    }
    return -1;
  };
  const evict = (): number => {
    const victim = lists.size(SMALL) >= smallMax ? evictSmall() : -1;
    return victim >= 0 ? victim : evictMain();
  };
  return {
    hits(page, from, to) {
      let i = from;
      for (; i < to; i++) {
        const list = lists.listOf(page[i]);
        if (list !== SMALL && list !== MAIN) break;
        const seen = frequency.get(page[i]);
        if (seen < FREQUENCY_MAX) frequency.put(page[i], seen + 1);
      }
      return i;
    },
    admit(page) {
      const cameBack = lists.listOf(page) === GHOST;
      if (cameBack) lists.remove(page);
      const full = lists.size(SMALL) + lists.size(MAIN) >= capacity;
      const victim = full ? evict() : -1;
      lists.pushHead(cameBack ? MAIN : SMALL, page);
      frequency.put(page, 0);
      return victim;
    },
  };
}
