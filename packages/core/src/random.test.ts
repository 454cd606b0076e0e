import { expect, test } from 'vitest';

import { permutation, randomShares, randomStream } from './random.ts';

const word = (value: bigint): bigint => BigInt.asUintN(32, value);
const turned = (value: bigint, bits: bigint): bigint =>
  word((value << bits) | (value >> (32n - bits)));

/** xoshiro128** seeded through splitmix32, in BigInt, from the two algorithms as published. */
function* words(seed: number): Generator<number> {
  let mix = BigInt(seed);
  const state = Array.from({ length: 4 }, () => {
    mix = word(mix + 0x9e3779b9n);
    let z = mix;
    z = word((z ^ (z >> 16n)) * 0x21f0aaadn);
    z = word((z ^ (z >> 15n)) * 0x735a2d97n);
    return z ^ (z >> 15n);
  });
  for (;;) {
    let [s0 = 0n, s1 = 0n, s2 = 0n, s3 = 0n] = state;
    yield Number(word(turned(word(s1 * 5n), 7n) * 9n));
    const shifted = word(s1 << 9n);
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    state.splice(0, 4, s0, s1, s2 ^ shifted, turned(s3, 11n));
  }
}

test.each([0, 1, 7, 2 ** 32 - 1])('seed %i gives the words of the published generator', (seed) => {
  const stream = randomStream(seed);
  const share = randomShares(seed);
  const expected = words(seed);
  for (let i = 0; i < 1000; i++) {
    const next = expected.next().value as number;
    expect(stream.word()).toBe(next);
    expect(share()).toBe(next / 2 ** 32);
  }
});

test('below and unit stay in their range, and a permutation has each number once', () => {
  const random = randomStream(5);
  for (let i = 0; i < 1000; i++) {
    expect(random.below(3)).toBeLessThan(3);
    expect(random.unit()).toBeLessThan(1);
  }
  expect([...permutation(100, random)].toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  );
});
