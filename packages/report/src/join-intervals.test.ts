import { expect, test } from 'vitest';

import { madeRecord } from '../test/made-records.ts';
import { joinIntervals } from './join-intervals.ts';

const { intervals } = madeRecord({ policy: 'a', intervals: 11 });

test('what is short enough stays as it is', () => {
  expect(joinIntervals(intervals, 11)).toBe(intervals);
  expect(joinIntervals([], 4)).toEqual([]);
});

test.each([1, 2, 3, 4, 10])('at most %i: no gap, the same sums, the pages at the end', (max) => {
  const joined = joinIntervals(intervals, max);
  expect(joined.length).toBeLessThanOrEqual(max);
  expect(joined.map(({ startNs }) => startNs).slice(1)).toEqual(
    joined.map(({ endNs }) => endNs).slice(0, -1),
  );
  expect(joined.at(-1)?.endNs).toBe(intervals.at(-1)?.endNs);
  const sum = (of: typeof intervals, node: number): number =>
    of.reduce((total, { nodes }) => total + (nodes[node]?.readBytes ?? 0), 0);
  for (const node of [0, 1, 2]) expect(sum(joined, node)).toBe(sum(intervals, node));
  expect(joined.at(-1)?.nodes[0]?.pages).toBe(intervals.at(-1)?.nodes[0]?.pages);
});
