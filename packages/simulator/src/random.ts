/**
 * A seeded stream of numbers in [0, 1) with 32 bits each.
 *
 * Source: D. Blackman, S. Vigna, xoshiro128** (prng.di.unimi.it, 2018), seeded by splitmix32.
 */
export function createRandom(seed: number): () => number {
  let split = seed >>> 0;
  const next = (): number => {
    split = (split + 0x9e3779b9) | 0;
    let z = split ^ (split >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = next();
  let b = next();
  let c = next();
  let d = next();
  return () => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return (scrambled >>> 0) / 2 ** 32;
  };
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
