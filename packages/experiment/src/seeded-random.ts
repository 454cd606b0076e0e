/**
 * Numbers in [0, 1) that follow from `seed` alone, of 32 bits each.
 *
 * Source: mulberry32, Tommy Ettinger, public domain; passes gjrand's tests for streams of this length.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
