import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { allFast } from './all-fast.ts';

test('every access is served by the fastest tier, however small it is', async () => {
  const record = await replay({
    trace: letterTrace('abcdef'),
    memory: tinyMemory([
      { pages: 1, latencyNs: 100 },
      { pages: 2, latencyNs: 300 },
    ]),
    policy: allFast,
    settings: { memoryParallelism: 1, fault: 0 },
  });
  expect(record.totals.nodes[0]).toMatchObject({ reads: 6, pages: 6 });
  expect(record.totals.timeNs).toBe(600);
  expect(record.manifest.policy.relaxes).toContain('capacity');
});
