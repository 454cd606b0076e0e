import type { MigrationPolicy } from '@tierlab/policy';
import { exclusiveTiering } from '../cache/exclusive.ts';
import type { Replacement } from '../cache/exclusive.ts';
import { createPageLists } from '../cache/page-list.ts';

const IN = 1;
const MAIN = 2;
const OUT = 3;

/**
 * A page that comes back after it left the queue of newcomers is kept in an LRU list.
 *
 * Source: Johnson, Shasha, "2Q: A Low Overhead High Performance Buffer Management Replacement
 * Algorithm", VLDB 1994, full version with Kin = 25 % and Kout = 50 % of the cache.
 */
export const twoQ: MigrationPolicy = exclusiveTiering({
  name: 'two-q',
  doc: 'The fastest tier as a cache: 2Q, a queue of newcomers (25 %) and an LRU list of what came back.',
  create: createTwoQ,
});

function createTwoQ(capacity: number): Replacement {
  const lists = createPageLists(3);
  const inMax = Math.max(1, Math.floor(capacity / 4));
  const outMax = Math.max(1, Math.floor(capacity / 2));
  const reclaim = (): number => {
    if (lists.size(IN) + lists.size(MAIN) < capacity) return -1;
    if (lists.size(IN) > inMax || lists.size(MAIN) === 0) {
      const victim = lists.tail(IN);
      lists.remove(victim);
      lists.pushHead(OUT, victim);
      if (lists.size(OUT) > outMax) lists.remove(lists.tail(OUT));
      return victim;
    }
    const victim = lists.tail(MAIN);
    lists.remove(victim);
    return victim;
  };
  return {
    hits(page, from, to) {
      let i = from;
      for (; i < to; i++) {
        const list = lists.listOf(page[i]);
        if (list === MAIN) lists.moveToHead(MAIN, page[i]);
        else if (list !== IN) break;
      }
      return i;
    },
    admit(page) {
      const cameBack = lists.listOf(page) === OUT;
      if (cameBack) lists.remove(page);
      const victim = reclaim();
      lists.pushHead(cameBack ? MAIN : IN, page);
      return victim;
    },
  };
}
