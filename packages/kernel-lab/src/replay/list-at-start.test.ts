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

const zone = (low: number, listedPages?: number): ShownZone => ({
  node: 0,
  type: 1,
  min: 0,
  low,
  high: low,
  promo: low,
  presentPages: 61_440,
  managedPages: 50_697,
  freePages: 44_343,
  perCpuPages: 0,
  perCpuUnmovable: 0,
  listedPages,
});

test('a list with room holds what the measuring program found', () => {
  expect(listAtStart(zone(3042), FACTS)).toEqual({
    perCpuPages: 1510,
    perCpuUnmovable: 30,
    sizedPages: 49_032,
  });
});

test('the list of a small zone was as long as its low watermark before the program started', () => {
  expect(listAtStart(zone(1040), FACTS).perCpuPages).toBe(1040 - 140 - 80 + 30);
});

test('a record that shows how long the list was wins over both', () => {
  expect(listAtStart(zone(1040, 1010), FACTS).perCpuPages).toBe(1010 - 140 - 80 + 30);
  expect(listAtStart(zone(3042, 2000), FACTS).perCpuPages).toBe(2000 - 140 - 80 + 30);
  expect(listAtStart(zone(3042, 0), FACTS).perCpuPages).toBe(30);
});
