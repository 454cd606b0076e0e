import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { linuxTiering08 } from './linux-tiering-0.8.ts';

const MARKS = { minPages: 10, lowPages: 13, highPages: 16, promoPages: 19 };
const memory = tinyMemory([
  { pages: 400, latencyNs: 100, watermarks: MARKS },
  { pages: 1000, latencyNs: 300, watermarks: MARKS },
]);
const hotAtTheEnd = Uint32Array.from({ length: 2_000_000 }, (_, i) =>
  i < 1000 ? i : 900 + (i % 50),
);

const run = (limit: number): ReturnType<typeof replay> =>
  replay({
    trace: numberTrace(hotAtTheEnd),
    memory,
    policy: linuxTiering08,
    params: { numa_balancing_promote_rate_limit_MBps: limit },
    settings: { memoryParallelism: 0.1 },
  });

test('promotes the hot pages within its rate limit', async () => {
  expect((await run(30)).totals.promotedPages).toBeGreaterThan(25);
  expect((await run(0)).totals.promotedPages).toBe(0);
});
