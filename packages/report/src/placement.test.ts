import type { RunRecord } from '@tierlab/core';
import { expect, test } from 'vitest';

import { madeRecord, madeSweep, type MadeRun } from '../test/made-records.ts';
import { capacityCurves } from './capacity-curve.ts';
import { intervalsTable } from './intervals.ts';
import { placementTable } from './placement.ts';
import { runId } from './run-set.ts';
import { columnValues } from './table.ts';
import { placementSummary } from './terminal.ts';

test('slowdown is over the all-fast run of the same trace and machine, whatever its capacity', () => {
  const records = [
    madeRecord({ policy: 'stay-put', slower: 3, topPages: 10 }),
    madeRecord({ policy: 'all-fast', relaxes: ['capacity'], slower: 2, topPages: 99 }),
    madeRecord({ policy: 'stay-put', slower: 5, machine: 'another' }),
  ];
  expect(columnValues(placementTable(records), 'slowdown')).toEqual([1.5, 1, undefined]);
});

test('the gap is to the quickest ruler of the same capacities and seed', () => {
  const records = [
    madeRecord({ policy: 'mine', slower: 3 }),
    madeRecord({ policy: 'clairvoyant', groundTruth: ['nextUse'], slower: 2 }),
    madeRecord({ policy: 'belady', groundTruth: ['nextUse'], slower: 1.5, seed: 2 }),
    madeRecord({ policy: 'unbounded', groundTruth: ['accesses'], relaxes: ['capacity'] }),
    madeRecord({ policy: 'mine', slower: 3, topPages: 1 }),
  ];
  expect(columnValues(placementTable(records), 'gap_to_best_ruler')).toEqual([
    0.5,
    0,
    0,
    -0.5,
    undefined,
  ]);
  expect(columnValues(placementTable(records), 'ruler')).toEqual([false, true, true, true, false]);
});

const bound = (placementNs: number, attained: boolean, topPages: number): RunRecord =>
  madeRecord({ policy: 'r', groundTruth: ['all'], bound: { placementNs, attained }, topPages });

test('the gap to the bound is of costs, to the highest bound of the capacities, and to the optimum where it is met', () => {
  const records = [
    madeRecord({ policy: 'mine', topPages: 10 }),
    bound(500_000, false, 10),
    { ...bound(400_000, true, 10), refusals: { other: 1 } },
    madeRecord({ policy: 'mine', topPages: 20 }),
    bound(700_000, true, 20),
    madeRecord({ policy: 'mine', topPages: 30 }),
  ].map((record) => ({ ...record, totals: { ...record.totals, migrationNs: 250_000 } }));
  // Each waits 1,250,000 ns for memory.
  const gaps = (name: string): unknown[] => [...columnValues(placementTable(records), name)];
  expect(gaps('placement_cost_ns')).toEqual(Array.from({ length: 6 }, () => 1_500_000));
  const second = 1_500_000 / 700_000 - 1;
  expect(gaps('gap_to_bound')).toEqual([2, 2, 2, second, second, undefined]);
  expect(gaps('gap_to_optimum')).toEqual([
    undefined,
    undefined,
    undefined,
    second,
    second,
    undefined,
  ]);
});

test('misses are known of traces of misses alone', () => {
  const records = (['cpu', 'memory'] as const).map((level) => madeRecord({ policy: 'a', level }));
  const [cpu, memory] = columnValues(placementTable(records), 'tier0_miss_share');
  expect(cpu).toBeUndefined();
  expect(memory).toBe(columnValues(placementTable(records), 'tier0_access_share')[1]);
});

const id = (run: MadeRun): unknown => runId(madeRecord(run));

test('a run has one id, and whatever determines it changes the id', () => {
  const ids = [
    id({ policy: 'a' }),
    id({ policy: 'b' }),
    id({ policy: 'a', seed: 2 }),
    id({ policy: 'a', topPages: 7 }),
    id({ policy: 'a', trace: 'other' }),
    id({ policy: 'a', params: { x: '1' } }),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  for (const each of ids) expect(each).toMatch(/^r[0-9a-f]{12}$/);
  // What a run came to is no part of its id.
  expect(id({ policy: 'a', slower: 9 })).toBe(ids[0]);
});

test('no table has a number that is not finite', () => {
  const empty = madeRecord({ policy: 'nothing', intervals: 0 });
  for (const table of [placementTable([empty, ...madeSweep()]), intervalsTable([empty])]) {
    for (const cell of table.rows.flat()) {
      expect(typeof cell !== 'number' || Number.isFinite(cell)).toBe(true);
    }
  }
});

const endings = [
  [/in nanoseconds\.$/, /_ns$/],
  [/in bytes\.$|^Bytes (of|read from and)/, /_bytes$/],
  [/MB\/s/, /_mbps$/],
  [/0 to 1\.$/, /_share$/],
] as const;

test('names of columns: lower case, once each, shares without and quantities with their unit', () => {
  for (const table of [placementTable(madeSweep()), intervalsTable(madeSweep())]) {
    const names = table.columns.map((column) => column.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    const wrong = table.columns.filter(({ name, definition }) =>
      endings.some(([words, ending]) => words.test(definition) && !ending.test(name)),
    );
    expect(wrong).toEqual([]);
  }
});

const heads = (records: readonly RunRecord[]): string =>
  placementSummary(records)
    .columns.map((column) => column.head)
    .join(' | ');

test('the terminal has only the columns that tell runs apart', () => {
  expect(heads([madeRecord({ policy: 'a' }), madeRecord({ policy: 'b' })])).toBe(
    'policy | node0 | node1 | node2 | promotions | demotions | moved | refused | time | slowdown',
  );
  expect(heads(madeSweep())).toBe(
    'policy | node0 size | seed | node0 | node1 | node2 | promotions | demotions | moved | refused | time | slowdown',
  );
  const { rows } = placementSummary([
    madeRecord({ policy: 'all-fast', relaxes: ['capacity'] }),
    madeRecord({ policy: 'hot', params: { n: '\u001B[31m8' }, trace: 'x', slower: 2 }),
  ]);
  expect(rows[0]?.[1]).toBe('all-fast *');
});

test('the capacity curve is over the nodes that were resized, and none where nothing was', () => {
  // Node 1 of the fastest tier has 4,000 pages in every run: the sizes are those of node 0 alone.
  const [curve] = capacityCurves(madeSweep());
  const sizes = curve?.lines.map((line) => line.points.map((point) => point.topTierBytes / 4096));
  expect(sizes).toEqual(Array.from({ length: 5 }, () => [500, 1000]));
  const line = curve?.lines.find((each) => each.policy === 'stay-put');
  expect(line?.points[0]?.slowdown).toBeCloseTo(1.3 / 0.8, 12);
  expect(capacityCurves([madeRecord({ policy: 'a' }), madeRecord({ policy: 'b' })])).toEqual([]);
});
