import { expect, test } from 'vitest';
import { agreement, barOf, judge, onSharedIntervals } from './agreement.ts';
import type { KernelRecord } from './record.ts';

/** Four pages, one interval per placement. */
function record(name: string, placements: readonly string[], promoted = 0): KernelRecord {
  return {
    name,
    kernel: '',
    qemu: [],
    setup: '',
    agent: '4 300 1 u:1:0:4:0:0',
    exact: true,
    knobs: {},
    tiers: {},
    demotion: [],
    zoneinfo: '',
    start: { free: {}, vmstat: {} },
    intervals: placements.map((placement, i) => ({
      ms: (i + 1) * 500,
      placement,
      vmstat: { pgpromote_success: promoted },
    })),
    end: '',
  };
}

test('agreement is the share of pages on the same node, share difference that of node 0', () => {
  // first interval: 0011 and 0101, two of four agree, two on node 0 in both; second: 0000 and 0001
  const result = agreement(record('a', ['02 12', '04']), record('b', ['01 11 01 11', '03 11']));
  expect(result).toEqual({
    pages: (0.5 + 0.75) / 2,
    pagesWorst: 0.5,
    topShare: 0.125,
    topShareWorst: 0.25,
  });
});

test('a record without an interval of the other is refused', () => {
  expect(() => agreement(record('a', ['04', '04']), record('b', ['04']))).toThrow(
    /b: no interval at 1000 ms/,
  );
});

test('a record of another number of pages is refused', () => {
  const five = { ...record('b', ['05']), agent: '5 300 1 u:1:0:5:0:0' };
  expect(() => agreement(record('a', ['04']), five)).toThrow(
    'b: expected 4 pages, as a has, got 5',
  );
});

test('records of different length are compared where both have an interval', () => {
  const both = onSharedIntervals([record('a', ['04', '04']), record('b', ['04'])]);
  expect(both.map(({ intervals }) => intervals.map(({ ms }) => ms))).toEqual([[500], [500]]);
});

test('the bar is the least typical run less 0.03, the widest share plus 0.02, the span of counters and a tenth', () => {
  const runs = [
    record('a', ['02 12'], 100),
    record('b', ['02 12'], 110),
    record('c', ['01 13'], 90),
  ];
  const bar = barOf(runs);
  expect(bar.ownAgreement).toEqual([0.875, 0.875, 0.75]);
  expect(bar.pages).toBeCloseTo(0.72, 12);
  expect(bar.topShare).toBeCloseTo(0.27, 12);
  expect(bar.counters['pgpromote_success']).toEqual([81, 110 * 1.1]);
});

test('tight: a counter just inside the bar passes, one beyond it does not', () => {
  const runs = [record('a', ['02 12'], 100), record('b', ['02 12'], 100)];
  expect(judge(record('us', ['02 12'], 90), runs).misses).toEqual([]);
  expect(judge(record('us', ['02 12'], 89), runs).misses).toEqual(['pgpromote_success']);
  expect(judge(record('us', ['04'], 100), runs).misses).toEqual(['pages', 'topShare']);
});
