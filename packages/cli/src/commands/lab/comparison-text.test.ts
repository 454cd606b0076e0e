import { barOf, judge, type KernelRecord } from '@tierlab/kernel-lab';
import { expect, test } from 'vitest';

import { comparisonMarkdown, comparisonText } from './comparison-text.ts';

/** Four pages, one interval. */
const record = (name: string, placement: string, promoted: number): KernelRecord => ({
  name,
  kernel: '6.12',
  qemu: [],
  setup: '',
  agent: '4 300 1 u:1:0:4:0:0',
  exact: true,
  knobs: {},
  tiers: {},
  demotion: [],
  zoneinfo: '',
  start: { free: {}, vmstat: {} },
  intervals: [
    { ms: 500, n0: Number(placement[1]), placement, vmstat: { pgpromote_success: promoted } },
  ],
  end: '',
});

// The kernel's runs agree on three pages of four: the bar is 0.75 - 0.03. Counters 10 and 12 widen to 9 and 13.
const kernels = [record('tiny', '02 12', 10), record('tiny~b', '03 11', 12)];
const bar = barOf(kernels);
const ours = record('tiny', '01 13', 14);
const withGolden = { pages: 0.75, pagesWorst: 0.75, topShare: 0.25, topShareWorst: 0.25 };

test('with an ensemble: the kernel with itself, the bar, and what misses it', () => {
  const verdict = judge(ours, kernels, bar);
  const text = comparisonText({ ours, kernels, withGolden, bar, verdict });
  // Ours shares three pages with one run and two with the other, and is off by one page and by two.
  expect(text).toContain('tiny: 1 intervals to 500 ms, against 2 runs of 6.12');
  expect(text).toMatch(/^pages on .* +62\.50 % +75\.00 % with itself +at least 72\.00 % +missed$/m);
  expect(text).toMatch(/^node 0's share.* +37\.50 % +at most 27\.00 % +missed$/m);
  expect(text).toMatch(/^pgpromote_success +14 +10 to 12 +9 to 13 +missed$/m);
  expect(text).toMatch(/^pgdemote_kswapd +0 +0 +0 to 0$/m);
  expect(text).toMatch(/\nours {3}▁\nkernel █ {2}1 to 2 pages on node 0\n$/);
});

test('with the golden alone there is no bar', () => {
  const [golden] = kernels;
  const text = comparisonMarkdown({ ours, kernels: golden ? [golden] : [], withGolden });
  expect(text.split('\n').slice(2, 5)).toEqual([
    '| measure | ours | the kernel |',
    '| --- | --- | --- |',
    '| pages on the same node | 75.00 % |  |',
  ]);
});

test('a record without intervals has nothing to compare with', () => {
  expect(comparisonText({ ours, kernels: [] })).toMatch(/none to compare with\n$/);
});
