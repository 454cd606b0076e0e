import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { decayedFrequency } from './decayed-frequency.ts';

const memory = tinyMemory([
  { pages: 1, latencyNs: 100 },
  { pages: 4, latencyNs: 300 },
]);

test('what is hot in the sum of decayed epochs comes in, not what was hot in the last one alone', async () => {
  // page:  a b b b b b b b | a a b b c c c c | c c c c c c c c      node 0 holds one page, | = epoch, half-life 1
  // scores at the end:       a 1 b 7 | a 2.5 b 5.5 c 4 | a 1.25 b 2.75 c 10
  // Epoch 0: b, in bin 2, is hot: exchange with a, in bin 0. Epoch 1: b and c are in bin 2, which is too much for one frame
  // and hot all the same: b is there, and no page of the tier is colder. Epoch 2: c, in bin 3, is hot and b, in bin 1, is not.
  const record = await replay({
    trace: letterTrace('abbbbbbb aabbcccc cccccccc'),
    memory,
    policy: decayedFrequency,
    params: { halfLife: 1 },
    settings: { epochAccesses: 8 },
    watchedPages: [0, 1, 2],
  });
  expect(record.watched?.map(({ page, from, to, access }) => [page, from, to, access])).toEqual([
    [1, 1, 0, 8],
    [0, 0, 1, 8],
    [2, 1, 0, 24],
    [1, 0, 1, 24],
  ]);
  expect(record.watched?.map(({ why }) => why?.replace(/bin \d+/, 'bin N'))).toEqual([
    'score 7.00: among the pages from bin N on, which fit the fastest tier',
    'made room for page 1; score 1.00',
    'score 10.00: among the pages from bin N on, which fit the fastest tier',
    'made room for page 2; score 2.75',
  ]);
  expect(record.totals).toMatchObject({ requests: 2, promotedPages: 2, demotedPages: 2 });
});

test('a warm page leaves only where no colder one does', async () => {
  // First touch puts a and b on node 0, which holds two pages. At the end of the epoch a has 2 (bin 1), b 1 (bin 0), c and d 8 each
  // (bin 3), e 1. Down to bin 2 the pages are two, and with a they would be three: bin 2 and above is hot, bin 1 is warm.
  // The first to come takes the place of b, and only the second that of a.
  const record = await replay({
    trace: letterTrace('aabcdecccccccddddddd'),
    memory: tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 5, latencyNs: 300 },
    ]),
    policy: decayedFrequency,
    params: { halfLife: 1 },
    settings: { epochAccesses: 20 },
    watchedPages: [0, 1, 2, 3],
  });
  expect(record.watched?.filter(({ to }) => to === 1).map(({ page }) => page)).toEqual([1, 0]);
  expect(record.totals.promotedPages).toBe(2);
});

test('a budget of one page an epoch moves one page an epoch, the hottest first', async () => {
  const record = await replay({
    trace: letterTrace('abccddddddee ccddddddeeee ccddddddeeee'),
    memory: tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 4, latencyNs: 300 },
    ]),
    policy: decayedFrequency,
    params: { budget: '4 KiB' },
    settings: { epochAccesses: 12 },
    watchedPages: [3],
  });
  expect(record.watched?.[0]).toMatchObject({ page: 3, to: 0, access: 12 });
  expect(record.totals.promotedPages).toBeLessThanOrEqual(3);
  expect(record.totals.promotedPages).toBeGreaterThanOrEqual(2);
});
