/** A seeded stream of random numbers. */
export interface RandomStream {
  /** A u32, uniform. */
  word(): number;
  /** A double in [0, 1) of 53 random bits. */
  unit(): number;
  /** An integer in [0, `bound`), uniform; `bound` at most 2^32. */
  below(bound: number): number;
}

/**
 * The stream that follows from `seed` alone: xoshiro128** seeded through splitmix32.
 *
 * Source: Blackman, Vigna, "Scrambled linear pseudorandom number generators", 2021, xoshiro128starstar.c.
 */
export function randomStream(seed: number): RandomStream {
  let mix = seed >>> 0;
  const seedWord = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let word = mix;
    word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return word ^ (word >>> 15);
  };
  let [a, b, c, d] = [seedWord(), seedWord(), seedWord(), seedWord()];
  const word = (): number => {
    const turned = Math.imul(b, 5);
    const result = Math.imul((turned << 7) | (turned >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    word,
    unit: () => ((word() >>> 5) * 67_108_864 + (word() >>> 6)) / 9_007_199_254_740_992,
    below(bound) {
      let drawn = word();
      // A word below this is below the largest multiple of `bound`: a remainder of 2^32 is seldom needed.
      if (drawn >= 2 ** 32 - bound) {
        const limit = 2 ** 32 - (2 ** 32 % bound);
        while (drawn >= limit) drawn = word();
      }
      // The remainder: of words, a quotient is never rounded up to a whole number.
      return drawn - Math.floor(drawn / bound) * bound;
    },
  };
}

/** Numbers in [0, 1) of 32 bits each, one word of {@link randomStream} each. */
export function randomShares(seed: number): () => number {
  const stream = randomStream(seed);
  return () => stream.word() / 2 ** 32;
}

/** A uniform permutation of 0 to `count` - 1. */
export function permutation(count: number, random: RandomStream): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1);
    const kept = order[i] ?? 0;
    order[i] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
