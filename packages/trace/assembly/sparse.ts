// A sparse column: one bit a value, lowest first, then two bytes for each value that is not 0 (docs/formats/tlt.md). Of
// every eight values the sum is a u16, so that eight are summed in one vector.
//
// The decoder takes whole groups of eight: it writes up to seven values past `count` and reads up to 15 bytes past the
// data, so the caller leaves room.
import { SPARSE_TABLE } from './memory';
import { storeTimes, timesBase } from './times';

/** By byte of the bitmap: the shuffle that moves the values of its set bits to their lanes, 0 into the others. */
function fillShuffles(): void {
  for (let bits: u32 = 0; bits < 256; bits++) {
    let from: u8 = 0;
    for (let lane: u32 = 0; lane < 8; lane++) {
      const entry = SPARSE_TABLE + <usize>(bits * 16 + lane * 2);
      const isSet = ((bits >> lane) & 1) != 0;
      store<u8>(entry, isSet ? from : 0xff);
      store<u8>(entry, isSet ? from + 1 : 0xff, 1);
      if (isSet) from += 2;
    }
  }
}
fillShuffles();

/** Sums within one vector of eight u16: a, a+b, a+b+c ... */
// @ts-ignore: decorator
@inline
function prefix(values: v128): v128 {
  const zero = i16x8.splat(0);
  const pairs = i16x8.add(values, i16x8.shuffle(zero, values, 7, 8, 9, 10, 11, 12, 13, 14));
  const fours = i16x8.add(pairs, i16x8.shuffle(zero, pairs, 6, 7, 8, 9, 10, 11, 12, 13));
  return i16x8.add(fours, i16x8.shuffle(zero, fours, 4, 5, 6, 7, 8, 9, 10, 11));
}

/** The running sums of the eight values that the bitmap's `byte` stands for, whose data begin at `from`. */
// @ts-ignore: decorator
@inline
function sumsOf(byte: u32, from: usize): v128 {
  return prefix(i8x16.swizzle(v128.load(from), v128.load(byte << 4, SPARSE_TABLE)));
}

/** Stores eight sums, above `sum` in all lanes, as f64 at `out`; gives the last of them in all lanes. */
// @ts-ignore: decorator
@inline
function storeGroup(base: v128, sums: v128, sum: v128, out: usize): v128 {
  const first = i32x4.add(i32x4.extend_low_i16x8_u(sums), sum);
  const second = i32x4.add(i32x4.extend_high_i16x8_u(sums), sum);
  storeTimes(base, first, out);
  storeTimes(base, second, out + 32);
  return i32x4.shuffle(second, second, 3, 3, 3, 3);
}

// Where the decoding stands: the next byte of the bitmap, the next value, and the sum so far in all lanes.
let bits: usize = 0;
let data: usize = 0;
let last: v128 = i32x4.splat(0);

/** The groups up to the one of the bitmap's byte at `end`, to f64 from `out` on. */
function groups(end: usize, base: v128, out: usize): void {
  let at = bits;
  let from = data;
  let sum = last;
  for (; at + 2 <= end; at += 2) {
    const byte0 = <u32>load<u8>(at);
    const byte1 = <u32>load<u8>(at, 1);
    const sums0 = sumsOf(byte0, from);
    from += <usize>(popcnt(byte0) << 1);
    const sums1 = sumsOf(byte1, from);
    from += <usize>(popcnt(byte1) << 1);
    sum = storeGroup(base, sums0, sum, out);
    sum = storeGroup(base, sums1, sum, out + 64);
    out += 128;
  }
  if (at < end) {
    const byte = <u32>load<u8>(at);
    sum = storeGroup(base, sumsOf(byte, from), sum, out);
    from += <usize>(popcnt(byte) << 1);
    at++;
  }
  bits = at;
  data = from;
  last = sum;
}

/**
 * Differences from `first` on, summed, to f64: those of the sparse column at `at`, whose bitmap and values follow its
 * exceptions. The last sum is less than 2^32 past `first`, an integer. Gives the bytes of the column, or -1 where its
 * exceptions do not ascend, are not of it or do not end before `end`.
 */
export function decodeSparseTimes(at: usize, end: usize, count: i32, first: f64, out: usize): i32 {
  let next = at + 4;
  if (next > end) return -1;
  const exceptions = load<u32>(at);
  if (<usize>exceptions > (end - next) >> 3) return -1;
  const bitmap = next + (<usize>exceptions << 3);
  const groupCount = (<usize>count + 7) >> 3;
  const base = timesBase(first);
  bits = bitmap;
  data = bitmap + groupCount;
  last = i32x4.splat(0);
  let place: i64 = -1;
  for (; next < bitmap; next += 8) {
    const index = load<u32>(next);
    if (<i64>index <= place || index >= <u32>count) return -1;
    place = index;
    groups(bitmap + (index >> 3) + 1, base, out + ((bits - bitmap) << 6));
    const more = load<u32>(next, 4);
    const groupEnd = out + ((bits - bitmap) << 6);
    for (let time = out + (<usize>index << 3); time < groupEnd; time += 8)
      store<f64>(time, load<f64>(time) + <f64>more);
    last = i32x4.add(last, i32x4.splat(more));
  }
  groups(bitmap + groupCount, base, out + ((bits - bitmap) << 6));
  return <i32>(data - at);
}
