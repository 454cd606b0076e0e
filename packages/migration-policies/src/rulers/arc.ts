import type { MigrationPolicy } from '@tierlab/policy';
import { exclusiveTiering } from '../cache/exclusive.ts';
import type { Replacement } from '../cache/exclusive.ts';
import { createPageLists } from '../cache/page-list.ts';

const T1 = 1;
const T2 = 2;
const B1 = 3;
const B2 = 4;

/**
 * One list of pages seen once and one of pages seen again, whose shares follow the misses on what
 * each of them gave up last.
 *
 * Source: Megiddo, Modha, "ARC: A Self-Tuning, Low Overhead Replacement Cache", FAST 2003, figure 4.
 */
export const arc: MigrationPolicy = exclusiveTiering({
  name: 'arc',
  doc: 'The fastest tier as a cache: ARC, recency and frequency balanced by what each evicted too soon.',
  create: createArc,
});

function createArc(capacity: number): Replacement {
  const lists = createPageLists(4);
  /** Wanted size of T1. */
  let target = 0;
  const evict = (from: number, ghosts: number): number => {
    const victim = lists.tail(from);
    lists.remove(victim);
    if (ghosts !== 0) lists.pushHead(ghosts, victim);
    return victim;
  };
  const replace = (inB2: boolean): number => {
    const once = lists.size(T1);
    const fromOnce = once > 0 && (once > target || (inB2 && once === target));
    return fromOnce ? evict(T1, B1) : evict(T2, B2);
  };
  const forget = (ghosts: number): void => lists.remove(lists.tail(ghosts));
  const admitNew = (): number => {
    const once = lists.size(T1) + lists.size(B1);
    const all = once + lists.size(T2) + lists.size(B2);
    if (once === capacity) {
      if (lists.size(T1) === capacity) return evict(T1, 0);
      forget(B1);
      return replace(false);
    }
    if (all < capacity) return -1;
    if (all === 2 * capacity) forget(B2);
    return replace(false);
  };
  return {
    hits(page, from, to) {
      let i = from;
      for (; i < to; i++) {
        const list = lists.listOf(page[i]);
        if (list !== T1 && list !== T2) break;
        lists.moveToHead(T2, page[i]);
      }
      return i;
    },
    admit(page) {
      const list = lists.listOf(page);
      let victim: number;
      if (list === B1) {
        target = Math.min(capacity, target + Math.max(1, lists.size(B2) / lists.size(B1)));
        victim = replace(false);
      } else if (list === B2) {
        target = Math.max(0, target - Math.max(1, lists.size(B1) / lists.size(B2)));
        victim = replace(true);
      } else victim = admitNew();
      if (list !== 0) lists.remove(page);
      lists.pushHead(list === 0 ? T1 : T2, page);
      return victim;
    },
  };
}
