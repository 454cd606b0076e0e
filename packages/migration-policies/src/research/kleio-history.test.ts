import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { kleioHistory } from './kleio-history.ts';

const memory = tinyMemory([
  { pages: 1, latencyNs: 100 },
  { pages: 4, latencyNs: 300 },
]);

test('the last period decides what the next one finds in the fastest tier', async () => {
  // page:  a b b b | b b a b | c c c c    node 0 holds one page, | = period
  // first touch puts a on node 0; period 0: b is hottest -> exchange with a.
  // period 1: b stays. period 2: c is hottest -> exchange with b.
  const record = await replay({
    trace: letterTrace('abbb bbab cccc'),
    memory,
    policy: kleioHistory,
    settings: { epochAccesses: 4 },
    watchedPages: [0, 1, 2],
  });
  expect(record.watched?.map(({ page, from, to, access }) => [page, from, to, access])).toEqual([
    [1, 1, 0, 4],
    [0, 0, 1, 4],
    [2, 1, 0, 12],
    [1, 0, 1, 12],
  ]);
  expect(record.watched?.map(({ why }) => why)).toEqual([
    '3 accesses in period 0: among its 1 hottest pages',
    'made room for page 1; unused since period 1',
    '4 accesses in period 2: among its 1 hottest pages',
    'made room for page 2; unused since period 2',
  ]);
  expect(record.totals.nodes.map(({ reads }) => reads)).toEqual([1 + 3, 3 + 1 + 4]);
  expect(record.totals).toMatchObject({ requests: 2, promotedPages: 2, demotedPages: 2 });
});

test('a budget of one page a period moves one page a period', async () => {
  const record = await replay({
    trace: letterTrace('aabbccddee ddeeddeeee ddeeddeeee'),
    memory: tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 4, latencyNs: 300 },
    ]),
    policy: kleioHistory,
    params: { budget: '4 KiB' },
    settings: { epochAccesses: 10 },
  });
  expect(record.totals.promotedPages).toBeLessThanOrEqual(3);
  expect(record.totals.promotedPages).toBeGreaterThanOrEqual(2);
});
