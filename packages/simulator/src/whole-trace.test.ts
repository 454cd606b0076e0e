import { placementCostNs } from '@tierlab/core';
import { defineMigrationPolicy, nodeId } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { letterTrace, replay, tinyMemory } from './index.ts';

const [near, far] = [nodeId(0), nodeId(1)];

test('a ruler that knows the whole trace can tell what a run costs before it runs', async () => {
  let foretold = 0;
  const teller = defineMigrationPolicy({
    name: 'teller',
    doc: 'Moves page b up after its second access, and knows what that makes.',
    signals: ['wholeTrace', 'accessStream', 'allocation'],
    create({ signals: { wholeTrace }, memory, moves }) {
      for (let i = 0; i < wholeTrace.length; i++) {
        const node = wholeTrace.page[i] === 0 || i > 3 ? near : far;
        foretold += wholeTrace.accessNs(wholeTrace.kind[i], node);
      }
      foretold += memory.movePageNs(far, near);
      return {
        allocate: ({ page }) => [page === 0 ? near : far],
        block({ replayThrough }) {
          replayThrough(3);
          moves.request(1, near);
        },
        bound: () => ({ placementNs: foretold, attained: true }),
      };
    },
  });
  // Reads: a near, b far, a near, b far; then the move; then a write and a read of b near.
  const record = await replay({
    trace: letterTrace('a b a b B b', 1000),
    memory: tinyMemory([
      { pages: 4, latencyNs: 80, writeLatencyNs: 120, bandwidthMbps: 1000 },
      { pages: 4, latencyNs: 300, bandwidthMbps: 1000 },
    ]),
    policy: teller,
    settings: { memoryParallelism: 1, movePage: 700, shootdown: 300 },
  });
  // The copy of 4096 B at 1000 MB/s takes 4096 ns; the shootdown is no part of the placement's cost.
  expect(record.totals.migrationNs).toBe(700 + 4096);
  expect(placementCostNs(record)).toBe(80 + 300 + 80 + 300 + 120 + 80 + 4796);
  expect(foretold).toBe(placementCostNs(record));
  expect(record.bound).toEqual({ placementNs: foretold, attained: true });
});

test('exempt from watermarks, first touch fills a node to its min watermark', async () => {
  expect(await heldBySix([])).toEqual([2, 4]);
  expect(await heldBySix(['watermarks'])).toEqual([4, 2]);
});

/** Pages that the nodes hold of six touched, where the first node has five, one below min and three below low. */
async function heldBySix(relaxes: readonly 'watermarks'[]): Promise<number[]> {
  const watermarks = { minPages: 1, lowPages: 3, highPages: 3, promoPages: 3 };
  const { totals } = await replay({
    trace: letterTrace('abcdef'),
    memory: tinyMemory([
      { pages: 5, latencyNs: 80, watermarks },
      { pages: 9, latencyNs: 300 },
    ]),
    policy: defineMigrationPolicy({ name: 'still', doc: 'Stays.', relaxes, create: () => ({}) }),
  });
  return totals.nodes.map(({ pages }) => pages);
}
