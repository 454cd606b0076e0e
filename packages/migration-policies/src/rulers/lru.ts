import type { MigrationPolicy } from '@tierlab/policy';
import { exclusiveTiering } from '../cache/exclusive.ts';
import type { Replacement } from '../cache/exclusive.ts';
import { createPageLists } from '../cache/page-list.ts';

/** The page that was not used for the longest time leaves. */
export const lru: MigrationPolicy = exclusiveTiering({
  name: 'lru',
  doc: 'The fastest tier as a cache: the least recently used page leaves.',
  create: createLru,
});

function createLru(capacity: number): Replacement {
  const lists = createPageLists(1);
  return {
    hits(page, from, to) {
      let i = from;
      for (; i < to && lists.listOf(page[i]) === 1; i++) lists.moveToHead(1, page[i]);
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
