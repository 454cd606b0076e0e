import { defineMigrationPolicy, nodeId } from '@tierlab/policy';
import type { MigrationContext, Signal } from '@tierlab/policy';
import type { RunRecord } from '@tierlab/core';
import { expect, test } from 'vitest';
import { numberTrace, replay, tinyMemory } from './index.ts';

const [near, far] = [nodeId(0), nodeId(1)];
const ALL: readonly Signal[] = ['accessedBits', 'hintFaults', 'samples'];

/** Every cost another figure; a page is copied in 4096 ns: 4096 B at 1000 MB/s. */
const costs = {
  fault: 1000,
  pteScan: 30,
  shootdown: 2000,
  movePage: 700,
  moveHugePage: 50_000,
  splitHugePage: 9000,
  sample: 300,
  sampleRead: 50,
};
const COPY_NS = 4096;

/** A run in which a policy does one thing, with no idle core: what its thread works, the application loses. */
async function runWith(
  act: (context: MigrationContext) => void,
  numbers: ArrayLike<number>,
  more: { readonly nodePages?: number; readonly hugePages?: 'always' } = {},
): Promise<RunRecord> {
  const { nodePages = 2, ...settings } = more;
  return replay({
    trace: numberTrace(numbers),
    memory: tinyMemory([
      { pages: nodePages, latencyNs: 100, bandwidthMbps: 1000 },
      { pages: 8 * 512, latencyNs: 100, bandwidthMbps: 1000 },
    ]),
    policy: defineMigrationPolicy({
      name: 'of-the-test',
      doc: 'Does one thing.',
      signals: ALL,
      create(context) {
        context.clock.after(1, () => act(context as MigrationContext));
        return {};
      },
    }),
    settings: { memoryParallelism: 1, idleCores: 0, ...costs, ...settings },
  });
}

// Pages 0 and 1 are on node 0, 2 and 3 on node 1; the actions come when all of them have been touched.
const pages = [0, 1, 2, 3, ...Array.from({ length: 400 }, (_, i) => i % 4)];

const actions: readonly (readonly [string, number, (context: MigrationContext) => void])[] = [
  [
    'reading accessed bits',
    3 * 30,
    ({ signals }) => void signals.accessedBits.readMany([0, 1, 2], 3, new Uint8Array(3)),
  ],
  [
    'reading those of a node',
    2 * 30,
    ({ signals }) => void signals.accessedBits.readNode(far, 3, new Uint8Array(4)),
  ],
  ['protecting a page', 30, ({ signals }) => void signals.hintFaults.protect(3)],
  ['a move', 700 + COPY_NS + 2000, ({ moves }) => void moves.request(0, far)],
  [
    'a batch, with one shootdown',
    2 * (700 + COPY_NS) + 2000,
    ({ moves }) => void moves.requestBatch([0, 1], far),
  ],
  ['an exchange', 2 * (700 + COPY_NS) + 2000, ({ moves }) => void moves.exchange(0, 2)],
  ['a queued move', 700 + COPY_NS + 2000, ({ moves }) => void moves.enqueue(0, far)],
  ['a refusal', 0, ({ moves }) => void moves.request(2, near)],
  ['work that it bills itself', 1234, ({ cpu }) => cpu.charge(1234)],
];

test.each(actions)('%s costs %i ns, and the clock shows them', async (name, expected, act) => {
  const late = (context: MigrationContext): void => {
    context.clock.after(6000, () => act(context));
  };
  const { totals } = await runWith(late, pages);
  const faults = name === 'protecting a page' ? 5 : 4;
  expect(totals.kernelThreadNs).toBe(expected);
  expect(totals.time).toEqual({
    thinkNs: 0,
    memoryNs: 404 * 100,
    faultNs: faults * 1000,
    moveNs: 0,
    sampleNs: 0,
    displacedNs: expected,
  });
  expect(totals.timeNs).toBe(404 * 100 + faults * 1000 + expected);
  const moved = /move|batch|exchange/.test(name) ? expected - 2000 : 0;
  expect(totals.migrationNs).toBe(moved);
});

test('samples cost the application when they are taken, and their reader when they are read', async () => {
  const { totals } = await runWith(({ signals, clock }) => {
    const sampler = signals.samples.open({ event: 'all', period: 10 });
    clock.after(20_000, () => void sampler.drain());
  }, pages);
  // The sampler opens at 1 ns, during the first touch: 403 accesses are left, 40 of them samples.
  expect(totals.time.sampleNs).toBe(40 * 300);
  const read = totals.kernelThreadNs / 50;
  expect(Number.isInteger(read) && read > 5 && read < 40).toBe(true);
  expect(totals.timeNs).toBe(404 * 100 + 4000 + 40 * 300 + 50 * read);
});

test('a huge page costs one fault, is moved whole, split and made again', async () => {
  const touched = [0, 5, 9, ...Array.from({ length: 5000 }, () => 0)];
  const huge = { nodePages: 4 * 512, hugePages: 'always' as const };
  const whole = 50_000 + 512 * COPY_NS + 2000;
  const cases: readonly (readonly [number, (context: MigrationContext) => void])[] = [
    [whole, ({ moves }) => void moves.request(1, far)],
    [9000, ({ moves }) => void moves.splitHugePage(1)],
    [
      2 * 9000,
      ({ moves }) => {
        moves.splitHugePage(0);
        moves.collapseHugePage(2);
      },
    ],
    [
      9000 + 700 + COPY_NS + 2000,
      ({ moves }) => {
        moves.splitHugePage(0);
        moves.request(1, far);
      },
    ],
  ];
  for (const [expected, act] of cases) {
    const late = (context: MigrationContext): void => {
      context.clock.after(6000, () => act(context));
    };
    const { totals } = await runWith(late, touched, huge);
    expect(totals.kernelThreadNs).toBe(expected);
    expect(totals.time).toMatchObject({
      faultNs: 1000,
      memoryNs: 5003 * 100,
      displacedNs: expected,
    });
    expect(totals.timeNs).toBe(5003 * 100 + 1000 + expected);
  }
});

test('under load the latency follows a table of measured points', async () => {
  // One read of 64 B every 16 ns is 4000 MB/s, 0.4 of 10,000: between (0.2, 1.1) and (0.6, 1.9), so 1.5.
  const time = Float64Array.from({ length: 100_000 }, (_, i) => 16 * i);
  const points = [
    { utilisation: 0, factor: 1 },
    { utilisation: 0.2, factor: 1.1 },
    { utilisation: 0.6, factor: 1.9 },
  ];
  let latencyNs = 0;
  await replay({
    trace: numberTrace(new Uint8Array(100_000), () => false, 65_536, time),
    memory: tinyMemory([
      { pages: 4, latencyNs: 100, bandwidthMbps: 10_000, curve: { kind: 'points', points } },
    ]),
    policy: defineMigrationPolicy({
      name: 'look',
      doc: 'Reads a counter.',
      signals: ['telemetry'],
      create: ({ signals }) => ({
        finish: () => void (latencyNs = signals.telemetry.readLatencyNs(0)),
      }),
    }),
    // A whole number of accesses in a window.
    settings: { loop: 'open', contentionWindow: 16_000 },
  });
  expect(latencyNs).toBeCloseTo(150, 6);
});
