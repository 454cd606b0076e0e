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

/** How often pages were accessed: the sum of both, where there are both. */
export interface Accessed {
  readonly tally: Readonly<Uint32Array>;
  readonly accesses: Readonly<Uint32Array> | undefined;
}

/** Entries by the pages that moved, scattered over a table; `capacity` is a power of two. */
interface Entries {
  readonly capacity: number;
  /** Two numbers an entry: the page plus 1, 0 where there is none; the date of its last move, negative for a demotion. */
  readonly keyed: Int32Array;
  /** In the same memory, one number an entry of 16 bytes: at how many accesses its promotion has paid. */
  readonly paidAt: Float64Array;
}

/** Pairs that are judged at once. */
const BATCH = 64;
/** The last date that an entry can hold, with its sign. */
const DATE_MAX = 2 ** 31 - 1;

/** A book of no moves. It grows with the pages that moved, not with those that there are. */
export function createMoveBook(pingPongWindowNs: number, dateMax: number = DATE_MAX): MoveBook {
  const { stepsPerNs, window } = dateSteps(pingPongWindowNs);
  let entries = createEntries(64);
  let pages = 0;
  /** The step before the first one that dates tell. */
  let dateBase = -1;
  let promotedThenDemotedPages = 0;
  let demotedThenPromotedPages = 0;
  let wastedPromotionPages = 0;
  /** Accesses of the pages of a batch. */
  const accessed = new Uint32Array(BATCH);
  const otherAccessed = new Uint32Array(BATCH);

  /** Makes room for this many pages more. */
  const reserve = (more: number): void => {
    let { capacity } = entries;
    while (4 * (pages + more) > 3 * capacity) capacity *= 2;
    if (capacity > entries.capacity) entries = enlarged(entries, capacity);
  };

  /** The date of a move now, from 1; where it would be too late, moves of long ago count as moves just outside of the window. */
  const dateOf = (timeNs: number): number => {
    const step = Math.floor(timeNs * stepsPerNs);
    if (step - dateBase > dateMax) {
      const base = step - window - 2;
      makeEarlier(entries, base - dateBase);
      dateBase = base;
    }
    return step - dateBase;
  };

  /** At most so many of these pages have no entry. */
  const missing = (moved: ArrayLike<number>, from: number, to: number): number => {
    const { keyed, capacity } = entries;
    let count = 0;
    for (let i = from; i < to; i++) {
      if (keyed[4 * homeOf(moved[i] + 1, capacity) + KEY] !== ((moved[i] + 1) | 0)) count++;
    }
    return count;
  };

  const record = (page: number, due: number, date: number, count: number): void => {
    const { keyed, paidAt, capacity } = entries;
    const entry = entryOf(keyed, capacity, page + 1);
    const at = 4 * entry;
    const promoted = due >= 0;
    if (keyed[at + KEY] === 0) {
      pages++;
      keyed[at + KEY] = page + 1;
    } else {
      const last = keyed[at + DATE];
      if (promoted === last < 0 && date - Math.abs(last) <= window) {
        if (promoted) demotedThenPromotedPages++;
        else promotedThenDemotedPages++;
      }
      if (!promoted && paidAt[2 * entry] > count) wastedPromotionPages++;
    }
    paidAt[2 * entry] = due > 0 ? count + due : -Infinity;
    keyed[at + DATE] = promoted ? date : -date;
  };

  return {
    judge(page, timeNs, due, count) {
      reserve(1);
      record(page, due, dateOf(timeNs), count);
    },
    judgeSwaps({ pages: firsts, others, from, to }, timeNs, due, dueBack, counts) {
      const date = dateOf(timeNs);
      for (let start = from; start < to; start += BATCH) {
        const end = Math.min(to, start + BATCH);
        // One column at a time, so that a load need not wait for the one before.
        copyAccessed(firsts, start, end, counts, accessed);
        copyAccessed(others, start, end, counts, otherAccessed);
        reserve(missing(firsts, start, end) + missing(others, start, end));
        for (let i = start; i < end; i++) {
          record(firsts[i], due, date, accessed[i - start]);
          record(others[i], dueBack, date, otherAccessed[i - start]);
        }
      }
    },
    outcome(accessedOf) {
      const { keyed, paidAt, capacity } = entries;
      let unpaidPromotionPages = 0;
      for (let entry = 0; entry < capacity; entry++) {
        const paid = paidAt[2 * entry];
        // Where there is no entry it is 0.
        if (paid > 0 && paid > accessedOf((keyed[4 * entry + KEY] - 1) >>> 0)) {
          unpaidPromotionPages++;
        }
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

/** Numbers of 32 bits of an entry, behind the two of `paidAt`. */
const KEY = 2;
const DATE = 3;

function createEntries(capacity: number): Entries {
  const bytes = new ArrayBuffer(16 * capacity);
  return { capacity, keyed: new Int32Array(bytes), paidAt: new Float64Array(bytes) };
}

function enlarged({ keyed, paidAt, capacity }: Entries, nextCapacity: number): Entries {
  const next = createEntries(nextCapacity);
  for (let entry = 0; entry < capacity; entry++) {
    const key = keyed[4 * entry + KEY];
    if (key === 0) continue;
    const to = entryOf(next.keyed, nextCapacity, key);
    next.keyed[4 * to + KEY] = key;
    next.keyed[4 * to + DATE] = keyed[4 * entry + DATE];
    next.paidAt[2 * to] = paidAt[2 * entry];
  }
  return next;
}

/** Makes all dates earlier by so many steps, but none earlier than 1. */
function makeEarlier({ keyed, capacity }: Entries, steps: number): void {
  for (let at = DATE; at < 4 * capacity; at += 4) {
    const date = keyed[at];
    if (date > 0) keyed[at] = Math.max(1, date - steps);
    else if (date < 0) keyed[at] = Math.min(-1, date + steps);
  }
}

/** Stores how often each of these pages was accessed, from the start of `into` on. */
function copyAccessed(
  pages: ArrayLike<number>,
  from: number,
  to: number,
  { tally, accesses }: Accessed,
  into: Uint32Array,
): void {
  for (let i = from; i < to; i++) into[i - from] = tally[pages[i]];
  if (accesses === undefined) return;
  for (let i = from; i < to; i++) into[i - from] += accesses[pages[i]];
}

/** The entry with this key, or where it goes: from its home on, the first one that is free or its own. */
function entryOf(keyed: Int32Array, capacity: number, key: number): number {
  const wanted = key | 0;
  let entry = homeOf(key, capacity);
  for (;;) {
    const held = keyed[4 * entry + KEY];
    if (held === 0 || held === wanted) return entry;
    entry = (entry + 1) & (capacity - 1);
  }
}

/** Where a multiplication scatters a key to. */
function homeOf(key: number, capacity: number): number {
  // 2^32 over the golden ratio. Source: Knuth, The Art of Computer Programming, volume 3, 6.4.
  return Math.imul(key, 0x9e3779b1) >>> (Math.clz32(capacity) + 1);
}
