import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { autonuma } from './autonuma.ts';

const MARKS = { minPages: 10, lowPages: 13, highPages: 16, promoPages: 19 };

test('O1: nothing moves into a fast node that the first touches have filled', async () => {
  // 700 pages touched in turn, more than the fast node holds.
  const pages = Uint32Array.from({ length: 2_000_000 }, (_, i) => i % 700);
  const memory = tinyMemory([
    { pages: 400, latencyNs: 100, watermarks: MARKS },
    { pages: 1000, latencyNs: 300, watermarks: MARKS },
  ]);
  const { totals } = await replay({
    trace: numberTrace(pages),
    memory,
    policy: autonuma,
    settings: { memoryParallelism: 0.1 },
  });
  // First touch stops at the low mark, 13 free pages: below the high mark, so no page is taken.
  expect([totals.promotedPages, totals.demotedPages]).toEqual([0, 0]);
});
