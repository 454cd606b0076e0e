// StreamVByte: a control stream of two bits a value, then the values' bytes, lowest first. Three width sets say how
// many bytes the four codes stand for. Source: Lemire, Kurz, Rupp, "Stream VByte: Faster Byte-Oriented Integer
// Compression", 2017; the width sets are this format's own (docs/formats/tlt.md).
//
// Every decoder takes whole groups of four: it writes up to three values past `count` and reads up to 15 bytes past
// the data, so the caller leaves room. It returns how many data bytes the control stream asked for.

import { TABLES } from './memory';

const WIDTH_SETS: i32 = 3;
/** By width set: 256 shuffles of 16 bytes, then 256 group lengths. */
const SET_BYTES: i32 = 256 * 16 + 256;

/** Bytes of code `code` (0 to 3) in width set `set`: 0123, 1234 or 0124. */
function widthOf(set: i32, code: i32): i32 {
  if (set == 0) return code;
  if (set == 1) return code + 1;
  return code == 3 ? 4 : code;
}

function fillTables(): void {
  for (let set = 0; set < WIDTH_SETS; set++) {
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
      store<u8>(table + 256 * 16 + control, from);
    }
  }
}
fillTables();

/** Plain values, to u32. */
export function decodeValues(set: i32, control: usize, data: usize, count: i32, out: usize): usize {
  const shuffles = TABLES + set * SET_BYTES;
  const lengths = shuffles + 256 * 16;
  const start = data;
  const end = control + ((count + 3) >> 2);
  while (control < end) {
    const code = <usize>load<u8>(control++);
    v128.store(out, i8x16.swizzle(v128.load(data), v128.load(shuffles + (code << 4))));
    data += load<u8>(lengths + code);
    out += 16;
  }
  return data - start;
}

/** Zigzag differences from 0 on, summed, to u32. `largestAt` receives the largest of the sums. */
export function decodeDeltas(
  set: i32,
  control: usize,
  data: usize,
  count: i32,
  out: usize,
  largestAt: usize,
): usize {
  const shuffles = TABLES + set * SET_BYTES;
  const lengths = shuffles + 256 * 16;
  const start = data;
  const end = control + ((count + 3) >> 2);
  const one = i32x4.splat(1);
  const zero = i32x4.splat(0);
  let last = zero;
  let largest = zero;
  while (control < end) {
    const code = <usize>load<u8>(control++);
    const raw = i8x16.swizzle(v128.load(data), v128.load(shuffles + (code << 4)));
    data += load<u8>(lengths + code);
    let sum = v128.xor(i32x4.shr_u(raw, 1), i32x4.neg(v128.and(raw, one)));
    sum = i32x4.add(sum, i32x4.shuffle(zero, sum, 0, 4, 5, 6));
    sum = i32x4.add(sum, i32x4.shuffle(zero, sum, 0, 1, 4, 5));
    sum = i32x4.add(sum, last);
    last = i32x4.shuffle(sum, sum, 3, 3, 3, 3);
    largest = i32x4.max_u(largest, sum);
    v128.store(out, sum);
    out += 16;
  }
  v128.store(largestAt, largest);
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
  const shuffles = TABLES + set * SET_BYTES;
  const lengths = shuffles + 256 * 16;
  const start = data;
  const end = control + ((count + 3) >> 2);
  const zero = f64x2.splat(0);
  let last = f64x2.splat(first);
  while (control < end) {
    const code = <usize>load<u8>(control++);
    const raw = i8x16.swizzle(v128.load(data), v128.load(shuffles + (code << 4)));
    data += load<u8>(lengths + code);
    let low = f64x2.convert_low_i32x4_u(raw);
    let high = f64x2.convert_low_i32x4_u(i32x4.shuffle(raw, raw, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.shuffle(zero, low, 0, 2));
    high = f64x2.add(high, f64x2.shuffle(zero, high, 0, 2));
    high = f64x2.add(high, f64x2.shuffle(low, low, 1, 1));
    v128.store(out, f64x2.add(low, last));
    high = f64x2.add(high, last);
    v128.store(out, high, 16);
    last = f64x2.shuffle(high, high, 1, 1);
    out += 32;
  }
  return data - start;
}

/** A bitmap, lowest bit first, to one byte of 0 or 1 each; writes up to 15 bytes past `count`. */
export function bitsToBytes(bits: usize, count: i32, out: usize): void {
  const spread = i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const mask = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const one = i8x16.splat(1);
  const end = out + count;
  while (out < end) {
    const pair = i8x16.swizzle(v128.load16_splat(bits), spread);
    v128.store(out, v128.and(i8x16.eq(v128.and(pair, mask), mask), one));
    bits += 2;
    out += 16;
  }
}
