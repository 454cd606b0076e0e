import { expect, test } from 'vitest';
import {
  createZones,
  freePages,
  takePages,
  watermarkOk,
  type Zone,
  type ZoneDescription,
} from './zones.ts';

/** Zones of a recorded guest's node 0 with 256 MiB. */
const DMA: ZoneDescription = {
  node: 0,
  type: 0,
  min: 190,
  low: 237,
  high: 284,
  promo: 331,
  presentPages: 3998,
  managedPages: 3840,
  freePages: 3808,
  perCpuPages: 0,
  perCpuUnmovable: 0,
};
const DMA32: ZoneDescription = {
  node: 0,
  type: 1,
  min: 2434,
  low: 3042,
  high: 3650,
  promo: 4258,
  presentPages: 61_440,
  managedPages: 50_697,
  freePages: 44_379,
  perCpuPages: 0,
  perCpuUnmovable: 0,
};
const zones = (): [Zone, Zone] => createZones([DMA, DMA32], 1) as [Zone, Zone];

test('a low zone keeps pages from requests that a higher zone can serve', () => {
  // 50,697 pages above, one kept in 256: 198
  expect(zones().map((zone) => zone.lowmemReserve)).toEqual([198, 0]);
});

test('a mark is tight: one page more than mark and reserve must stay', () => {
  const [dma] = zones();
  dma.freePages = 237 + 198 + 1;
  expect(watermarkOk(dma, dma.low)).toBe(true);
  dma.freePages--;
  expect(watermarkOk(dma, dma.low)).toBe(false);
});

test('a block of 512 pages needs 511 more than one page does', () => {
  const [, zone] = zones();
  zone.freePages = zone.low + 511;
  expect(takePages(zone, zone.low, 'huge')).toBe(false);
  zone.freePages++;
  expect(takePages(zone, zone.low, 'huge')).toBe(true);
});

test('blocks of huge pages come to the per-CPU list in pairs, and go back whole while kswapd works', () => {
  const [, zone] = zones();
  expect(takePages(zone, zone.low, 'huge')).toBe(true);
  expect(zone.freePages).toBe(44_379 - 1024);
  expect(takePages(zone, zone.low, 'huge')).toBe(true);
  expect(zone.freePages).toBe(44_379 - 1024);
  expect(zone.perCpu.count).toBe(0);
  zone.reclaimActive = true;
  freePages(zone, 'huge');
  expect(zone.freePages).toBe(44_379 - 512);
  expect(zone.perCpu.count).toBe(0);
});

test('a zone whose list takes one page at a time gives one block at a time', () => {
  const [dma] = zones();
  takePages(dma, dma.low, 'huge');
  expect(dma.freePages).toBe(3808 - 512);
});

test('refills of the per-CPU list double from 15 to 480 pages, and the mark is looked at before the list', () => {
  const [, zone] = zones();
  const refills: number[] = [];
  let before = zone.freePages;
  let taken = 0;
  while (takePages(zone, zone.low, 'movable')) {
    taken++;
    if (zone.freePages !== before) refills.push(before - zone.freePages);
    before = zone.freePages;
  }
  expect(refills.slice(0, 7)).toEqual([15, 30, 60, 120, 240, 480, 480]);
  expect(zone.freePages).toBeLessThanOrEqual(zone.low);
  // what the last refill brought stays on the list, out of reach
  expect(taken + zone.freePages + zone.perCpu.count).toBe(44_379);
  expect(zone.perCpu.count).toBeGreaterThan(400);
});

test('freed pages stay on the list up to its mark, and reach the zone soon while kswapd works', () => {
  const [, idle] = zones();
  for (let i = 0; i < 3000; i++) freePages(idle, 'movable');
  expect(idle.freePages).toBe(44_379);
  const [, busy] = zones();
  busy.reclaimActive = true;
  for (let i = 0; i < 3000; i++) freePages(busy, 'movable');
  expect(busy.freePages).toBeGreaterThan(44_379 + 2900);
});

test('the list is as large as the zone was when its sizes were set', () => {
  // 26,121 pages now, a node of 160 MiB: a batch of 7; 24,456 then, which gives 3, as the kernel's first refill shows
  const small = { ...DMA32, managedPages: 26_121 };
  const now = createZones([small], 1);
  const then = createZones([{ ...small, sizedPages: 24_456 }], 1);
  expect([now, then].map(([zone]) => zone?.perCpu.batch)).toEqual([7, 3]);
});
