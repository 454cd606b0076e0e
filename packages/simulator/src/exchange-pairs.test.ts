import { randomStream } from '@tierlab/core';
import type { MigrationPolicy } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { numberTrace, replay, tinyMemory } from './index.ts';
import { policyOf } from './policy-of.testing.ts';

/** Now and then some pages are queued, some protected, and many swapped, few of them twice. */
const swapping = (together: boolean): MigrationPolicy =>
  policyOf(['accesses', 'hintFaults'], ({ moves, pages, signals, random, memory: { nodes } }) => {
    const below = (bound: number): number => Math.floor(bound * random());
    return {
      hintFault: ({ page }) => void moves.exchangeMany([page], [below(pages.pageCount)]),
      epoch({ pageCount: known }) {
        if (below(4) === 0) moves.enqueueTransaction(below(known), nodes[0].id, true);
        for (let k = 0; k < 10; k++) signals.hintFaults.protect(below(known));
        const some = Array.from({ length: 30 }, () => below(known));
        const others = some.map(() => below(known));
        if (together) moves.exchangeMany(some, others);
        else some.forEach((page, i) => moves.exchange(page, others[i]));
      },
    };
  });

test('pairs that are asked for together swap as they do one by one', async () => {
  let swapped = 0;
  let refused = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const draw = randomStream(seed);
    const pageCount = 20 + draw.below(80);
    const huge = seed % 3 === 0;
    const numbers = Array.from({ length: 6000 }, () => draw.below(pageCount) * (huge ? 200 : 1));
    const unit = huge ? 512 : 1;
    const memory = tinyMemory([
      { pages: unit * (4 + draw.below(10)), latencyNs: 90 },
      { pages: unit * (4 + draw.below(10)), latencyNs: 150 },
      { pages: unit * 2 * pageCount, latencyNs: 250, bandwidthMbps: 20_000 },
    ]);
    const request = {
      trace: numberTrace(numbers, (i) => i % 3 === 0, 1000),
      memory,
      seed,
      settings: {
        epochAccesses: 50 + draw.below(500),
        idleCores: draw.below(2),
        hugePages: huge ? 'always' : 'never',
      },
      ...(seed % 5 === 0 && { watchedPages: [0, 1, 2, 3] }),
    } as const;
    const record = await replay({ ...request, policy: swapping(true) });
    expect(record, `seed ${seed}`).toEqual(await replay({ ...request, policy: swapping(false) }));
    swapped += record.totals.movedRequests;
    refused += record.totals.refusedRequests;
  }
  expect(swapped).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(1000);
});
