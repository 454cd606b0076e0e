import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { lowerBound } from './lower-bound.ts';

test('with room for all it is the memory time of the fastest node', async () => {
  const { bound, totals } = await replay({
    trace: letterTrace('abacA'),
    memory: tinyMemory([
      { pages: 3, latencyNs: 100, writeLatencyNs: 150 },
      { pages: 8, latencyNs: 300 },
    ]),
    policy: lowerBound,
    settings: { memoryParallelism: 1 },
  });
  // Rounded down for what sums of rounded prices may err.
  expect(bound!.placementNs).toBeCloseTo(4 * 100 + 150, 5);
  expect(bound!.placementNs).toBeLessThanOrEqual(totals.time.memoryNs);
});

test('of two pages with one frame it knows that one must wait', async () => {
  // a and b by turns, 20 times; a move costs more than all of it. The frame is a's or b's: 10 * 100 + 10 * 300.
  const { bound } = await replay({
    trace: letterTrace('ab'.repeat(10)),
    memory: tinyMemory([
      { pages: 1, latencyNs: 100 },
      { pages: 8, latencyNs: 300 },
    ]),
    policy: lowerBound,
    settings: { memoryParallelism: 1, movePage: 1e6 },
  });
  expect(bound!.placementNs).toBeGreaterThan(0.99 * 4000);
  expect(bound!.placementNs).toBeLessThanOrEqual(4000);
});
