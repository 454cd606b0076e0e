// Work on whole columns.
import { accessesColumn, tallyColumn, touchedColumn, TOUCHED_COUNT, writesColumn } from './state';

/** The largest of `count` u32 at `at`; 0 of none. */
export function largestPage(at: usize, count: i32): u32 {
  const end = at + 4 * <usize>count;
  let wide = i32x4.splat(0);
  for (; at + 16 <= end; at += 16) wide = i32x4.max_u(wide, v128.load(at));
  let largest = largestOf(wide);
  for (; at < end; at += 4) largest = max(largest, load<u32>(at));
  return largest;
}

// @ts-ignore: decorator
@inline
function largestOf(four: v128): u32 {
  return max(
    max(<u32>i32x4.extract_lane(four, 0), <u32>i32x4.extract_lane(four, 1)),
    max(<u32>i32x4.extract_lane(four, 2), <u32>i32x4.extract_lane(four, 3)),
  );
}

/** The largest of `count` u16 at `at`, a multiple of 16; 0 of none. */
export function largestThread(at: usize, count: i32): u32 {
  const end = at + 2 * <usize>count;
  let wide = i16x8.splat(0);
  for (; at + 16 <= end; at += 16) wide = i16x8.max_u(wide, v128.load(at));
  const four = i32x4.max_u(i32x4.extend_low_i16x8_u(wide), i32x4.extend_high_i16x8_u(wide));
  let largest = largestOf(four);
  for (; at < end; at += 2) largest = max(largest, <u32>load<u16>(at));
  return largest;
}

/** The one of which all of `count` u16 at `at` are, at least one and the first at a multiple of 16; -1: there are several. */
export function soleThread(at: usize, count: i32): i32 {
  const end = at + 2 * <usize>count;
  const thread = load<u16>(at);
  const eight = i16x8.splat(thread);
  let differs = i16x8.splat(0);
  for (; at + 16 <= end; at += 16) differs = v128.or(differs, v128.xor(v128.load(at), eight));
  if (v128.any_true(differs)) return -1;
  for (; at < end; at += 2) if (load<u16>(at) != thread) return -1;
  return thread;
}

/** Sets the counts of the touched pages to 0, and forgets which they were; a tally, where there is one, has their accesses from then on. */
export function clearCounts(): void {
  const accesses = accessesColumn();
  const writes = writesColumn();
  const tally = tallyColumn();
  let touched = touchedColumn();
  const end = touched + 4 * <usize>load<f64>(TOUCHED_COUNT);
  for (; touched < end; touched += 4) {
    const offset = 4 * <usize>load<u32>(touched);
    if (accesses != 0) {
      if (tally != 0) store<u32>(tally + offset, load<u32>(tally + offset) + load<u32>(accesses + offset));
      store<u32>(accesses + offset, 0);
    }
    if (writes != 0) store<u32>(writes + offset, 0);
  }
  store<f64>(TOUCHED_COUNT, 0);
}
