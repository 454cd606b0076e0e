import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { damonLruSort } from './damon-lru-sort.ts';

test.each([
  {},
  { active_mem_bp: 5000, filter_young_pages: 'on', autotune_monitoring_intervals: 'on' },
])(
  'it moves nothing itself: pages go down only where an allocation finds the fast node short',
  async (knobs) => {
    const memory = tinyMemory([
      {
        pages: 1000,
        latencyNs: 100,
        watermarks: { minPages: 10, lowPages: 13, highPages: 16, promoPages: 19 },
      },
      {
        pages: 3000,
        latencyNs: 300,
        watermarks: { minPages: 10, lowPages: 13, highPages: 16, promoPages: 19 },
      },
    ]);
    const pages = Uint32Array.from({ length: 600_000 }, (_, i) => (i < 900 ? i : i % 50));
    const { totals } = await replay({
      trace: numberTrace(pages),
      memory,
      policy: damonLruSort,
      params: {
        wmarks_high: 1000,
        wmarks_mid: 1000,
        wmarks_low: 0,
        cold_min_age: 100_000,
        ...knobs,
      },
      settings: { memoryParallelism: 0.1 },
    });
    expect([totals.promotedPages, totals.demotedPages]).toEqual([0, 0]);
  },
);
