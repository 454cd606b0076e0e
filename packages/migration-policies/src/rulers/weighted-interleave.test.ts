import type { MegabytesPerSecond } from '@tierlab/policy';
import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { automaticWeights, weightedInterleave } from './weighted-interleave.ts';

const node = (read: number, write: number): Parameters<typeof automaticWeights>[0][number] => ({
  readBandwidth: read as MegabytesPerSecond,
  writeBandwidth: write as MegabytesPerSecond,
});

test.each([
  // 200 : 50 GB/s is 25.6 : 6.4 of 32; 25 and 6 have no common divisor.
  [
    [node(200_000, 200_000), node(50_000, 50_000)],
    [25, 6],
  ],
  // The lesser direction counts: 24 : 8 is 3 : 1.
  [
    [node(60_000, 90_000), node(40_000, 20_000)],
    [3, 1],
  ],
  // Nobody gets less than 1: 31.96 : 0.03.
  [
    [node(100_000, 100_000), node(100, 100)],
    [31, 1],
  ],
])('weights of %j are %j', (nodes, weights) => {
  expect(automaticWeights(nodes)).toEqual(weights);
});

test('pages follow the weights', async () => {
  const record = await replay({
    trace: numberTrace(Array.from({ length: 40 }, (_, i) => i)),
    memory: tinyMemory([
      { pages: 100, latencyNs: 100, bandwidthMbps: 60_000 },
      { pages: 100, latencyNs: 100, bandwidthMbps: 20_000 },
    ]),
    policy: weightedInterleave,
  });
  expect(record.totals.nodes.map(({ pages }) => pages)).toEqual([30, 10]);
});
