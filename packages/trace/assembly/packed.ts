// A packed column: groups of 64 values, each group its smallest value and the rest in as many bits as its largest needs
// (docs/formats/tlt.md). Eight values of `width` bits take `width` bytes, so the same two shuffles serve every eight.
//
// The decoder takes whole groups: it writes up to 63 values past the column and reads up to 16 bytes past its data.
import { PACKED_TABLES } from './memory';

const GROUP_BYTES: usize = 64 * 4;
const WIDTH_MAX: u32 = 25;
/** By width: shuffles of values 0-3 and 4-7 of eight, what aligns them, and their mask. */
const TABLE_BYTES: usize = 5 * 16;

/** A value of 25 bits that begins at bit 7 of its window of four bytes ends with it. */
const ALIGNED_BIT: i32 = 7;

function fillTables(): void {
  for (let width: u32 = 0; width <= WIDTH_MAX; width++) {
    const table = PACKED_TABLES + <usize>width * TABLE_BYTES;
    for (let lane: u32 = 0; lane < 8; lane++) {
      // The second four begin at a byte of their own: half of `width`, rounded down.
      const bit = (lane & 3) * width + (lane > 3 ? (4 * width) & 7 : 0);
      for (let i: u32 = 0; i < 4; i++) store<u8>(table + lane * 4 + i, (bit >> 3) + i);
      store<u32>(table + lane * 4, 1 << (ALIGNED_BIT - (bit & 7)), 32);
      store<u32>(table + (lane & 3) * 4, (1 << width) - 1, 64);
    }
  }
}
fillTables();

// @ts-ignore: decorator
@inline
function four(data: usize, shuffle: v128, align: v128, mask: v128, base: v128): v128 {
  const windows = i32x4.mul(i8x16.swizzle(v128.load(data), shuffle), align);
  return i32x4.add(base, v128.and(mask, i32x4.shr_u(windows, ALIGNED_BIT)));
}

/**
 * `groups` groups whose heads (width in bits 0 to 4, smallest value above) begin at `heads`, to u32. Gives the bytes of
 * their data, or -1 for a width above 25. `largestAt` receives four lanes of which one is the largest value.
 */
export function decodePacked(heads: usize, groups: i32, out: usize, largestAt: usize): i32 {
  const start = heads + (groups << 2);
  let data = start;
  let largest = i32x4.splat(0);
  for (const end = start; heads < end; heads += 4) {
    const head = load<u32>(heads);
    const width = head & 31;
    if (width > WIDTH_MAX) return -1;
    const base = i32x4.splat(head >> 5);
    const table = PACKED_TABLES + <usize>width * TABLE_BYTES;
    const shuffle0 = v128.load(table);
    const shuffle1 = v128.load(table, 16);
    const align0 = v128.load(table, 32);
    const align1 = v128.load(table, 48);
    const mask = v128.load(table, 64);
    const half = width >> 1;
    for (const groupEnd = out + GROUP_BYTES; out < groupEnd; out += 64) {
      const value0 = four(data, shuffle0, align0, mask, base);
      const value1 = four(data + half, shuffle1, align1, mask, base);
      data += width;
      const value2 = four(data, shuffle0, align0, mask, base);
      const value3 = four(data + half, shuffle1, align1, mask, base);
      data += width;
      v128.store(out, value0);
      v128.store(out, value1, 16);
      v128.store(out, value2, 32);
      v128.store(out, value3, 48);
      largest = i32x4.max_u(
        largest,
        i32x4.max_u(i32x4.max_u(value0, value1), i32x4.max_u(value2, value3)),
      );
    }
  }
  v128.store(largestAt, largest);
  return <i32>(data - start);
}
