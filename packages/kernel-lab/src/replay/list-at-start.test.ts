import { expect, test } from 'vitest';
import type { ShownZone } from '../zoneinfo.ts';
import { listAtStart } from './list-at-start.ts';

/** Of a list of 1,700 pages the program's start takes 140; of the 1,560 left, 1,480 can move and 30 serve page tables. */
const FACTS = {
  per_cpu_before: 1700,
  per_cpu_pages: 1560,
  per_cpu_movable: 1480,
  per_cpu_unmovable: 30,
  image_pages_freed: 1665,
};

const zone = (managedPages: number, low: number, listedPages?: number): ShownZone => ({
  node: 0,
  type: 1,
  min: 0,
  low,
  high: low,
  promo: low,
  presentPages: managedPages,
  managedPages,
  freePages: managedPages,
  perCpuPages: 0,
  perCpuUnmovable: 0,
  listedPages,
});

test('a list with room holds what the measuring program found, also of a zone with low watermarks', () => {
  for (const low of [3042, 358])
    expect(listAtStart(zone(50_697, low), FACTS)).toEqual({
      perCpuPages: 1510,
      perCpuUnmovable: 30,
      sizedPages: 49_032,
    });
});

test('the list of a small zone was full before the program started', () => {
  const small = listAtStart(zone(18_441, 1100), FACTS);
  expect(small.perCpuPages).toBe(1100 - 140 - 80 + 30);
});

test('a record that shows how long the list was wins over both', () => {
  expect(listAtStart(zone(18_441, 1100, 1010), FACTS).perCpuPages).toBe(1010 - 140 - 80 + 30);
  expect(listAtStart(zone(50_697, 3042, 2000), FACTS).perCpuPages).toBe(2000 - 140 - 80 + 30);
  expect(listAtStart(zone(50_697, 3042, 0), FACTS).perCpuPages).toBe(30);
});
