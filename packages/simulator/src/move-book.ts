import type { MoveOutcome } from '@tierlab/core';
import { dateSteps } from './move-judge.ts';
import type { Swaps } from './move-judge.ts';

/** Judges moves where it is known how often a page was accessed before each. */
export interface MoveBook {
  /** `accessed` is how often the page was accessed until now; see `MoveJudge.enter` for the others. */
  judge(page: number, timeNs: number, due: number, accessed: number): void;
  /** The same of pairs of pages; see `MoveJudge.enterSwaps`. */
  judgeSwaps(swaps: Swaps, timeNs: number, due: number, dueBack: number, counts: Accessed): void;
  /** What the moves came to, where pages were accessed so often in all. */
  outcome(accessedOf: (page: number) => number): MoveOutcome;
}

/** How often pages were accessed: before the running epoch, and in it where that is counted. */
export interface Accessed {
  readonly tally: Readonly<Uint32Array>;
  readonly accesses: Readonly<Uint32Array> | undefined;
}

/** Numbers of an entry: the page plus 1; at how many accesses its promotion has paid; the step in which it last moved plus 1, negative for a demotion. */
const ENTRY = 3;
const PAID_AT = 1;
const MOVED = 2;

/** Pairs that are judged at once. */
const BATCH = 64;

/** What the moves came to until now. */
interface Sums {
  promotedThenDemoted: number;
  demotedThenPromoted: number;
  wasted: number;
}

/** A book of no moves. It grows with the pages that moved, not with those that there are. */
export function createMoveBook(pingPongWindowNs: number): MoveBook {
  const { stepsPerNs, window } = dateSteps(pingPongWindowNs);
  const sums: Sums = { promotedThenDemoted: 0, demotedThenPromoted: 0, wasted: 0 };
  let capacity = 64;
  let entries = new Float64Array(ENTRY * capacity);
  let pages = 0;
  /** Accesses of the pages of a batch. */
  const accessed = new Uint32Array(BATCH);
  const otherAccessed = new Uint32Array(BATCH);

  /** Makes room for this many pages more. */
  const reserve = (more: number): void => {
    let wanted = capacity;
    while (4 * (pages + more) > 3 * wanted) wanted *= 2;
    if (wanted === capacity) return;
    const old = entries;
    capacity = wanted;
    entries = new Float64Array(ENTRY * capacity);
    for (let at = 0; at < old.length; at += ENTRY) {
      if (old[at] === 0) continue;
      const to = entryOf(entries, capacity, old[at]);
      for (let field = 0; field < ENTRY; field++) entries[to + field] = old[at + field];
    }
  };

  /** At most so many of these pages have no entry. */
  const missing = (moved: ArrayLike<number>, from: number, to: number): number => {
    let count = 0;
    for (let i = from; i < to; i++) {
      if (entries[ENTRY * homeOf(moved[i] + 1, capacity)] !== moved[i] + 1) count++;
    }
    return count;
  };

  const record = (page: number, due: number, date: number, count: number): void => {
    const at = entryOf(entries, capacity, page + 1);
    if (entries[at] === 0) pages++;
    enter(entries, at, page, due, date, window, count, sums);
  };

  const dateOf = (timeNs: number): number => Math.floor(timeNs * stepsPerNs) + 1;

  return {
    judge(page, timeNs, due, accesses) {
      reserve(1);
      record(page, due, dateOf(timeNs), accesses);
    },
    judgeSwaps({ pages: firsts, others, from, to }, timeNs, due, dueBack, { tally, accesses }) {
      const date = dateOf(timeNs);
      for (let start = from; start < to; start += BATCH) {
        const end = Math.min(to, start + BATCH);
        // One column at a time, so that a load need not wait for the one before.
        copyAccessed(firsts, start, end, tally, accesses, accessed);
        copyAccessed(others, start, end, tally, accesses, otherAccessed);
        reserve(missing(firsts, start, end) + missing(others, start, end));
        for (let i = start; i < end; i++) {
          record(firsts[i], due, date, accessed[i - start]);
          record(others[i], dueBack, date, otherAccessed[i - start]);
        }
      }
    },
    outcome(accessedOf) {
      let unpaidPromotionPages = 0;
      for (let at = 0; at < entries.length; at += ENTRY) {
        if (entries[at] === 0 || entries[at + PAID_AT] === -Infinity) continue;
        if (entries[at + PAID_AT] > accessedOf(entries[at] - 1)) unpaidPromotionPages++;
      }
      return {
        promotedThenDemotedPages: sums.promotedThenDemoted,
        demotedThenPromotedPages: sums.demotedThenPromoted,
        wastedPromotionPages: sums.wasted,
        unpaidPromotionPages,
      };
    },
  };
}

/** Stores how often each of these pages was accessed, from the start of `into` on. */
function copyAccessed(
  pages: ArrayLike<number>,
  from: number,
  to: number,
  tally: Readonly<Uint32Array>,
  accesses: Readonly<Uint32Array> | undefined,
  into: Uint32Array,
): void {
  for (let i = from; i < to; i++) into[i - from] = tally[pages[i]];
  if (accesses === undefined) return;
  for (let i = from; i < to; i++) into[i - from] += accesses[pages[i]];
}

/** Enters a move of `page` in its entry, which starts at `at` and is all 0 if there was none. */
function enter(
  entries: Float64Array,
  at: number,
  page: number,
  due: number,
  date: number,
  window: number,
  accessed: number,
  sums: Sums,
): void {
  const promoted = due >= 0;
  if (entries[at] === 0) {
    entries[at] = page + 1;
  } else {
    const last = entries[at + MOVED];
    if (promoted === last < 0 && date - Math.abs(last) <= window) {
      if (promoted) sums.demotedThenPromoted++;
      else sums.promotedThenDemoted++;
    }
    if (!promoted && entries[at + PAID_AT] > accessed) sums.wasted++;
  }
  entries[at + PAID_AT] = due > 0 ? accessed + due : -Infinity;
  entries[at + MOVED] = promoted ? date : -date;
}

/** Where the entry with this key is, or goes: from its home on, the first one that is free or its own. `capacity` is a power of two. */
function entryOf(entries: Float64Array, capacity: number, key: number): number {
  let slot = homeOf(key, capacity);
  for (;;) {
    const held = entries[ENTRY * slot];
    if (held === 0 || held === key) return ENTRY * slot;
    slot = (slot + 1) & (capacity - 1);
  }
}

/** Where a multiplication scatters a key to. */
function homeOf(key: number, capacity: number): number {
  // 2^32 over the golden ratio. Source: Knuth, The Art of Computer Programming, volume 3, 6.4.
  return Math.imul(key, 0x9e3779b1) >>> (Math.clz32(capacity) + 1);
}
