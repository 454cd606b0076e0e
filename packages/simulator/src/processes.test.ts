import { defineMigrationPolicy } from '@tierlab/policy';
import { mergeTraces, sampleTrace } from '@tierlab/trace';
import { expect, test } from 'vitest';
import { letterTrace, numberTrace, replay, tinyMemory } from './index.ts';

test('processes side by side have pages of their own, in the order of their clocks', async () => {
  const seen: string[] = [];
  const found: unknown[] = [];
  const look = defineMigrationPolicy({
    name: 'look',
    doc: 'Notes what is mapped.',
    signals: ['allocation'],
    create: ({ pages }) => ({
      allocate: ({ page, process, pageNumber, thread }) =>
        void seen.push(`${page}: page ${pageNumber} of process ${process}, thread ${thread}`),
      finish() {
        found.push(pages.processCount, pages.at(0, 7), pages.at(1, 7), pages.at(1, 8));
        found.push([...pages.inRange(1, 0, 100)]);
      },
    }),
  });
  // Both access page 7; the second one starts 5 ns later.
  const one = numberTrace([7, 8, 7], () => false, 2, Float64Array.of(0, 20, 30));
  const two = numberTrace([7, 9], () => false, 2, Float64Array.of(5, 10));
  const record = await replay({
    trace: mergeTraces([{ trace: one }, { trace: two }]),
    memory: tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 9, latencyNs: 300 },
    ]),
    policy: look,
    settings: { memoryParallelism: 1 },
  });
  expect(seen).toEqual([
    '0: page 7 of process 0, thread 0',
    '1: page 7 of process 1, thread 1',
    '2: page 9 of process 1, thread 1',
    '3: page 8 of process 0, thread 0',
  ]);
  expect(found).toEqual([2, 0, 1, undefined, [1, 2]]);
  // The two that were touched first fill node 0: page 7 of each process, three accesses.
  expect(record.totals.nodes.map(({ reads }) => reads)).toEqual([3, 2]);
});

test('huge pages of two processes are apart', async () => {
  const one = numberTrace([0, 1], () => false, 2, Float64Array.of(0, 2));
  const two = numberTrace([0, 1], () => false, 2, Float64Array.of(1, 3));
  const { vmstat, totals } = await replay({
    trace: mergeTraces([{ trace: one }, { trace: two }]),
    memory: tinyMemory([{ pages: 4 * 512, latencyNs: 100 }]),
    policy: defineMigrationPolicy({ name: 'still', doc: 'Stays.', create: () => ({}) }),
    settings: { hugePages: 'always' },
  });
  expect(vmstat).toMatchObject({ thp_fault_alloc: 2 });
  expect(totals.nodes[0].pages).toBe(1024);
});

test('an access of a sample is charged for the accesses that it stands for', async () => {
  const sampled = sampleTrace(letterTrace('a'.repeat(5000) + 'B'.repeat(5000)), 10, 1);
  let [reads, writes] = [0, 0];
  for await (const { length, write, weight } of sampled.blocks()) {
    for (let i = 0; i < length; i++) {
      if (write[i] === 1) writes += weight![i];
      else reads += weight![i];
    }
  }
  const { totals, manifest } = await replay({
    trace: sampled,
    memory: tinyMemory([{ pages: 4, latencyNs: 80, writeLatencyNs: 120 }]),
    policy: defineMigrationPolicy({ name: 'still', doc: 'Stays.', create: () => ({}) }),
    settings: { memoryParallelism: 1, fault: 0 },
  });
  expect(reads).toBeGreaterThan(4000);
  expect(totals.nodes[0]).toMatchObject({ reads, writes, readBytes: 64 * reads });
  expect(totals.time.memoryNs).toBe(80 * reads + 120 * writes);
  expect(totals.timeNs).toBe(totals.time.memoryNs);
  expect(manifest.trace.samplePeriod).toBe(10);
});
