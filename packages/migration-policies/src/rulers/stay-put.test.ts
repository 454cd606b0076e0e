import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { stayPut } from './stay-put.ts';

test('first touch fills the fastest tier and nothing moves afterwards', async () => {
  const record = await replay({
    trace: letterTrace('abcc ccca'),
    memory: tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 4, latencyNs: 300 },
    ]),
    policy: stayPut,
  });
  expect(record.totals.nodes.map(({ reads, pages }) => [reads, pages])).toEqual([
    [3, 2],
    [5, 1],
  ]);
  expect(record.totals.requests).toBe(0);
});
