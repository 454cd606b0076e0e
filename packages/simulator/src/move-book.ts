import type { MoveOutcome } from '@tierlab/core';
import { dateSteps } from './move-judge.ts';

/** Judges moves where it is known how often a page was accessed before each. */
export interface MoveBook {
  /** `accessed` is how often the page was accessed until now; see `MoveJudge.enter` for the others. */
  judge(page: number, timeNs: number, due: number, accessed: number): void;
  /** What the moves came to, where pages were accessed so often in all. */
  outcome(accessedOf: (page: number) => number): MoveOutcome;
}

/** Numbers of an entry: the page plus 1; at how many accesses its promotion has paid; the step in which it last moved plus 1, negative for a demotion. */
const ENTRY = 3;
const PAID_AT = 1;
const MOVED = 2;

/** A book of no moves. It grows with the pages that moved, not with those that there are. */
export function createMoveBook(pingPongWindowNs: number): MoveBook {
  const steps = dateSteps(pingPongWindowNs);
  let capacity = 64;
  let entries = new Float64Array(ENTRY * capacity);
  let pages = 0;
  let promotedThenDemotedPages = 0;
  let demotedThenPromotedPages = 0;
  let wastedPromotionPages = 0;

  const grow = (): void => {
    const old = entries;
    capacity *= 2;
    entries = new Float64Array(ENTRY * capacity);
    for (let at = 0; at < old.length; at += ENTRY) {
      if (old[at] === 0) continue;
      const to = entryOf(entries, capacity, old[at]);
      for (let field = 0; field < ENTRY; field++) entries[to + field] = old[at + field];
    }
  };

  return {
    judge(page, timeNs, due, accessed) {
      let at = entryOf(entries, capacity, page + 1);
      if (entries[at] === 0) {
        if (4 * ++pages > 3 * capacity) {
          grow();
          at = entryOf(entries, capacity, page + 1);
        }
        entries[at] = page + 1;
        entries[at + PAID_AT] = -Infinity;
      }
      const promoted = due >= 0;
      const date = Math.floor(timeNs * steps.stepsPerNs) + 1;
      const last = entries[at + MOVED];
      if (last !== 0 && promoted === last < 0 && date - Math.abs(last) <= steps.window) {
        if (promoted) demotedThenPromotedPages++;
        else promotedThenDemotedPages++;
      }
      if (!promoted && entries[at + PAID_AT] > accessed) wastedPromotionPages++;
      entries[at + PAID_AT] = due > 0 ? accessed + due : -Infinity;
      entries[at + MOVED] = promoted ? date : -date;
    },
    outcome(accessedOf) {
      let unpaidPromotionPages = 0;
      for (let at = 0; at < entries.length; at += ENTRY) {
        if (entries[at] === 0 || entries[at + PAID_AT] === -Infinity) continue;
        if (entries[at + PAID_AT] > accessedOf(entries[at] - 1)) unpaidPromotionPages++;
      }
      return {
        promotedThenDemotedPages,
        demotedThenPromotedPages,
        wastedPromotionPages,
        unpaidPromotionPages,
      };
    },
  };
}

/** Where the entry with this key is, or goes: from where a multiplication scatters it to, the first one that is free or its own. `capacity` is a power of two. */
function entryOf(entries: Float64Array, capacity: number, key: number): number {
  // 2^32 over the golden ratio. Source: Knuth, The Art of Computer Programming, volume 3, 6.4.
  let slot = Math.imul(key, 0x9e3779b1) >>> (Math.clz32(capacity) + 1);
  for (;;) {
    const held = entries[ENTRY * slot];
    if (held === 0 || held === key) return ENTRY * slot;
    slot = (slot + 1) & (capacity - 1);
  }
}
