import { expect, test } from 'vitest';
import type { AccessCoordinate } from '../machine.ts';
import { adistance, megabytesPerSecond, nanoseconds } from '../units.ts';
import {
  ADISTANCE_DAX,
  ADISTANCE_DRAM,
  bandwidthSum,
  dramMismatch,
  latencySum,
  performanceToAdistance,
  tierId,
  tierStart,
} from './adistance.ts';

const coordinate = (
  readLatency: number,
  writeLatency: number,
  readBandwidth: number,
  writeBandwidth: number,
): AccessCoordinate => ({
  readLatency: nanoseconds(readLatency),
  writeLatency: nanoseconds(writeLatency),
  readBandwidth: megabytesPerSecond(readBandwidth),
  writeBandwidth: megabytesPerSecond(writeBandwidth),
});

test('DRAM is the middle of the fifth chunk, dax memory five times as far', () => {
  expect(ADISTANCE_DRAM).toBe(576);
  expect(ADISTANCE_DAX).toBe(2880);
  expect(tierId(tierStart(ADISTANCE_DRAM))).toBe(4);
  expect(tierId(tierStart(ADISTANCE_DAX))).toBe(22);
});

test.each([
  [0, 0],
  [511, 3],
  [512, 4],
  [639, 4],
  [640, 5],
  [0x7fffffff, 16777215],
  [-1, 33554431],
  [-0x80000000, 16777216],
])('distance %i is in the tier named with chunk %i', (distance, chunk) => {
  // A name is the chunk as an unsigned number of 32 bits: the chunks below zero count from 2^32 down.
  const name = distance < 0 ? chunk - 2 ** 25 + 2 ** 32 : chunk;
  expect(tierId(tierStart(adistance(distance)))).toBe(name);
});

test.each([
  ['DRAM itself', [100, 100, 50_000, 50_000], [100, 100, 50_000, 50_000], 576],
  ['truncated at each division', [91, 97, 30_000, 30_000], [250, 270, 20_000, 19_000], 2450],
  ['a real two-socket machine', [91, 91, 219_100, 219_100], [100, 100, 30_000, 30_000], 4615],
  ['rounded down to nothing', [4_000_000, 4_000_000, 1, 1], [1, 1, 1, 1], 0],
])('%s', (_, dram, other, expected) => {
  const [a, b, c, d] = dram;
  const [e, f, g, h] = other;
  const from = coordinate(e!, f!, g!, h!);
  expect(performanceToAdistance(from, coordinate(a!, b!, c!, d!), true)).toBe(expected);
});

test('an eighth of a very wide DRAM: 13824, and 2 where products wrap at 32 bits', () => {
  const dram = coordinate(100, 100, 1_243_000, 1_243_000);
  const far = coordinate(300, 300, 155_375, 155_375);
  expect(performanceToAdistance(far, dram, true)).toBe(13_824);
  expect(performanceToAdistance(far, dram, false)).toBe(2);
});

const u32 = (value: number): bigint => BigInt.asUintN(32, BigInt(value));

/** The kernel's expression in C's integers. */
function reference(c: AccessCoordinate, dram: AccessCoordinate, wide: boolean): number {
  const width = (value: bigint): bigint =>
    wide ? BigInt.asIntN(64, value) : BigInt.asUintN(32, value);
  const latency = u32(c.readLatency + c.writeLatency);
  const dramLatency = u32(dram.readLatency + dram.writeLatency);
  const bandwidth = u32(c.readBandwidth + c.writeBandwidth);
  const dramBandwidth = u32(dram.readBandwidth + dram.writeBandwidth);
  let value = width(576n * latency) / dramLatency;
  value = width(value * dramBandwidth) / bandwidth;
  return Number(BigInt.asIntN(32, value));
}

/** Numbers of every size up to 32 bits, edges more often than chance would. */
function createDraw(seed: number): () => number {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  return () => {
    const kind = next() >>> 29;
    if (kind === 0) return [0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff][(next() >>> 8) % 6]!;
    return next() >>> (next() >>> 27);
  };
}

// TIERLAB_CASES=5000000 for millions.
const caseCount = Number(process.env['TIERLAB_CASES'] ?? 100_000);

test(`${caseCount} random coordinates agree with the expression in C's integers`, () => {
  const draw = createDraw(576);
  const wrong: unknown[] = [];
  let [wrapped, negative, beyondDoubles] = [0, 0, 0];
  for (let i = 0; i < caseCount; i++) {
    const c = coordinate(draw(), draw(), draw(), draw());
    const dram = coordinate(draw(), draw(), draw(), draw());
    if ([c, dram].some((one) => latencySum(one) === 0 || bandwidthSum(one) === 0)) continue;
    const [wide, narrow] = [reference(c, dram, true), reference(c, dram, false)];
    if (performanceToAdistance(c, dram, true) !== wide) wrong.push({ c, dram, wide });
    if (performanceToAdistance(c, dram, false) !== narrow) wrong.push({ c, dram, narrow });
    if (wide < 0) negative++;
    if (wide !== narrow) wrapped++;
    const scaled = Math.trunc((576 * latencySum(c)) / latencySum(dram));
    if (!Number.isSafeInteger(scaled * bandwidthSum(dram))) beyondDoubles++;
  }
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(Math.min(wrapped, negative, beyondDoubles)).toBeGreaterThan(caseCount / 200);
});

test(`${caseCount} random pairs of DRAM nodes agree with the 10 % rule in C's integers`, () => {
  const draw = createDraw(10);
  const wrong: unknown[] = [];
  let [far, near] = [0, 0];
  for (let i = 0; i < caseCount; i++) {
    const [a, b] = [draw(), draw()];
    // abs() of an unsigned difference is that of a signed int; times ten it wraps, compared unsigned.
    const difference = BigInt.asIntN(32, BigInt(a) - BigInt(b));
    const magnitude = BigInt.asIntN(32, difference < 0n ? -difference : difference);
    const mismatch = BigInt.asUintN(32, magnitude * 10n) > BigInt(b);
    const field = dramMismatch(coordinate(a, 1, 1, 1), coordinate(b, 1, 1, 1));
    if (field !== (mismatch ? 'readLatency' : undefined)) wrong.push({ a, b, mismatch });
    if (mismatch) far++;
    else near++;
  }
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(Math.min(far, near)).toBeGreaterThan(caseCount / 200);
});
