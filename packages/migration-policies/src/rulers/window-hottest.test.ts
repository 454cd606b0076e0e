import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { windowHottest } from './window-hottest.ts';

// page:  a b b b | c c c a | b a a a    node 0 holds one page, | = epoch
// b is mapped on node 0, then c (b is demoted to make room before), then a changes places with c.
const request = {
  trace: letterTrace('abbb ccca baaa'),
  memory: tinyMemory([
    { pages: 1, latencyNs: 100 },
    { pages: 4, latencyNs: 300 },
  ]),
  settings: { epochAccesses: 4 },
  watchedPages: [0, 1, 2],
};

test('each epoch finds its hottest page in the fastest tier', async () => {
  const record = await replay({ ...request, policy: windowHottest });
  expect(record.watched?.map(({ page, from, to, access }) => [page, from, to, access])).toEqual([
    [1, 0, 1, 4],
    [0, 1, 0, 8],
    [2, 0, 1, 8],
  ]);
  expect(record.totals.nodes.map(({ reads }) => reads)).toEqual([9, 3]);
  expect(record.totals.kernelThreadNs).toBeGreaterThan(0);
});
