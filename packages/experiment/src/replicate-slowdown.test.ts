import type { RunRecord } from '@tierlab/core';
import { expect, test } from 'vitest';

import { comparePolicies, type FinishedRun } from './policy-pairs.ts';
import { replicateSlowdowns } from './replicate-slowdown.ts';

function run(
  policy: string,
  timeNs: number,
  replicate: Partial<FinishedRun['point']> = {},
): FinishedRun {
  const point = {
    trace: 't',
    machine: 'm',
    policy,
    params: {},
    capacities: {},
    seed: 1,
    ...replicate,
  };
  return { point: point as FinishedRun['point'], record: { totals: { timeNs } } as RunRecord };
}

const means = (runs: readonly FinishedRun[]): unknown[] =>
  replicateSlowdowns(runs, 'all-fast').map(({ runs: group, mean }) => [
    group[0].point.policy,
    group.length,
    Number(mean.toFixed(9)),
  ]);

test('the mean is geometric, over the baseline of the same seed, or of any where it has one', () => {
  expect(
    means([
      run('all-fast', 10),
      run('all-fast', 20, { seed: 2 }),
      run('a', 20),
      run('a', 160, { seed: 2 }),
      // Its seed has no baseline: the first one stands for it.
      run('b', 10, { seed: 7 }),
      run('b', 90, { seed: 8 }),
    ]),
  ).toEqual([
    ['all-fast', 2, 1],
    ['a', 2, 4],
    ['b', 2, 3],
  ]);
});

test('one run alone, and runs without a baseline, have none', () => {
  expect(means([run('all-fast', 10), run('a', 20)])).toEqual([]);
  expect(means([run('a', 20), run('a', 30, { seed: 2 })])).toEqual([]);
});

const window = (start: number) => ({ window: { start, end: start + 10 } });

test('sizes and parameters are configurations, windows are replicates; what repeats another is none', () => {
  const runs = [0, 10].flatMap((start) => [
    run('all-fast', 10 + start, window(start)),
    run('a', 20 + 4 * start, window(start)),
    // The same time as with the other seed.
    run('a', 20 + 4 * start, { ...window(start), seed: 2 }),
    run('a', 40 + start, { ...window(start), capacities: { 0: 4096 } }),
  ]);
  expect(means(runs)).toEqual([
    ['all-fast', 2, 1],
    ['a', 4, Number(Math.sqrt(2 * 3).toFixed(9))],
    ['a', 2, Number(Math.sqrt(4 * 2.5).toFixed(9))],
  ]);
});

test('the interval is that of the pair with the baseline', () => {
  const runs = [3, 5, 4, 7, 4.5, 6].flatMap((slower, seed) => [
    run('a', 1000 * slower, { seed }),
    run('all-fast', 1000, { seed }),
  ]);
  const [pair] = comparePolicies(runs);
  const [ofA] = replicateSlowdowns(runs, 'all-fast');
  expect(pair.other).toBe('all-fast');
  expect(ofA).toMatchObject({ low: pair.timeRatioLow, high: pair.timeRatioHigh });
  expect(ofA.low).toBeLessThan(ofA.mean);
  expect(ofA.high).toBeGreaterThan(ofA.mean);
});
