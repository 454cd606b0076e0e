import { randomShares } from '@tierlab/core';
import { expect, test } from 'vitest';

import { smallExperiment } from '../test/small-experiment.ts';
import { bootstrapMean } from './bootstrap.ts';
import { inProcessExecutor } from './executor.ts';
import { expandExperiment } from './matrix.ts';
import { comparePolicies, type PolicyPair } from './policy-pairs.ts';
import { holm, signFlipTest } from './sign-flip.ts';
import { memoryStore } from './store.ts';
import { runSweep } from './sweep.ts';
import { checkThresholds, parseThreshold } from './threshold.ts';

/** Normal numbers: Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

test.each([
  ['normal', 5, normal, 0],
  ['normal', 20, normal, 0],
  ['exponential, which is skewed', 10, (random: () => number) => -Math.log(1 - random()), 1],
] as const)(
  'an interval of 95 percent covers the mean that often: %s, %d values',
  (_, n, draw, mean) => {
    const random = randomShares(11);
    const trials = 600;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const values = Array.from({ length: n }, () => draw(random));
      const interval = bootstrapMean(values, { random, resamples: 400 });
      if (interval && interval.low <= mean && mean <= interval.high) covered++;
    }
    // The standard error of a share of 0.95 in 600 trials is 0.009; the method itself is right to about 0.02.
    expect(covered / trials).toBeGreaterThan(0.92);
    expect(covered / trials).toBeLessThan(0.985);
  },
);

test('no interval without five values that vary', () => {
  const options = { random: randomShares(1) };
  expect(bootstrapMean([1, 2, 3, 4], options)).toBeUndefined();
  expect(bootstrapMean([3, 3, 3, 3, 3, 3], options)).toBeUndefined();
  expect(bootstrapMean([1, 2, 3, 4, 5], options)?.estimate).toBe(3);
});

const ends = (values: readonly number[]): number[] => {
  const interval = bootstrapMean(values, { random: randomShares(5) });
  return [interval?.low ?? 0, interval?.high ?? 0];
};

test('the interval moves and grows with its values', () => {
  const values = [4, 7, 1, 9, 3, 6];
  const [low, high] = ends(values);
  const [movedLow, movedHigh] = ends(values.map((value) => 10 + 2 * value));
  expect(movedLow).toBeCloseTo(10 + 2 * low, 9);
  expect(movedHigh).toBeCloseTo(10 + 2 * high, 9);
});

test("Darwin's maize: Fisher's own figures for the sign-flip test", () => {
  // Differences of 15 pairs in eighths of an inch; 863 of the 32,768 flips have a sum as high or higher, either side.
  // Source: Fisher, The Design of Experiments, section 21: 1,726 of 32,768, 5.267 %.
  const darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
  expect(signFlipTest(darwin, randomShares(1))).toBe(1726 / 32_768);
});

test('beyond 16 pairs flips are drawn, and p is near the normal approximation', () => {
  const random = randomShares(3);
  const differences = Array.from({ length: 40 }, () => normal(random) + 0.3);
  const z =
    differences.reduce((sum, value) => sum + value, 0) /
    Math.sqrt(differences.reduce((sum, value) => sum + value ** 2, 0));
  // Abramowitz and Stegun 7.1.26 for erfc(z / sqrt 2).
  const t = 1 / (1 + (0.3275911 * Math.abs(z)) / Math.SQRT2);
  const poly =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const expected = poly * Math.exp((-z * z) / 2);
  expect(Math.abs(signFlipTest(differences, random) - expected)).toBeLessThan(0.01);
});

test('Holm, an example worked by hand', () => {
  // sorted 0.005 0.01 0.03 0.04 times 4 3 2 1: 0.02 0.03 0.06 0.04, made monotone: 0.02 0.03 0.06 0.06
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});

async function compare(seeds: readonly number[]): Promise<readonly PolicyPair[]> {
  const experiment = { ...smallExperiment, seeds };
  const points = expandExperiment(experiment);
  const executors = [inProcessExecutor(experiment)];
  const records = await runSweep({ points, store: memoryStore(), executors });
  return comparePolicies(points.map((point, i) => ({ point, record: records[i] })));
}

test('policies of a real sweep: pairs by trace and capacity, and no verdict from fewer than five seeds', async () => {
  const three = await compare([1, 2, 3]);
  expect(three).toHaveLength(2 * 2 * ((4 * 3) / 2));
  expect(new Set(three.map((pair) => pair.verdict))).toEqual(new Set(['undecided']));

  const seven = await compare([1, 2, 3, 4, 5, 6, 7]);
  const pair = (policy: string, other: string) =>
    seven.find(
      (each) =>
        each.trace === 'skewed' &&
        each.capacities === 'node0=81920' &&
        each.policy === policy &&
        each.other === other,
    );
  const versus = pair('stay-put', 'swap-hot(pages=2)');
  expect(versus?.verdict).toBe('slower');
  expect(versus?.timeRatioLow).toBeGreaterThan(1);
  // All seven pairs have one sign: 2 of 2^7 flips are as extreme, and of the corrected ones none is smaller.
  expect(versus?.pValue).toBe(2 / 2 ** 7);
  expect(versus?.pValueHolm).toBeGreaterThanOrEqual(versus?.pValue ?? 1);
  // Neither has anything random: seven seeds are one observation.
  expect(pair('all-fast', 'stay-put')).toMatchObject({ pairs: 1, verdict: 'undecided' });
});

test('a null policy is called quicker than its twin in no more than a twentieth of the cases', () => {
  const random = randomShares(17);
  let called = 0;
  for (let trial = 0; trial < 300; trial++) {
    const differences = Array.from({ length: 8 }, () => normal(random));
    const interval = bootstrapMean(differences, { random, resamples: 300 });
    if (interval && (interval.high < 0 || interval.low > 0)) called++;
  }
  expect(called / 300).toBeLessThan(0.05 + 3 * 0.0126);
});

test('thresholds: at the limit, missing values, and what cannot be read', () => {
  const metrics = ['slowdown', 'migration_bytes'];
  const crossed = (text: string, slowdown: number | undefined): boolean | undefined =>
    checkThresholds([parseThreshold(text, metrics)], [{ run: 'r', value: () => slowdown }])[0]
      ?.crossed;
  expect(crossed('slowdown > 1.05', 1.05)).toBe(false);
  expect(crossed('slowdown>=1.05', 1.05)).toBe(true);
  expect(crossed('slowdown < 1', 1)).toBe(false);
  expect(crossed(' slowdown <= 1 ', 1)).toBe(true);
  expect(crossed('slowdown > 1.05', undefined)).toBe(false);
  expect(() => parseThreshold('slowness > 1', metrics)).toThrow(
    'there are: slowdown, migration_bytes',
  );
  for (const text of ['slowdown', 'slowdown = 1', 'slowdown > fast', '> 1', 'slowdown > ']) {
    expect(() => parseThreshold(text, metrics)).toThrow("such as 'slowdown > 1.05'");
  }
});
