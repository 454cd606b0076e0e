import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { damonReclaim } from './damon-reclaim.ts';

const memory = tinyMemory([
  { pages: 1000, latencyNs: 100 },
  { pages: 3000, latencyNs: 300 },
]);

/** 800 pages once, then 100 of them in turn, 1 us each. */
const mostlyIdle = Uint32Array.from({ length: 1_500_000 }, (_, i) => (i < 800 ? i : i % 100));

test.each([
  [200_000, 500, 700],
  [3_600_000_000, 0, 0],
])('idle for %d us: %d to %d pages leave', async (min_age, least, most) => {
  const { totals } = await replay({
    trace: numberTrace(mostlyIdle),
    memory,
    policy: damonReclaim,
    params: { min_age, wmarks_high: 1000, wmarks_mid: 1000, wmarks_low: 0 },
    settings: { memoryParallelism: 0.1 },
  });
  expect(totals.demotedPages).toBeGreaterThanOrEqual(least);
  expect(totals.demotedPages).toBeLessThanOrEqual(most);
  expect(totals.promotedPages).toBe(0);
});

test('tuned intervals grow where little is accessed, and so does an age that is counted in them', async () => {
  // 800 pages once, then one of them for 3 s: a region in 800 or so is accessed, far below 0.4 %.
  const oneHot = Uint32Array.from({ length: 3_000_000 }, (_, i) => (i < 800 ? i : 0));
  const demoted = async (autotune_monitoring_intervals: 'on' | 'off'): Promise<number> => {
    const { totals } = await replay({
      trace: numberTrace(oneHot),
      memory,
      policy: damonReclaim,
      // Idle for 20 intervals of 100 ms: 2 s, unless they grow.
      params: {
        min_age: 2_000_000,
        wmarks_high: 1000,
        wmarks_mid: 1000,
        wmarks_low: 0,
        autotune_monitoring_intervals,
      },
      settings: { memoryParallelism: 0.1 },
    });
    return totals.demotedPages;
  };
  expect(await demoted('off')).toBeGreaterThan(500);
  expect(await demoted('on')).toBe(0);
});
