import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { staticHottest } from './static-hottest.ts';

test('pages fill the tiers by their accesses in the whole run', async () => {
  // accesses: a 1, b 4, c 2, d 3; tiers of 1, 2 and 4 pages: b | d c | a
  const record = await replay({
    trace: letterTrace('a b c d b d c b d b'),
    memory: tinyMemory([
      { pages: 1, latencyNs: 100 },
      { pages: 2, latencyNs: 200 },
      { pages: 4, latencyNs: 300 },
    ]),
    policy: staticHottest,
  });
  expect(record.totals.nodes.map(({ reads, pages }) => [reads, pages])).toEqual([
    [4, 1],
    [5, 2],
    [1, 1],
  ]);
  expect(record.manifest.policy.groundTruth).toEqual(['runAccesses']);
});
