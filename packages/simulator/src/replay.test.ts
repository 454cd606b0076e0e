import { defineMigrationPolicy } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { letterTrace, replay, tinyMemory } from './index.ts';

const stayPut = defineMigrationPolicy({
  name: 'stay-put',
  doc: 'Nothing moves.',
  create: () => ({}),
});

/** One access at a time, and nothing else costs anything. */
const bare = { memoryParallelism: 1, fault: 0, shootdown: 0, movePage: 0 };

test('an unloaded run is a closed formula, to the nanosecond', async () => {
  // page:  a b c a c C   node 0 holds a and b, node 1 holds c; 80 and 250 ns, writes 300 on node 1
  const record = await replay({
    trace: letterTrace('abcacC'),
    memory: tinyMemory([
      { pages: 2, latencyNs: 80 },
      { pages: 8, latencyNs: 250, writeLatencyNs: 300 },
    ]),
    policy: stayPut,
    settings: { ...bare, fault: '1000 ns' },
  });
  const { totals } = record;
  expect(totals.nodes.map(({ reads, writes, pages }) => [reads, writes, pages])).toEqual([
    [3, 0, 2],
    [2, 1, 1],
  ]);
  expect(totals.timeNs).toBe(3 * 80 + 2 * 250 + 300 + 3 * 1000);
  expect(totals.time).toEqual({
    thinkNs: 0,
    memoryNs: 3 * 80 + 2 * 250 + 300,
    faultNs: 3000,
    moveNs: 0,
    sampleNs: 0,
    displacedNs: 0,
  });
});
