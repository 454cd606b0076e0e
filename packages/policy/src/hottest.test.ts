import { expect, test } from 'vitest';
import { coldest, hottest } from './index.ts';

const all = (heat: readonly number[]): number[] => heat.map((_, page) => page);
const sorted = (pages: Uint32Array): number[] => [...pages].toSorted((a, b) => a - b);

test('the hottest pages, untouched ones left out', () => {
  const heat = [5, 0, 9, 1, 7];
  expect(sorted(hottest(heat, all(heat), 5, 2, () => 0))).toEqual([2, 4]);
  expect(sorted(hottest(heat, all(heat), 5, 9, () => 0))).toEqual([0, 2, 3, 4]);
  expect(sorted(hottest(heat, [3, 1, 0], 3, 1, () => 0))).toEqual([0]);
  expect(sorted(coldest(heat, all(heat), 5, 2, () => 0))).toEqual([1, 3]);
});

test('pages that tie are drawn evenly, whatever their ids', () => {
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const heat = Array.from({ length: 100 }, (_, page) => (page === 40 ? 9 : 3));
  const drawn = new Uint32Array(100);
  const first = new Uint32Array(100);
  for (let run = 0; run < 10_000; run++) {
    const pages = hottest(heat, all(heat), 100, 12, random);
    for (const page of pages) drawn[page]++;
    first[pages[0]]++;
  }
  // Any of the 12 may come first: page 40 in 833 of 10,000, standard deviation 28.
  expect(Math.abs(first[40] - 833)).toBeLessThan(140);
  expect(drawn[40]).toBe(10_000);
  // 11 of 99 in 10,000 draws: mean 1111, standard deviation 31; 5 deviations for the extremes of 99.
  const others = [...drawn].filter((_, page) => page !== 40);
  expect(Math.min(...others)).toBeGreaterThan(950);
  expect(Math.max(...others)).toBeLessThan(1270);
});

test('agrees with sorting on random heats', () => {
  let state = 7;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let run = 0; run < 300; run++) {
    const heat = Array.from({ length: 1 + Math.floor(random() * 60) }, () =>
      Math.floor(random() * random() * 30),
    );
    const limit = Math.floor(random() * 70);
    const got = [...hottest(heat, all(heat), heat.length, limit, random)];
    const want = heat
      .filter((value) => value > 0)
      .toSorted((a, b) => b - a)
      .slice(0, limit);
    expect(got.map((page) => heat[page]).toSorted((a, b) => b - a)).toEqual(want);
    expect(new Set(got).size).toBe(got.length);
  }
});
