import { expect, test } from 'vitest';
import { createAccessHistogram } from './access-histogram.ts';
import { headroom } from './migrator.ts';
import { createSamplingLadder } from './sampling-ladder.ts';

test('a page is in the bin of the logarithm of its accesses, the last bin holds all beyond', () => {
  const histogram = createAccessHistogram();
  histogram.add(0, 0, 1);
  expect([0, 1, 1, 1, 1].map((more) => histogram.count(0, more))).toEqual([0, 1, 1, 2, 2]);
  expect(histogram.count(0, 2 ** 15)).toBe(15);
  expect(histogram.count(0, 2 ** 30)).toBe(15);
});

test('the hottest bins are those that fit together', () => {
  const histogram = createAccessHistogram();
  for (const [page, accesses] of [3, 3, 3, 100, 100, 5000].entries())
    histogram.add(page, accesses, 10);
  // Bins 2, 6 and 12 hold 30, 20 and 10 base pages.
  expect(histogram.hottest(10)).toEqual({ bin: 7, pages: 10 });
  expect(histogram.hottest(29)).toEqual({ bin: 7, pages: 10 });
  expect(histogram.hottest(30)).toEqual({ bin: 3, pages: 30 });
  expect(histogram.hottest(60)).toEqual({ bin: 0, pages: 60 });
});

test('cooling halves counts and empties the bins until pages are looked at', () => {
  const histogram = createAccessHistogram();
  histogram.add(0, 100, 1);
  histogram.add(1, 100, 1);
  histogram.cool();
  histogram.cool();
  expect(histogram.hottest(0)).toEqual({ bin: 0, pages: 0 });
  expect(histogram.binOf(0)).toBe(4); // 25 accesses
  expect(histogram.hottest(0).bin).toBe(5);
  expect(histogram.count(1, 39)).toBe(6); // 25 + 39
});

test('headroom is the published one in pages of 4 KiB', () => {
  const least = 128 * 100;
  expect(headroom(100_000, least)).toEqual({ promotion: 12_800, demotion: 12_800 });
  expect(headroom(1_000_000, least)).toEqual({ promotion: 30_000, demotion: 20_000 });
  expect(headroom(20_000_000, least)).toEqual({ promotion: 256_000, demotion: 256_000 });
});

test('the sampler steps to longer periods above its quota, and back below it', () => {
  const periodsFor = createSamplingLadder(30);
  expect([35, 36, 36, 25, 24].map(periodsFor)).toEqual([
    undefined,
    { loads: 293, stores: 300_007 },
    { loads: 401, stores: 600_011 },
    undefined,
    { loads: 293, stores: 300_007 },
  ]);
});
