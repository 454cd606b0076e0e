import type { MigrationPolicy } from '@tierlab/policy';
import { exclusiveTiering } from '../cache/exclusive.ts';
import type { Replacement } from '../cache/exclusive.ts';
import { createPageLists } from '../cache/page-list.ts';
import { createPageBits } from '../cache/page-bits.ts';

/**
 * A page that was referenced since the hand last came by stays for another round.
 *
 * Source: F. J. Corbató, "A Paging Experiment with the Multics System", 1968; one reference bit.
 */
export const clock: MigrationPolicy = exclusiveTiering({
  name: 'clock',
  doc: 'The fastest tier as a cache: a hand goes round, clears reference bits and takes the first page without one.',
  create: createClock,
});

function createClock(capacity: number): Replacement {
  const lists = createPageLists(1);
  const referenced = createPageBits();
  return {
    hits(page, from, to) {
      let i = from;
      for (; i < to && lists.listOf(page[i]) === 1; i++) referenced.set(page[i]);
      return i;
    },
    admit(page) {
      let victim = -1;
      if (lists.size(1) >= capacity) {
        victim = lists.tail(1);
        // A page passed over goes to the head: the round starts behind the hand.
        while (referenced.take(victim)) {
          lists.moveToHead(1, victim);
          victim = lists.tail(1);
        }
        lists.remove(victim);
      }
      lists.pushHead(1, page);
      return victim;
    },
  };
}
