// What the planes of many runs say of a list of pages, turned into a row of bits for each run. `src/shared/page-rows.ts`
// says what for.
import { SCRATCH } from './state';

/** 64 words being turned; behind what `shared.ts` keeps there, and before the second counters of the classes. */
const WORDS: usize = SCRATCH + 1280;

/**
 * Writes 64 rows of bits, `rowBytes` apart, from `rows` on: bit i of row r is bit r of the word that `plane` has of the i-th
 * of the `count` listed pages. A row ends with zeros, at a multiple of 64 bits.
 */
export function turnWords(plane: usize, list: usize, count: i32, rows: usize, rowBytes: i32): void {
  for (let from = 0; from < count; from += 64) {
    const end = min(count - from, 64);
    const at = list + (<usize>from << 2);
    for (let i = 0; i < end; i++) {
      store<u64>(WORDS + (<usize>i << 3), load<u64>(plane + (<usize>load<u32>(at + (<usize>i << 2)) << 3)));
    }
    for (let i = end; i < 64; i++) store<u64>(WORDS + (<usize>i << 3), 0);
    turn();
    let row = rows + (<usize>from >> 3);
    for (let r: usize = 0; r < 512; r += 8) {
      store<u64>(row, load<u64>(WORDS + r));
      row += <usize>rowBytes;
    }
  }
}

/**
 * Turns 64 words of 64 bits: bit c of word r and bit r of word c change places. Blocks of 32 bits do first, then those of 16 in
 * each of these, and so on.
 *
 * Source: Warren, Hacker's Delight, 7-3.
 */
// @ts-ignore: decorator
@inline
function turn(): void {
  let mask: u64 = 0x00000000ffffffff;
  for (let j: u64 = 32; j > 1; j >>= 1) {
    const far = <usize>j << 3;
    const wide = i64x2.splat(mask);
    for (let block: usize = 0; block < 512; block += 2 * far) {
      for (let at = WORDS + block; at < WORDS + block + far; at += 16) {
        const a = v128.load(at);
        const b = v128.load(at + far);
        const t = v128.and(v128.xor(i64x2.shr_u(a, <i32>j), b), wide);
        v128.store(at, v128.xor(a, i64x2.shl(t, <i32>j)));
        v128.store(at + far, v128.xor(b, t));
      }
    }
    mask ^= mask << (j >> 1);
  }
  for (let at = WORDS; at < WORDS + 512; at += 16) {
    const a = load<u64>(at);
    const b = load<u64>(at, 8);
    const t = ((a >> 1) ^ b) & 0x5555555555555555;
    store<u64>(at, a ^ (t << 1));
    store<u64>(at, b ^ t, 8);
  }
}
