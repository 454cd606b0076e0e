// Bitmaps, lowest bit first: of writes, one bit an access, and of the pages touched in an interval, one bit an id.
import { PLACE_TABLE } from './memory';

/** By byte: the places of the bits that are set in it, ascending, eight bytes of which the first ones count. */
function fillPlaces(): void {
  for (let bits: u32 = 0; bits < 256; bits++) {
    let entry = PLACE_TABLE + (<usize>bits << 3);
    for (let left = bits; left != 0; left &= left - 1) store<u8>(entry++, <u8>ctz(left));
  }
}
fillPlaces();

/**
 * The numbers of the bits set in `count` bytes, the first of which is that of `first`, to u32; gives how many. Writes up
 * to 28 bytes past them.
 */
export function bitsToIds(bits: usize, count: i32, first: u32, out: usize): i32 {
  const start = out;
  for (const end = bits + <usize>count; bits < end; bits++) {
    const byte = <u32>load<u8>(bits);
    const places = v128.load_ext<u8>(byte << 3, PLACE_TABLE);
    const base = i32x4.splat(first);
    v128.store(out, i32x4.add(base, i32x4.extend_low_i16x8_u(places)));
    v128.store(out, i32x4.add(base, i32x4.extend_high_i16x8_u(places)), 16);
    out += <usize>popcnt(byte) << 2;
    first += 8;
  }
  return <i32>((out - start) >> 2);
}

/** A bitmap, lowest bit first, to one byte of 0 or 1 each; reads up to 3 bytes past it and writes up to 31 past `count`. */
export function bitsToBytes(bits: usize, count: i32, out: usize): void {
  const byte01 = i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const byte23 = i8x16(2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
  const mask = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const one = i8x16.splat(1);
  const end = out + count;
  while (out < end) {
    const four = v128.load32_splat(bits);
    v128.store(out, i8x16.min_u(v128.and(i8x16.swizzle(four, byte01), mask), one));
    v128.store(out, i8x16.min_u(v128.and(i8x16.swizzle(four, byte23), mask), one), 16);
    bits += 4;
    out += 32;
  }
}
