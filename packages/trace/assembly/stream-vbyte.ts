// StreamVByte: a control stream of two bits a value, then the values' bytes, lowest first. Three width sets say how
// many bytes the four codes stand for. Source: Lemire, Kurz, Rupp, "Stream VByte: Faster Byte-Oriented Integer
// Compression", 2017; the width sets are this format's own (docs/formats/tlt.md).
//
// Every decoder takes whole groups of four, four groups at a time where there are: it writes up to three values past
// `count` and reads up to 15 bytes past the data, so the caller leaves room. It returns how many data bytes the
// control stream asked for.
import { TABLES } from './memory';
import { storeTimes, timesBase } from './times';

const WIDTH_SETS: usize = 3;
/** By width set: 256 shuffles of 16 bytes, then 256 group lengths. */
const SHUFFLES_BYTES: usize = 256 * 16;
const SET_BYTES: usize = SHUFFLES_BYTES + 256;

/** Bytes of code `code` (0 to 3) in width set `set`: 0123, 1234 or 0124. */
function widthOf(set: usize, code: i32): i32 {
  if (set == 0) return code;
  if (set == 1) return code + 1;
  return code == 3 ? 4 : code;
}

function fillTables(): void {
  for (let set: usize = 0; set < WIDTH_SETS; set++) {
    const table = TABLES + set * SET_BYTES;
    for (let control = 0; control < 256; control++) {
      let from = 0;
      for (let lane = 0; lane < 4; lane++) {
        const width = widthOf(set, (control >> (lane * 2)) & 3);
        for (let i = 0; i < 4; i++) {
          // An index past 15 shuffles in a zero.
          store<u8>(table + control * 16 + lane * 4 + i, i < width ? from + i : 0xff);
        }
        from += width;
      }
      store<u8>(table + SHUFFLES_BYTES + control, from);
    }
  }
}
fillTables();

// A width set is a type parameter, because the offset of a load must be a constant: half the type's size is its number.
type Set0 = u8;
type Set1 = u16;
type Set2 = u32;

/** The group of four of `control` in a width set, as u32, of the bytes at `data`. */
// @ts-ignore: decorator
@inline
function spread<Set>(control: u32, data: usize): v128 {
  const shuffle = v128.load(control << 4, TABLES + (sizeof<Set>() >> 1) * SET_BYTES);
  return i8x16.swizzle(v128.load(data), shuffle);
}

/** Data bytes of the group of `control`. */
// @ts-ignore: decorator
@inline
function bytesOf<Set>(control: u32): usize {
  return load<u8>(control, TABLES + (sizeof<Set>() >> 1) * SET_BYTES + SHUFFLES_BYTES);
}

// @ts-ignore: decorator
@inline
function zigzag(raw: v128): v128 {
  return v128.xor(i32x4.shr_u(raw, 1), i32x4.neg(v128.and(raw, i32x4.splat(1))));
}

/** Sums within one vector: a, a+b, a+b+c, a+b+c+d. */
// @ts-ignore: decorator
@inline
function prefix(values: v128): v128 {
  const zero = i32x4.splat(0);
  const pairs = i32x4.add(values, i32x4.shuffle(zero, values, 3, 4, 5, 6));
  return i32x4.add(pairs, i32x4.shuffle(zero, pairs, 2, 3, 4, 5));
}

// @ts-ignore: decorator
@inline
function lastLane(values: v128): v128 {
  return i32x4.shuffle(values, values, 3, 3, 3, 3);
}

function values<Set>(control: usize, data: usize, count: i32, out: usize): usize {
  const start = data;
  const end = control + ((count + 3) >> 2);
  for (; control < end; control++) {
    const code = <u32>load<u8>(control);
    v128.store(out, spread<Set>(code, data));
    data += bytesOf<Set>(code);
    out += 16;
  }
  return data - start;
}

/** Plain values, to u32. */
export function decodeValues(set: i32, control: usize, data: usize, count: i32, out: usize): usize {
  if (set == 0) return values<Set0>(control, data, count, out);
  if (set == 1) return values<Set1>(control, data, count, out);
  return values<Set2>(control, data, count, out);
}

function deltas<Set>(control: usize,
  data: usize,
  count: i32,
  out: usize,
  largestAt: usize,
): usize {
  const start = data;
  const end = control + ((count + 3) >> 2);
  let last = i32x4.splat(0);
  let largest = last;
  for (; control + 4 <= end; control += 4) {
    let code = <u32>load<u8>(control);
    const sum0 = prefix(zigzag(spread<Set>(code, data)));
    data += bytesOf<Set>(code);
    code = <u32>load<u8>(control, 1);
    const sum1 = prefix(zigzag(spread<Set>(code, data)));
    data += bytesOf<Set>(code);
    code = <u32>load<u8>(control, 2);
    const sum2 = prefix(zigzag(spread<Set>(code, data)));
    data += bytesOf<Set>(code);
    code = <u32>load<u8>(control, 3);
    const sum3 = prefix(zigzag(spread<Set>(code, data)));
    data += bytesOf<Set>(code);
    const page0 = i32x4.add(sum0, last);
    const page1 = i32x4.add(sum1, lastLane(page0));
    const page2 = i32x4.add(sum2, lastLane(page1));
    const page3 = i32x4.add(sum3, lastLane(page2));
    last = lastLane(page3);
    v128.store(out, page0);
    v128.store(out, page1, 16);
    v128.store(out, page2, 32);
    v128.store(out, page3, 48);
    largest = i32x4.max_u(
      largest,
      i32x4.max_u(i32x4.max_u(page0, page1), i32x4.max_u(page2, page3)),
    );
    out += 64;
  }
  for (; control < end; control++) {
    const code = <u32>load<u8>(control);
    const page = i32x4.add(prefix(zigzag(spread<Set>(code, data))), last);
    data += bytesOf<Set>(code);
    last = lastLane(page);
    largest = i32x4.max_u(largest, page);
    v128.store(out, page);
    out += 16;
  }
  v128.store(largestAt, largest);
  return data - start;
}

/** Zigzag differences from 0 on, summed, to u32. `largestAt` receives four lanes of which one is the largest sum. */
export function decodeDeltas(
  set: i32,
  control: usize,
  data: usize,
  count: i32,
  out: usize,
  largestAt: usize,
): usize {
  if (set == 0) return deltas<Set0>(control, data, count, out, largestAt);
  if (set == 1) return deltas<Set1>(control, data, count, out, largestAt);
  return deltas<Set2>(control, data, count, out, largestAt);
}

function farTimes<Set>(control: usize,
  data: usize,
  count: i32,
  first: f64,
  out: usize,
): usize {
  const start = data;
  const end = control + ((count + 3) >> 2);
  const zero = f64x2.splat(0);
  let last = f64x2.splat(first);
  for (; control < end; control++) {
    const code = <u32>load<u8>(control);
    const raw = spread<Set>(code, data);
    data += bytesOf<Set>(code);
    let low = f64x2.convert_low_i32x4_u(raw);
    let high = f64x2.convert_low_i32x4_u(i32x4.shuffle(raw, raw, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.shuffle(zero, low, 1, 2));
    high = f64x2.add(high, f64x2.shuffle(zero, high, 1, 2));
    high = f64x2.add(high, f64x2.shuffle(low, low, 1, 1));
    v128.store(out, f64x2.add(low, last));
    high = f64x2.add(high, last);
    v128.store(out, high, 16);
    last = f64x2.shuffle(high, high, 1, 1);
    out += 32;
  }
  return data - start;
}

/** Differences from `first` on, summed, to f64: exact while the sums stay below 2^53. */
export function decodeTimes(
  set: i32,
  control: usize,
  data: usize,
  count: i32,
  first: f64,
  out: usize,
): usize {
  if (set == 0) return farTimes<Set0>(control, data, count, first, out);
  if (set == 1) return farTimes<Set1>(control, data, count, first, out);
  return farTimes<Set2>(control, data, count, first, out);
}

function nearTimes<Set>(control: usize,
  data: usize,
  count: i32,
  first: f64,
  out: usize,
): usize {
  const start = data;
  const end = control + ((count + 3) >> 2);
  const base = timesBase(first);
  let last = i32x4.splat(0);
  for (; control + 4 <= end; control += 4) {
    let code = <u32>load<u8>(control);
    const sum0 = prefix(spread<Set>(code, data));
    data += bytesOf<Set>(code);
    code = <u32>load<u8>(control, 1);
    const sum1 = prefix(spread<Set>(code, data));
    data += bytesOf<Set>(code);
    code = <u32>load<u8>(control, 2);
    const sum2 = prefix(spread<Set>(code, data));
    data += bytesOf<Set>(code);
    code = <u32>load<u8>(control, 3);
    const sum3 = prefix(spread<Set>(code, data));
    data += bytesOf<Set>(code);
    const time0 = i32x4.add(sum0, last);
    const time1 = i32x4.add(sum1, lastLane(time0));
    const time2 = i32x4.add(sum2, lastLane(time1));
    const time3 = i32x4.add(sum3, lastLane(time2));
    last = lastLane(time3);
    storeTimes(base, time0, out);
    storeTimes(base, time1, out + 32);
    storeTimes(base, time2, out + 64);
    storeTimes(base, time3, out + 96);
    out += 128;
  }
  for (; control < end; control++) {
    const code = <u32>load<u8>(control);
    const time = i32x4.add(prefix(spread<Set>(code, data)), last);
    data += bytesOf<Set>(code);
    last = lastLane(time);
    storeTimes(base, time, out);
    out += 32;
  }
  return data - start;
}

/** As `decodeTimes`, and faster, where the last sum is less than 2^32 past `first`, an integer. */
export function decodeNearTimes(
  set: i32,
  control: usize,
  data: usize,
  count: i32,
  first: f64,
  out: usize,
): usize {
  if (set == 0) return nearTimes<Set0>(control, data, count, first, out);
  if (set == 1) return nearTimes<Set1>(control, data, count, first, out);
  return nearTimes<Set2>(control, data, count, first, out);
}
