import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { windowHottestFree } from './window-hottest-free.ts';
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

test('the free one makes the same moves at no cost', async () => {
  const charged = await replay({ ...request, policy: windowHottest });
  const free = await replay({ ...request, policy: windowHottestFree });
  expect(free.watched).toEqual(charged.watched);
  expect(free.totals.kernelThreadNs).toBe(0);
  expect(free.totals.nodes.map(({ readBytes }) => readBytes)).toEqual([9 * 64, 3 * 64]);
  expect(free.manifest.policy.relaxes).toEqual(['moveCost']);
});
