import { expect, test } from 'vitest';
import { normalise } from './normalise.ts';

/** The kernel's hmat_normalize in C's integers: u16 entry, u64 base, u32 value. */
function reference(entry: bigint, base: bigint, dataType: number, revision: number): number {
  const u32Max = 0xffff_ffffn;
  if (entry === 0n || entry === 0xffffn || base > u32Max / entry) return 0;
  const value = BigInt.asUintN(32, entry * base);
  const divideUp = (divisor: bigint): bigint => BigInt.asUintN(32, value + divisor - 1n) / divisor;
  if (revision === 1) return value < 10n ? 0 : Number(divideUp(10n));
  if (revision === 2 && dataType <= 2) return Number(divideUp(1000n));
  return Number(value);
}

// TIERLAB_CASES=5000000 for millions.
const caseCount = Number(process.env['TIERLAB_CASES'] ?? 100_000);

test(`${caseCount} random entries agree with C's integers`, () => {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  const edges = [0, 1, 9, 10, 999, 1000, 0xfffe, 0xffff, 0xffffffff - 999, 0xffffffff, 2 ** 40];
  const draw = (bits: number): number =>
    next() % 8 === 0
      ? edges[next() % edges.length]!
      : next() >>> (32 - bits + ((next() >>> 8) % bits));
  const wrong: unknown[] = [];
  const seen = { zero: 0, value: 0 };
  for (let i = 0; i < caseCount; i++) {
    const entry = draw(16) % 65_536;
    const base = draw(32);
    const dataType = (next() >>> 8) % 7;
    const revision = 1 + ((next() >>> 8) % 2);
    const expected = reference(BigInt(entry), BigInt(base), dataType, revision);
    const got = normalise(entry, base, dataType, revision);
    if (got !== expected) wrong.push({ entry, base, dataType, revision, got, expected });
    seen[expected === 0 ? 'zero' : 'value']++;
  }
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(Math.min(seen.zero, seen.value)).toBeGreaterThan(caseCount / 20);
});
