import type { MigrationPolicy } from '@tierlab/policy';
import { exclusiveTiering } from '../cache/exclusive.ts';
import type { Replacement } from '../cache/exclusive.ts';
import { createPageLists } from '../cache/page-list.ts';

/** The page that came first leaves. */
export const fifo: MigrationPolicy = exclusiveTiering({
  name: 'fifo',
  doc: 'The fastest tier as a cache: the page that came first leaves.',
  create: createFifo,
});

function createFifo(capacity: number): Replacement {
  const lists = createPageLists(1);
  return {
    hits(page, from, to) {
      let i = from;
      while (i < to && lists.listOf(page[i]) === 1) i++;
      return i;
    },
    admit(page) {
      const victim = lists.size(1) < capacity ? -1 : lists.tail(1);
      if (victim >= 0) lists.remove(victim);
      lists.pushHead(1, page);
      return victim;
    },
  };
}
