import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { tpp } from './tpp.ts';

const MARKS = { minPages: 10, lowPages: 13, highPages: 16, promoPages: 19 };
const memory = tinyMemory([
  { pages: 400, latencyNs: 100, watermarks: MARKS },
  { pages: 1000, latencyNs: 300, watermarks: MARKS },
]);

test('kswapd keeps the demotion mark free before anyone is short', async () => {
  // 380 pages fit above the low mark; the demotion mark is twice the high mark, 32, or 10 % of the node, 40
  const pages = Uint32Array.from({ length: 300_000 }, (_, i) => (i < 380 ? i : i % 10));
  const run = (demote_scale_factor: number): ReturnType<typeof replay> =>
    replay({
      trace: numberTrace(pages),
      memory,
      policy: tpp,
      params: { demote_scale_factor },
      settings: { memoryParallelism: 0.1 },
    });
  const floor = await run(0);
  expect(floor.totals.demotedPages).toBeGreaterThanOrEqual(32 - 20);
  const tenth = await run(1000);
  expect(tenth.totals.demotedPages).toBeGreaterThan(floor.totals.demotedPages);
});

test('a hot page of the slow node is promoted after its touches made it active, not at the first', async () => {
  const pages = Uint32Array.from({ length: 4_000_000 }, (_, i) => (i < 1000 ? i : 900 + (i % 50)));
  const { totals } = await replay({
    trace: numberTrace(pages),
    memory,
    policy: tpp,
    params: { scan_period_min_ms: 100, scan_delay_ms: 100 },
    settings: { memoryParallelism: 0.1 },
  });
  expect(totals.promotedPages).toBeGreaterThan(25);
});
