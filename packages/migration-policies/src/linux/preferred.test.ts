import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { preferred } from './preferred.ts';

test('the preferred node while it has room, then the nearest', async () => {
  const memory = tinyMemory([
    { pages: 8, latencyNs: 100 },
    { pages: 3, latencyNs: 300 },
  ]);
  const record = await replay({
    trace: letterTrace('abcde'),
    memory,
    policy: preferred,
    params: { nodes: '1' },
  });
  expect(record.totals.nodes.map((node) => node.reads)).toEqual([2, 3]);
});
