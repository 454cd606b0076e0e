import { NO_WORK, type KernelWork } from '@tierlab/linux-mm';
import { expect, test } from 'vitest';
import { guestCosts, measuredGuest } from './guest-costs.ts';
import { workNs } from './kswapd-thread.ts';

const costs = guestCosts(measuredGuest('6.12'), true);
const microseconds = (work: Partial<KernelWork>): number =>
  workNs({ ...NO_WORK, ...work }, costs) / 1000;

// A trace of Linux 6.12 in the lab, 80,000 pages read one after the other: probes at try_to_inc_max_seq and evict_folios,
// which take 0.6 us each, and mm_vmscan_lru_shrink_inactive. None of the costs is read off it.
test.each<[string, Partial<KernelWork>, number]>([
  [
    '64 pages kept, two of them for their own accessed bit',
    { scanned: 64, looks: 2, young: 62 },
    88.1,
  ],
  [
    '64 pages kept, one of them for its own accessed bit',
    { scanned: 64, looks: 1, young: 63 },
    83.4,
  ],
  ['64 pages moved down', { scanned: 64, moved: 64 }, 947],
  [
    'the first walk, of which 45,097 pages are on the node',
    { entries: 80_000, young: 45_097, leftAlone: 34_903 },
    12_980,
  ],
])('%s', (_, work, traced) => {
  expect(Math.abs(microseconds(work) / traced - 1)).toBeLessThan(0.03);
});

// The guest of 7.2 promoted no huge page while it was measured: that costs what it did under 6.18.
test.each(['6.12', '6.18', '7.2'])('every cost of %s is a number of nanoseconds', (kernel) => {
  for (const generations of [true, false]) {
    const costs = guestCosts(measuredGuest(kernel), generations);
    const flat = Object.values(costs).flatMap((cost) =>
      typeof cost === 'object' ? Object.values(cost as object) : [cost],
    );
    for (const cost of flat) expect(cost).toSatisfy(Number.isFinite);
  }
});
