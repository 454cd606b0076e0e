import type { MigrationPolicy } from '@tierlab/policy';
import { exclusiveTiering } from '../cache/exclusive.ts';
import type { Replacement } from '../cache/exclusive.ts';
import { createPageBits } from '../cache/page-bits.ts';
import { createPageLists } from '../cache/page-list.ts';

/**
 * A queue in order of arrival and a hand that walks from its tail to its head: visited pages lose
 * their mark and stay where they are, the first one without a mark leaves.
 *
 * Source: Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024, algorithm 1.
 */
export const sieve: MigrationPolicy = exclusiveTiering({
  name: 'sieve',
  doc: 'The fastest tier as a cache: a hand walks the queue of arrivals and takes the first page not visited since it last came by.',
  create: createSieve,
});

function createSieve(capacity: number): Replacement {
  const lists = createPageLists(1);
  const visited = createPageBits();
  let hand = -1;
  return {
    hits(page, from, to) {
      let i = from;
      for (; i < to && lists.listOf(page[i]) === 1; i++) visited.set(page[i]);
      return i;
    },
    admit(page) {
      let victim = -1;
      if (lists.size(1) >= capacity) {
        victim = hand >= 0 ? hand : lists.tail(1);
        while (visited.take(victim)) {
          const next = lists.towardsHead(victim);
          victim = next >= 0 ? next : lists.tail(1);
        }
        hand = lists.towardsHead(victim);
        lists.remove(victim);
      }
      lists.pushHead(1, page);
      visited.put(page, 0);
      return victim;
    },
  };
}
