import type { RunRecord } from '@tierlab/core';
import type { RunPoint } from '@tierlab/experiment';
import { expect, test } from 'vitest';

import { chooseMapped } from './choose-mapped.ts';

interface Made {
  readonly policy: string;
  readonly timeNs: number;
  readonly machine?: string;
  readonly seed?: number;
  readonly ruler?: boolean;
}

function chosen(runs: readonly Made[], count: number): string {
  const points = runs.map(({ policy, machine = 'm', seed = 1 }) => {
    return { trace: 't', machine, policy, seed, capacities: {}, params: {} } as unknown as RunPoint;
  });
  const records = runs.map(({ timeNs, ruler = false }) => {
    const policy = { groundTruth: ruler ? ['accesses'] : [], relaxes: [] };
    return { totals: { timeNs }, manifest: { policy } } as unknown as RunRecord;
  });
  return chooseMapped(points, records, count)
    .map(({ machine, policy }) => `${machine}:${policy}`)
    .join(' ');
}

test('the quickest policy, then stay-put, then the next quickest; no ruler, no second seed', () => {
  const runs = [
    { policy: 'bound', timeNs: 1, ruler: true },
    { policy: 'stay-put', timeNs: 9 },
    { policy: 'a', timeNs: 5 },
    { policy: 'b', timeNs: 4 },
    { policy: 'b', timeNs: 2, seed: 2 },
  ];
  expect([0, 1, 2, 3, 9].map((count) => chosen(runs, count))).toEqual([
    '',
    'm:b',
    'm:stay-put m:b',
    'm:stay-put m:a m:b',
    'm:stay-put m:a m:b',
  ]);
});

test('every machine has its first before any has its second', () => {
  const runs = ['m', 'n'].flatMap((machine) => [
    { policy: 'stay-put', timeNs: 9, machine },
    { policy: 'a', timeNs: 5, machine },
  ]);
  expect(chosen(runs, 3)).toBe('m:stay-put m:a n:a');
});
