import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import type { GivenParam, MigrationPolicy } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { linuxNumaBalancing } from './linux-numa-balancing.ts';

const PAGES = 1000;
const MARKS = { minPages: 10, lowPages: 13, highPages: 16, promoPages: 19 };
const ACCESSES = 2_000_000;

/** Fast node of 400 pages, slow node of 1,000. */
const memory = tinyMemory([
  { pages: 400, latencyNs: 100, watermarks: MARKS },
  { pages: PAGES, latencyNs: 300, watermarks: MARKS },
]);

/** Every page once in order, so that the fast node is full of pages 0 to 386, then pages 900 to 949 in turn. */
const hotAtTheEnd = Uint32Array.from({ length: ACCESSES }, (_, i) =>
  i < PAGES ? i : 900 + (i % 50),
);

/** Accesses wait for each other ten times over: 1 us on the fast node, 3 us on the slow one, 2 to 6 s in all. */
const run = (
  params: Readonly<Record<string, GivenParam>>,
  policy: MigrationPolicy = linuxNumaBalancing,
): ReturnType<typeof replay> =>
  replay({
    trace: numberTrace(hotAtTheEnd),
    memory,
    policy,
    params,
    settings: { memoryParallelism: 0.1 },
  });

test('tiering promotes most of the hot pages and demotes as many cold ones to make room', async () => {
  const { totals } = await run({});
  expect(totals.promotedPages).toBeGreaterThan(25);
  expect(totals.promotedPages).toBeLessThanOrEqual(50);
  // kswapd works up to the promo mark, and each promotion takes one page
  expect(totals.demotedPages).toBeGreaterThanOrEqual(totals.promotedPages);
});

test('every kernel does it', async () => {
  for (const kernel of ['6.1', '6.12', '6.14', '6.18']) {
    const { totals, vmstat } = await run({ kernel });
    expect(totals.promotedPages).toBeGreaterThan(25);
    // No node has the free GiB into which promotion is not limited.
    expect(vmstat['pgpromote_candidate_nrl'] ?? 0).toBe(0);
  }
});

test('mode 0 moves nothing', async () => {
  const { totals } = await run({ numa_balancing: '0' });
  expect([totals.promotedPages, totals.demotedPages]).toEqual([0, 0]);
});

test('O1: without demotion a full fast node takes no page', async () => {
  for (const numa_balancing of ['1', '2']) {
    const { totals } = await run({ numa_balancing, demotion_enabled: 'off' });
    expect([totals.promotedPages, totals.demotedPages]).toEqual([0, 0]);
  }
});

test('a rate limit of 0 refuses every candidate', async () => {
  const { totals } = await run({ numa_balancing_promote_rate_limit_MBps: 0 });
  expect(totals.promotedPages).toBe(0);
});

test('both LRUs make room, and a seed makes the run', async () => {
  for (const lru_gen_enabled of ['on', 'off']) {
    const first = await run({ lru_gen_enabled });
    expect(first.totals.promotedPages).toBeGreaterThan(25);
    expect(await run({ lru_gen_enabled })).toEqual(first);
  }
});

/** 700 pages in turn, 2 us or so an access, scanned as often as can be. */
const sweep = (accesses: number): ReturnType<typeof replay> =>
  replay({
    trace: numberTrace(Uint32Array.from({ length: accesses }, (_, i) => i % 700)),
    memory,
    policy: linuxNumaBalancing,
    params: { scan_delay_ms: 100, scan_period_min_ms: 100, scan_period_max_ms: 100 },
    settings: { memoryParallelism: 0.1 },
  });

test('O3: where the working set exceeds the fast node, pages go up and down for as long as it runs', async () => {
  const [half, whole] = [await sweep(750_000), await sweep(1_500_000)];
  expect(half.totals.promotedPages).toBeGreaterThan(400);
  // It never settles: the second half moves nearly as many again, and each promotion costs a demotion.
  expect(whole.totals.promotedPages).toBeGreaterThan(1.7 * half.totals.promotedPages);
  expect(Math.abs(whole.totals.demotedPages - whole.totals.promotedPages)).toBeLessThan(100);
});
