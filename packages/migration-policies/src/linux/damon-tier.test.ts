import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import type { GivenParam, MigrationPolicy } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { damonTier } from './damon-tier.ts';

const MARKS = { minPages: 10, lowPages: 13, highPages: 16, promoPages: 19 };
const memory = tinyMemory([
  { pages: 1000, latencyNs: 100, watermarks: MARKS },
  { pages: 3000, latencyNs: 300, watermarks: MARKS },
]);

/** Every page once, so that 987 of 2,000 fit the fast node, then the last 500 in turn: 1 to 3 us each. */
const hotAtTheEnd = Uint32Array.from({ length: 1_500_000 }, (_, i) =>
  i < 2000 ? i : 1500 + (i % 500),
);

const run = (
  policy: MigrationPolicy,
  params: Readonly<Record<string, GivenParam>>,
): ReturnType<typeof replay> =>
  replay({
    trace: numberTrace(hotAtTheEnd),
    memory,
    policy,
    params,
    settings: { memoryParallelism: 0.1 },
  });

test('idle regions make room and accessed ones come up', async () => {
  // windows of 50 ms: from one byte to a page in a dozen of them; half of the fast node is to be free
  const { totals } = await run(damonTier, {
    access_bp: 0,
    reset_interval_ms: 50,
    apply_interval_us: 50_000,
    node_mem_free_bp: 5000,
  });
  expect(totals.demotedPages).toBeGreaterThan(0);
  expect(totals.promotedPages).toBeGreaterThan(0);
});

test('the slow start: a quota tuned from one byte doubles each second, so that little moves in the first seconds', async () => {
  // score 0 while nothing is free: 2, 4, 8 bytes...: the first whole page is allowed in the 12th second
  const { totals } = await run(damonTier, {
    access_bp: 0,
    node_mem_used_bp: 10_000,
    node_mem_free_bp: 10_000,
  });
  expect(totals.demotedPages).toBeLessThan(10);
});

test('a quota of 0 bytes is no limit, one of a page moves a page a second', async () => {
  const { totals } = await run(damonTier, { access_bp: 0, quota_bytes: 4096 });
  expect(totals.promotedPages + totals.demotedPages).toBeLessThanOrEqual(2 * 5);
});
