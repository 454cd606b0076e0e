// Accesses that nothing comes between, in groups so short that their counters by class fit into one register.
import { countTouched, noteServed, setFlags } from './access';
import { largestPage } from './columns';
import { mayDwell, replayDwelling } from './dwell';
import {
  accessesColumn,
  flagsColumn,
  MAP_NODE,
  MAP_PAGES,
  NO_NODE,
  nodeClasses,
  nodeOfColumn,
  PAGE_COUNT,
  pageColumn,
  SCRATCH,
  touchedColumn,
  TOUCHED_COUNT,
  writeColumn,
} from './state';

/** Accesses of a group at most: what a lane of the counters can hold. */
export const GROUP: i32 = 255;
/** Accesses among which first touches are looked for at once: so many at first, and then twice as many each time. */
const AHEAD: i32 = 128;
const AHEAD_MAX: i32 = 65536;
/** Classes that have a lane. */
export const LANES: i32 = 16;
/** The 16 bytes that start `kind` before the middle are 0 but for lane `kind`, which is 1. */
const LANE_ONE: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
/** Where fewer than one in so many accesses is the first to its page in the epoch, a processor does well not to expect it. */
const SELDOM: f64 = 32;

/**
 * Replays accesses `from` to `end` without a look at the clock, and maps at most `maps` pages; returns the first access
 * that was not replayed. What it served is for `takeServed`.
 */
// @ts-ignore: decorator
@inline
export function replayGroups(counting: bool, flagged: bool, from: i32, end: i32, maps: f64): i32 {
  const nodeOf = nodeOfColumn();
  const page = pageColumn();
  const wide = <i32>nodeClasses() > LANES;
  let seldom = false;
  let ahead = AHEAD;
  let i = from;
  while (i < end) {
    if (counting && !flagged && mayDwell()) i = replayDwelling(i, end);
    if (i == end) break;
    const stop = min(end, i + GROUP);
    const touchedBefore = counting ? load<f64>(TOUCHED_COUNT) : 0;
    let reached = i;
    if (wide) reached = replayGroup(counting, flagged, false, true, i, stop);
    else if (counting && seldom) reached = replayGroup(counting, flagged, true, false, i, stop);
    else reached = replayGroup(counting, flagged, false, false, i, stop);
    if (counting) seldom = (load<f64>(TOUCHED_COUNT) - touchedBefore) * SELDOM < <f64>(reached - i);
    i = reached;
    if (i == stop) continue;
    if (<u32>load<u8>(nodeOf + <usize>load<u32>(page + (<usize>i << 2))) != NO_NODE) break;
    // An access that stops where flags are followed must find the pages after it unmapped.
    const mapped = mapTouched(i, flagged ? i + 1 : min(end, i + ahead), maps);
    if (mapped == 0) break;
    maps -= mapped;
    ahead = min(2 * ahead, AHEAD_MAX);
  }
  return i;
}

/**
 * Maps at most `maps` pages that accesses `from` to `end` are the first touches of, as these will, and those that come
 * before them in the order of ids; returns how many.
 */
function mapTouched(from: i32, end: i32, maps: f64): f64 {
  const first = <u32>load<f64>(PAGE_COUNT);
  const limit = <u32>min(<f64>first + maps, 4294967295);
  const largest = largestPage(pageColumn() + (<usize>from << 2), end - from);
  const next = largest < limit ? max(first, largest + 1) : touchedUpTo(from, end, first, limit);
  memory.fill(nodeOfColumn() + <usize>first, <u8>load<f64>(MAP_NODE), <usize>(next - first));
  store<f64>(PAGE_COUNT, <f64>next);
  store<f64>(MAP_PAGES, load<f64>(MAP_PAGES) - <f64>(next - first));
  return <f64>(next - first);
}

/** The page after those up to `limit` that accesses `from` to `end` touch one after the other, where all before `first` were touched before. */
function touchedUpTo(from: i32, end: i32, first: u32, limit: u32): u32 {
  const page = pageColumn();
  let next = first;
  for (let i = from; i < end && next < limit; i++) {
    const p = load<u32>(page + (<usize>i << 2));
    if (p > next) break;
    next += <u32>(p == next);
  }
  return next;
}

// @ts-ignore: decorator
@inline
function replayGroup(counting: bool, flagged: bool, seldom: bool, wide: bool, from: i32, end: i32): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const nodeOf = nodeOfColumn();
  const flags = flagsColumn();
  const accesses = accessesColumn();
  const touched = touchedColumn();
  let touchedEnd = touched;
  if (counting) touchedEnd += 4 * <usize>load<f64>(TOUCHED_COUNT);
  let served = i8x16.splat(0);
  let i = from;
  for (; i < end; i++) {
    const p = <usize>load<u32>(page + (<usize>i << 2));
    const w = <u32>load<u8>(write + <usize>i);
    const node = <u32>load<u8>(nodeOf + p);
    if (node == NO_NODE) break;
    if (flagged && !setFlags(flags, p, w)) break;
    if (wide) noteServed(i, 2 * node + w);
    else served = i8x16.add(served, laneOne(<usize>(2 * node + w)));
    if (!counting) continue;
    if (seldom) touchedEnd = countTouchedSeldom(accesses, touchedEnd, p);
    else touchedEnd = countTouched(accesses, touchedEnd, p);
  }
  if (!wide) addLanes(served);
  if (counting) store<f64>(TOUCHED_COUNT, <f64>((touchedEnd - touched) >> 2));
  return i;
}

/** As `countTouched`, where nearly every page was touched before. */
// @ts-ignore: decorator
@inline
function countTouchedSeldom(accesses: usize, touchedEnd: usize, p: usize): usize {
  const count = accesses + (p << 2);
  const before = load<u32>(count);
  store<u32>(count, before + 1);
  if (before != 0) return touchedEnd;
  store<u32>(touchedEnd, <u32>p);
  return touchedEnd + 4;
}

/** 1 in the lane of a class, 0 in the others. */
// @ts-ignore: decorator
@inline
export function laneOne(kind: usize): v128 {
  return v128.load(LANE_ONE + 16 - kind);
}

/** Adds the counters of a group to those that `takeServed` reads. */
export function addLanes(served: v128): void {
  const low = i16x8.extend_low_i8x16_u(served);
  const high = i16x8.extend_high_i8x16_u(served);
  addTo(0, i32x4.extend_low_i16x8_u(low));
  addTo(16, i32x4.extend_high_i16x8_u(low));
  addTo(32, i32x4.extend_low_i16x8_u(high));
  addTo(48, i32x4.extend_high_i16x8_u(high));
}

// @ts-ignore: decorator
@inline
function addTo(offset: usize, counters: v128): void {
  v128.store(SCRATCH + offset, i32x4.add(v128.load(SCRATCH + offset), counters));
}
