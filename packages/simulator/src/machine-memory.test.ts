import { bytes, megabytesPerSecond, nanoseconds, nodeId } from '@tierlab/core';
import type { Machine } from '@tierlab/core';
import { expect, test } from 'vitest';
import { memorySystem } from './index.ts';

const MIB = 2 ** 20;
const coordinate = {
  readLatency: nanoseconds(250),
  writeLatency: nanoseconds(300),
  readBandwidth: megabytesPerSecond(20_000),
  writeBandwidth: megabytesPerSecond(0),
};

/** Node 0: CPUs and 64 MiB; node 1: 128 MiB without CPUs, its write bandwidth not provided. */
const machine: Machine = {
  nodes: [
    { id: nodeId(0), online: true, cpus: [0], genericInitiator: false },
    { id: nodeId(1), online: true, cpus: [], genericInitiator: false },
  ],
  distances: [
    [10, 20],
    [20, 10],
  ],
  memory: [
    {
      node: nodeId(0),
      base: bytes(0),
      size: bytes(64 * MIB),
      hotPluggable: false,
      nonVolatile: false,
    },
    {
      node: nodeId(1),
      base: bytes(64 * MIB),
      size: bytes(128 * MIB),
      hotPluggable: false,
      nonVolatile: false,
    },
  ],
  memoryMap: [{ base: bytes(0), size: bytes(192 * MIB), kind: 'ram' }],
  hmat: {
    targets: [],
    performance: [{ initiator: nodeId(0), target: nodeId(1), coordinate }],
    genericPorts: [],
  },
  movableNode: false,
  tables: {},
  notes: [],
};

const tiers = [
  {
    id: nodeId(0),
    tierRank: 0,
    topTier: true,
    preferredTargets: [nodeId(1)],
    fallbackTargets: [nodeId(1)],
  },
  { id: nodeId(1), tierRank: 1, topTier: false, preferredTargets: [], fallbackTargets: [] },
];

test('figures come from the machine, and what it does not say is assumed and told', () => {
  const { memory, assumed } = memorySystem(machine, tiers);
  expect(memory.nodes.map((node) => [node.capacityPages, node.hasCpus])).toEqual([
    [16_384, true],
    [32_768, false],
  ]);
  const [local, far] = memory.initiators[0].paths;
  expect(local).toMatchObject({ readLatency: 100, readBandwidth: 60_000, distance: 10 });
  expect(far).toMatchObject({ readLatency: 250, writeLatency: 300, readBandwidth: 20_000 });
  expect(far.writeBandwidth).toBe(30_000);
  expect(assumed).toEqual([
    'node 0 from node 0: readLatency 100, writeLatency 100, readBandwidth 60000, writeBandwidth 60000, from distance 10: the machine does not say',
    'node 1 from node 0: writeBandwidth 30000, from distance 20: the machine does not say',
  ]);
});

test('less memory than there is can be asked for, more cannot', () => {
  const capacity = new Map([[nodeId(0), bytes(16 * MIB)]]);
  expect(memorySystem(machine, tiers, { capacity }).memory.nodes[0].capacityPages).toBe(4096);
  const tooMuch = new Map([[nodeId(1), bytes(256 * MIB)]]);
  expect(() => memorySystem(machine, tiers, { capacity: tooMuch })).toThrow(
    'node 1: a capacity of 268435456 bytes, but the machine has 134217728',
  );
});

test('latency under load is what the machine says of the node, and a run may say otherwise', () => {
  const points = [
    { utilisation: 0.5, factor: 1.1 },
    { utilisation: 1, factor: 2 },
  ];
  const loaded = { ...machine, loadedLatencies: [{ node: nodeId(1), points }] };
  const curves = (given: Parameters<typeof memorySystem>[2]) =>
    memorySystem(loaded, tiers, given).memory.nodes.map(({ curve }) => curve);
  const knee = { kind: 'knee', knee: 0.8, saturation: 3 } as const;
  expect(curves({})).toEqual([{ kind: 'flat' }, { kind: 'points', points }]);
  expect(curves({ curve: knee })).toEqual([knee, { kind: 'points', points }]);
  expect(curves({ curves: new Map([[nodeId(1), knee]]) })).toEqual([{ kind: 'flat' }, knee]);
});
