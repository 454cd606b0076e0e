// The pages that leave a cache next. They are looked up when a group of accesses has been taken as uses, so it is asked
// whether one of them is used in the group: what a use leaves in its page's standing tells that it may be.
import {
  GENERATION,
  leaveBefore,
  listed,
  listedAs,
  listedInRow,
  pageAt,
  skipStale,
  start,
} from './cache-log';
import { ARRIVAL, goOn, hand, RECENCY, SECOND_CHANCE, size } from './cache-order';
import { REFERENCED } from './cache-standing';
import { AHEAD_BUFFERS, pageColumn, residentColumn, standingColumn } from './state';

/** Pages that are looked at, at most. */
const AHEAD: u32 = 256;
/** By page that was looked at: its number, and its standing. */
const PAGES: usize = AHEAD_BUFFERS;
const STANDINGS: usize = PAGES + 4 * AHEAD;
/** By page that leaves: in order of recency its last use, else which of those looked at it is. */
const LEAVING: usize = STANDINGS + 4 * AHEAD;

/** How many pages were looked at, and how many of them can leave. */
let lookedAt: u32 = 0;
export let canLeave: u32 = 0;

/**
 * Finds the next `count` pages that leave, or fewer: at most 64. `before` has the standings before the `length` accesses
 * from `from` on, which were taken as uses that have `stamp` in their low bits; false: one of them may be to a page that
 * leaves.
 */
// @ts-ignore: decorator
@inline
export function lookAhead(order: i32, count: u32, from: i32, length: u32, before: usize, stamp: u32): bool {
  lookedAt = 0;
  canLeave = 0;
  if (count == 0) return true;
  if (order != RECENCY) return lookAlongSlots(order, count, from, length, stamp);
  return lookAlongLog(count, from, length, before);
}

/** The page that is the `k`th to leave, and its standing. */
// @ts-ignore: decorator
@inline
export function leavingPage(order: i32, k: u32): u32 {
  return load<u32>(PAGES + (<usize>indexOf(order, k) << 2));
}

// @ts-ignore: decorator
@inline
export function leavingStanding(order: i32, k: u32): u32 {
  return load<u32>(STANDINGS + (<usize>indexOf(order, k) << 2));
}

/** The slot of the page that is the `k`th to leave, where pages have slots. */
// @ts-ignore: decorator
@inline
export function leavingSlot(order: i32, k: u32): u32 {
  const slot = hand + indexOf(order, k);
  return slot < size ? slot : slot - size;
}

/** The standings of pages that leave in their order, where no page gets a second chance. */
// @ts-ignore: decorator
@inline
export function leavingStandings(): usize {
  return STANDINGS;
}

/** The first `count` that can leave have left, and those before them had their second chance. */
// @ts-ignore: decorator
@inline
export function leave(order: i32, count: u32): void {
  if (count == 0) return;
  const passed: u32 = indexOf(order, count - 1) + 1;
  if (order == SECOND_CHANCE) passBy(passed);
  if (order != RECENCY) goOn(passed);
  else leaveBefore(load<u32>(LEAVING + (<usize>(count - 1) << 2)) + 1);
}

/** Those of the first `passed` looked at that were used are no longer known to have been; the others have left. */
// @ts-ignore: decorator
@inline
function passBy(passed: u32): void {
  const standings = standingColumn();
  for (let x: u32 = 0; x < passed; x++) {
    const at = standings + (<usize>load<u32>(PAGES + (<usize>x << 2)) << 2);
    const standing = load<u32>(STANDINGS + (<usize>x << 2));
    const isUsed = (standing & REFERENCED) != 0;
    store<u32>(at, select(standing & ~REFERENCED, load<u32>(at), isUsed));
  }
}

/** Which of the pages that were looked at leaves as `k`th. */
// @ts-ignore: decorator
@inline
export function indexOf(order: i32, k: u32): u32 {
  return order == RECENCY || order == ARRIVAL ? k : load<u32>(LEAVING + (<usize>k << 2));
}

// @ts-ignore: decorator
@inline
function lookAlongLog(count: u32, from: i32, length: u32, before: usize): bool {
  const standings = standingColumn();
  let suspects: u64 = 0;
  let found: u32 = 0;
  let use = skipStale(start);
  while (found < count && use != listed) {
    const low = listedAs(use);
    suspects |= usedBefore(before, low);
    const first = pageAt(use) - (<usize>use << 2);
    const stop = use + listedInRow(use);
    for (; use != stop && found < count; use++) {
      const page = load<u32>(first + (<usize>use << 2));
      const standing = load<u32>(standings + (<usize>page << 2));
      store<u32>(PAGES + (<usize>found << 2), page);
      store<u32>(STANDINGS + (<usize>found << 2), standing);
      store<u32>(LEAVING + (<usize>found << 2), use);
      found += <u32>((standing & GENERATION) == low);
    }
    if (found < count) use = skipStale(use);
  }
  lookedAt = found;
  canLeave = found;
  suspects &= length == 64 ? <u64>-1 : (<u64>1 << <u64>length) - 1;
  for (; suspects != 0; suspects &= suspects - 1) {
    const page = load<u32>(pageColumn() + (<usize>(from + <i32>ctz(suspects)) << 2));
    if (isBetween(page, start, use)) return false;
  }
  return true;
}

/** The accesses of a group whose pages had these low bits of their standings before. */
// @ts-ignore: decorator
@inline
function usedBefore(before: usize, low: u32): u64 {
  const lows = i32x4.splat(GENERATION);
  const wanted = i32x4.splat(low);
  let bits: u64 = 0;
  for (let k: usize = 0; k < 64; k += 8) {
    const at = before + (k << 2);
    const isFirst = i32x4.eq(v128.and(v128.load(at), lows), wanted);
    const isSecond = i32x4.eq(v128.and(v128.load(at, 16), lows), wanted);
    bits |= <u64>i16x8.bitmask(i16x8.narrow_i32x4_s(isFirst, isSecond)) << <u64>k;
  }
  return bits;
}

/** Whether a page has a use in the log between two. */
function isBetween(page: u32, from: u32, to: u32): bool {
  for (let use = from; use != to; use++) {
    if (load<u32>(pageAt(use)) == page) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function lookAlongSlots(order: i32, count: u32, from: i32, length: u32, stamp: u32): bool {
  const standings = standingColumn();
  const residents = residentColumn();
  const slots = size;
  const most = min(slots, AHEAD);
  let suspects: u32 = 0;
  let found: u32 = 0;
  let slot = hand;
  let looked: u32 = 0;
  for (; found < count && looked < most; looked++) {
    const page = load<u32>(residents + (<usize>slot << 2));
    const standing = load<u32>(standings + (<usize>page << 2));
    store<u32>(PAGES + (<usize>looked << 2), page);
    store<u32>(STANDINGS + (<usize>looked << 2), standing);
    suspects |= <u32>(((standing ^ stamp) & (GENERATION ^ REFERENCED)) == 0);
    if (order == ARRIVAL) {
      found++;
    } else {
      store<u32>(LEAVING + (<usize>found << 2), looked);
      found += <u32>((standing & REFERENCED) == 0);
    }
    slot = slot + 1 == slots ? 0 : slot + 1;
  }
  lookedAt = looked;
  canLeave = found;
  return suspects == 0 || !isAnyUsed(from, length, stamp);
}

/** Whether one of the accesses is to a page that was looked at. */
function isAnyUsed(from: i32, length: u32, stamp: u32): bool {
  const first = pageColumn() + (<usize>from << 2);
  for (let x: u32 = 0; x < lookedAt; x++) {
    const standing = load<u32>(STANDINGS + (<usize>x << 2));
    if (((standing ^ stamp) & (GENERATION ^ REFERENCED)) != 0) continue;
    const page = i32x4.splat(load<u32>(PAGES + (<usize>x << 2)));
    // What is compared beyond the group ends it too early at worst.
    for (let at: usize = 0; at < <usize>length << 2; at += 16) {
      if (v128.any_true(i32x4.eq(v128.load(first + at), page))) return true;
    }
  }
  return false;
}
