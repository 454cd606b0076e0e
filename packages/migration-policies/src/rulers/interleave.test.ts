import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { interleave } from './interleave.ts';

const pages = (count: number): { pages: number; latencyNs: number } => ({
  pages: count,
  latencyNs: 100,
});

test('pages go round by their numbers', async () => {
  // numbers 0 3 6 7 8 over three nodes: 0 0 0 1 2
  const record = await replay({
    trace: numberTrace([0, 3, 6, 7, 8]),
    memory: tinyMemory([pages(9), pages(9), pages(9)]),
    policy: interleave,
  });
  expect(record.totals.nodes.map((node) => node.pages)).toEqual([3, 1, 1]);
});

test('a huge page counts as one', async () => {
  const record = await replay({
    trace: numberTrace([0, 512, 1024, 1536]),
    memory: tinyMemory([pages(2048), pages(2048)]),
    policy: interleave,
    settings: { hugePages: 'always' },
  });
  expect(record.totals.nodes.map((node) => node.pages)).toEqual([1024, 1024]);
});
