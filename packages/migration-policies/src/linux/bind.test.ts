import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { bind } from './bind.ts';
import { preferred } from './preferred.ts';

const memory = tinyMemory([
  { pages: 4, latencyNs: 100 },
  { pages: 4, latencyNs: 300 },
]);

/** Reads per node of four pages touched once each. */
const reads = async (policy: typeof bind, nodes: string): Promise<number[]> => {
  const record = await replay({ trace: letterTrace('abcd'), memory, policy, params: { nodes } });
  return record.totals.nodes.map((node) => node.reads);
};

test('bind takes from the set only, nearest first', async () => {
  expect(await reads(bind, '1')).toEqual([0, 4]);
  expect(await reads(bind, '0-1')).toEqual([4, 0]);
});

test('a node without memory is told', async () => {
  await expect(reads(bind, '0,7')).rejects.toThrow(/node 7 has no memory; there are 0, 1/);
  await expect(reads(preferred, 'fast')).rejects.toThrow(/not a list such as 0-2,5/);
});
