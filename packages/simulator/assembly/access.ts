// What the loops of `replay.ts`, `timed.ts` and `cache.ts` do with an access, each part once.
import {
  flagsColumn,
  MAP_NODE,
  MAP_PAGES,
  NO_NODE,
  nodeClasses,
  PAGE_COUNT,
  pageColumn,
  SCRATCH,
  SCRATCH_CLASSES,
  threadNsTable,
  writeColumn,
} from './state';

const ACCESSED: u32 = 1;
const WRITE_DIRTY_SHIFT: u32 = 1;
const PROTECTED: u32 = 4;
const WRITE_WATCHED_SHIFT: u32 = 3;

/** Maps page `p`, which is on no node yet; false: that is for the engine to do. */
// @ts-ignore: decorator
@inline
export function mapFirstTouch(nodeOf: usize, p: usize): bool {
  const pageCount = load<f64>(PAGE_COUNT);
  const left = load<f64>(MAP_PAGES);
  if (<f64>p != pageCount || left == 0) return false;
  store<u8>(nodeOf + p, <i32>load<f64>(MAP_NODE));
  store<f64>(PAGE_COUNT, pageCount + 1);
  store<f64>(MAP_PAGES, left - 1);
  return true;
}

/** Sets accessed and dirty bits of page `p`; false: the engine must see the access first. */
// @ts-ignore: decorator
@inline
export function setFlags(flags: usize, p: usize, w: u32): bool {
  const bits = <u32>load<u8>(flags + p);
  if (bits & (PROTECTED | (w << WRITE_WATCHED_SHIFT))) return false;
  const after = bits | ACCESSED | (w << WRITE_DIRTY_SHIFT);
  // Most accesses change nothing, and the next one to the page does not wait for a store that is not there.
  if (after != bits) store<u8>(flags + p, after);
  return true;
}

/** Whether access `i` of the block is for the engine, whenever it comes: `setFlags` or `mapFirstTouch` would not do it. */
// @ts-ignore: decorator
@inline
export function needsEngine(flagged: bool, nodeOf: usize, i: i32): bool {
  const p = <usize>load<u32>(pageColumn() + (<usize>i << 2));
  if (<u32>load<u8>(nodeOf + p) == NO_NODE) return load<f64>(MAP_PAGES) == 0;
  if (!flagged) return false;
  const w = <u32>load<u8>(writeColumn() + <usize>i);
  return (<u32>load<u8>(flagsColumn() + p) & (PROTECTED | (w << WRITE_WATCHED_SHIFT))) != 0;
}

/** Counts access `i` of the block, of class `kind`: four counters a class, so that none waits for the one before. */
// @ts-ignore: decorator
@inline
export function noteServed(i: i32, kind: u32): void {
  const at = SCRATCH + ((<usize>i & 3) * SCRATCH_CLASSES + <usize>kind) * 4;
  store<u32>(at, load<u32>(at) + 1);
}

/** As {@link noteServed} for `count` accesses of a class. */
// @ts-ignore: decorator
@inline
export function addServed(kind: u32, count: u32): void {
  const at = SCRATCH + 4 * <usize>kind;
  store<u32>(at, load<u32>(at) + count);
}

/** Adds what {@link noteServed} counted to the classes' counters; returns what those accesses cost. */
export function takeServed(counts: usize, costs: usize): f64 {
  const bytes = nodeClasses() << 2;
  let ns: f64 = 0;
  for (let at: usize = 0; at < bytes; at += 4) {
    const from = SCRATCH + at;
    const stride = 4 * SCRATCH_CLASSES;
    const sum =
      load<u32>(from) +
      load<u32>(from + stride) +
      load<u32>(from + 2 * stride) +
      load<u32>(from + 3 * stride);
    if (sum == 0) continue;
    store<u32>(from, 0);
    store<u32>(from + stride, 0);
    store<u32>(from + 2 * stride, 0);
    store<u32>(from + 3 * stride, 0);
    store<u32>(counts + at, load<u32>(counts + at) + sum);
    ns += <f64>sum * load<f64>(costs + 2 * at);
  }
  return ns;
}

/** Counts an access to page `p` in its epoch; returns where the next page goes that was not touched in it before. */
// @ts-ignore: decorator
@inline
export function countTouched(accesses: usize, touchedEnd: usize, p: usize): usize {
  const count = accesses + (p << 2);
  const before = load<u32>(count);
  store<u32>(count, before + 1);
  store<u32>(touchedEnd, <u32>p);
  return touchedEnd + (<usize>(before == 0) << 2);
}

/** Adds what a block's only thread ran, where there is one: see `threadNsTable`. */
// @ts-ignore: decorator
@inline
export function addSoleThreadNs(ns: f64): void {
  const at = threadNsTable();
  if (at != 0) store<f64>(at, load<f64>(at) + ns);
}

/** A pause between two accesses, in time steps; never negative. */
// @ts-ignore: decorator
@inline
export function pauseOf(ns: f64): f64 {
  // Without a branch: half of the accesses of a trace of misses come at the time of the one before, in no order.
  return floor((ns + abs(ns)) * 128) * (1.0 / 256);
}
