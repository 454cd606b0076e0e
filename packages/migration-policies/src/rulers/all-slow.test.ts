import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { allSlow } from './all-slow.ts';

test('every access is served by the slowest tier, however small it is', async () => {
  const record = await replay({
    trace: letterTrace('abcdef'),
    memory: tinyMemory([
      { pages: 1, latencyNs: 100 },
      { pages: 2, latencyNs: 300 },
    ]),
    policy: allSlow,
    settings: { memoryParallelism: 1, fault: 0 },
  });
  expect(record.totals.nodes[1]).toMatchObject({ reads: 6, pages: 6 });
  expect(record.totals.timeNs).toBe(1800);
  expect(record.manifest.policy.relaxes).toContain('capacity');
});
