import { bootMemory, nodeDistance, nodeId, type Machine, type NodeId } from '@tierlab/core';
import { describe, expect, test } from 'vitest';

import { readMachineFile } from './read.ts';

const read = (text: string): Machine => readMachineFile(text, 'm.yaml');
const GIB = 2 ** 30;

/** `"read/write ns read/write MB/s by initiators"` of an access class. */
function access(machine: Machine, node: number, accessClass: 0 | 1): string {
  const target = machine.hmat?.targets.find((entry) => entry.node === node);
  if (target === undefined) return 'none';
  const { coordinate: c, initiators } = target.access[accessClass];
  return `${c.readLatency}/${c.writeLatency} ns ${c.readBandwidth}/${c.writeBandwidth} MB/s by ${initiators.join(',')}`;
}

const twoNodes = `
nodes:
  - cpus: 8
    memory: 64 GiB
    latency: 80 ns
    bandwidth: 200 GB/s
  - memory: 256 GiB
    latency: 250 ns
    bandwidth: 38.4 GB/s
`;

test('ten lines of YAML are a machine', () => {
  const machine = read(twoNodes);
  expect(twoNodes.trim().split('\n').length).toBeLessThan(10);
  expect(machine.nodes.map(({ id, cpus, online }) => `${id}:${cpus.length}:${online}`)).toEqual([
    '0:8:true',
    '1:0:true',
  ]);
  expect(machine.nodes.map(({ id }) => bootMemory(machine, id) / GIB)).toEqual([64, 256]);
  expect(machine.distances).toEqual([
    [10, 20],
    [20, 10],
  ]);
  expect(access(machine, 0, 1)).toBe('80/80 ns 200000/200000 MB/s by 0');
  expect(access(machine, 1, 0)).toBe('250/250 ns 38400/38400 MB/s by 0');
  expect(access(machine, 1, 1)).toBe('250/250 ns 38400/38400 MB/s by 0');
});

test('the same in JSON, indented with tabs', () => {
  const json = JSON.stringify(
    { nodes: [{ cpus: 8, memory: '64 GiB', latency: '80 ns', bandwidth: '200 GB/s' }] },
    undefined,
    '\t',
  );
  expect(access(read(json), 0, 1)).toBe('80/80 ns 200000/200000 MB/s by 0');
});

test('memory goes around the hole below 4 GiB', () => {
  expect(
    read(twoNodes).memory.map(({ node, base, size }) => `${node}@${base / GIB}+${size / GIB}`),
  ).toEqual(['0@0+2', '0@4+62', '1@66+256']);
});

test('without figures there is no HMAT, and hmat: true makes one that says nothing', () => {
  const plain = 'nodes: [{cpus: 1, memory: 1 GiB}]';
  expect(read(plain).hmat).toBeUndefined();
  const empty = read(`${plain}\nhmat: true`);
  expect(access(empty, 0, 1)).toBe('0/0 ns 0/0 MB/s by ');
});

test('a figure is what the nearest nodes with CPUs see', () => {
  const machine = read(`
nodes:
  - {cpus: 4, memory: 1 GiB, latency: 80 ns}
  - {cpus: 4, memory: 1 GiB, latency: 80 ns}
  - {memory: 4 GiB, readLatency: 200 ns, writeLatency: 300 ns, bandwidth: 20 GB/s}
  - {memory: 4 GiB, latency: 400 ns}
distances: [[10, 20, 15, 30], [20, 10, 25, 30], [15, 25, 10, 40], [30, 30, 40, 10]]
`);
  expect(access(machine, 2, 1)).toBe('200/300 ns 20000/20000 MB/s by 0');
  expect(access(machine, 3, 1)).toBe('400/400 ns 0/0 MB/s by 0,1');
});

test('figures by initiator: the kernel narrows by write latency first, bandwidth last', () => {
  const machine = read(`
nodes:
  - {cpus: 4, memory: 1 GiB}
  - {cpus: 4, memory: 1 GiB}
  - genericInitiator: true
  - memory: 4 GiB
    from:
      0: {latency: 101 ns, bandwidth: 100 GB/s}
      node1: {latency: 100 ns, bandwidth: 1 GB/s}
      2: {latency: 50 ns, bandwidth: 500 MB/s}
`);
  expect(access(machine, 3, 0)).toBe('50/50 ns 500/500 MB/s by 2');
  expect(access(machine, 3, 1)).toBe('100/100 ns 1000/1000 MB/s by 1');
});

test('an attached initiator ends the search', () => {
  const machine = read(`
nodes:
  - {cpus: 4, memory: 1 GiB}
  - {cpus: 4, memory: 1 GiB}
  - {memory: 4 GiB, attachedInitiator: 1, from: {0: {latency: 50 ns}, 1: {latency: 100 ns}}}
`);
  expect(access(machine, 2, 0)).toBe('100/100 ns 0/0 MB/s by 1');
});

test('kinds of memory: only ram is there at boot', () => {
  const machine = read(`
nodes:
  - {cpus: 4, memory: 8 GiB}
  - {memory: 1 GiB, kind: hot-plug}
  - {memory: 2 GiB, kind: soft-reserved}
  - {memory: 3 GiB, kind: persistent}
  - {memory: 4 GiB, hotPluggable: true}
movableNode: true
`);
  expect(machine.nodes.map(({ online }) => online)).toEqual([true, false, false, false, true]);
  expect(machine.memoryMap.map(({ kind }) => kind)).toEqual([
    'ram',
    'ram',
    'soft-reserved',
    'persistent',
    'ram',
  ]);
  const flags = machine.memory.map(
    ({ node, hotPluggable, nonVolatile }) =>
      `${node}${hotPluggable ? 'h' : ''}${nonVolatile ? 'n' : ''}`,
  );
  expect(flags).toEqual(['0', '0', '2', '3n', '4h', '1h']);
  expect(machine.movableNode).toBe(true);
});

test('addresses, a memory map, caches, CPU lists, node numbers with gaps', () => {
  const machine = read(`
nodes:
  - id: 8
    cpus: 4-7
    memory: [{base: 0x100000000, size: 4 GiB}]
    caches: [{size: 1 GiB, indexing: indexed}]
  - id: 0
    cpus: 4
    proximityDomain: null
    memory: [{base: 0, size: 1 GiB}, {base: 0x40000000, size: 1 GiB, kind: soft-reserved}]
distances: [[10, 40], [30, 10]]
memoryMap: [{base: 0, size: 1.5 GiB, kind: ram}, {base: 0x60000000, size: 8 GiB, kind: soft-reserved}]
`);
  const [zero, eight] = machine.nodes.map(({ id }) => id) as [NodeId, NodeId];
  expect([zero, eight]).toEqual([0, 8]);
  expect(nodeDistance(machine, eight, zero)).toBe(40);
  expect(nodeDistance(machine, zero, eight)).toBe(30);
  expect(machine.nodes.map(({ cpus }) => cpus)).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ]);
  expect(machine.nodes.map(({ proximityDomain }) => proximityDomain)).toEqual([undefined, 8]);
  expect(bootMemory(machine, zero) / GIB).toBe(1.5);
  expect(machine.hmat?.targets.find(({ node }) => node === nodeId(8))?.caches).toEqual([
    {
      level: 1,
      size: GIB,
      lineSize: 64,
      indexing: 'indexed',
      writePolicy: 'write-back',
      addressMode: 'reserved',
    },
  ]);
});

test('latencies are whole nanoseconds, rounded up as the kernel does from picoseconds', () => {
  const machine = read('nodes: [{cpus: 1, memory: 1 GiB, latency: 82.5 ns, bandwidth: 1.5 MB/s}]');
  expect(access(machine, 0, 1)).toBe('83/83 ns 1/1 MB/s by 0');
});

describe('what is wrong is said in one line with its place', () => {
  const node = '{cpus: 1, memory: 1 GiB}';
  test.each<[string, string]>([
    ['nodes: [', 'm.yaml:1:9: not YAML or JSON: '],
    ['a: 1\na: 2', 'm.yaml:2:1: not YAML or JSON: Map keys must be unique'],
    ['', 'm.yaml:1:1: expected object, got null'],
    ['nodse: []', 'm.yaml:1:1: unknown key "nodse"; did you mean "nodes"?'],
    ['colour: red\nnodes: [{}]', 'm.yaml:1:1: unknown key "colour"; expected one of $schema, '],
    ['name: x', 'm.yaml:1:1: "nodes" is missing: expected array'],
    [
      'nodes:\n  - memory: 1 GiB\n    latnecy: 80 ns',
      'm.yaml:3:5: unknown key "latnecy"; did you mean "latency"?',
    ],
    [
      'nodes:\n  - latency: 80',
      'm.yaml:2:14: expected a latency with its unit such as 80 ns, got 80 without a unit',
    ],
    [
      'nodes:\n  - latency: -80 ns',
      'm.yaml:2:14: expected a latency with its unit such as 80 ns, got "-80 ns", which is below 0',
    ],
    [
      'nodes:\n  - memory: 64',
      'm.yaml:2:13: expected a size with its unit such as 64 GiB, got 64 without a unit',
    ],
    [
      'nodes:\n  - memory: [{base: 0, siez: 1 GiB}]',
      'm.yaml:2:24: unknown key "siez"; did you mean "size"? (and 1 more)',
    ],
    [
      'nodes:\n  - kind: dram',
      'm.yaml:2:11: expected ram or hot-plug or soft-reserved or persistent, got "dram"',
    ],
    [
      'nodes:\n  - cpus: many',
      'm.yaml:2:11: expected a count such as 16 or a list such as 0-15,32-47, got "many"',
    ],
    [
      'nodes: [{from: {cpu: {latency: 5 ns}}}]',
      'm.yaml:1:17: expected a node number such as 0, got "cpu"',
    ],
    [
      'nodes: [{from: {0: {latancy: 5 ns}}}]',
      'm.yaml:1:21: unknown key "latancy"; did you mean "latency"?',
    ],
    [
      'nodes: [{caches: [{size: 1 GiB, levl: 2}]}]',
      'm.yaml:1:33: unknown key "levl"; did you mean "level"?',
    ],
    ['nodes: [{id: 1}, {id: 1}]', 'm.yaml:1:23: node 1 is there twice; give each node its own id'],
    ['nodes: [{id: 5000}]', 'm.yaml:1:14: expected number to be <=1023, got 5000'],
    [
      'nodes: [{cpus: 0-3}, {cpus: 3-5}]',
      'm.yaml:1:29: CPU 3 is in node 0 already; a CPU has one node',
    ],
    [`nodes: [${node}, {latency: 5 ns}]`, 'm.yaml:1:45: node 1 has no memory; leave out latency'],
    [`nodes: [${node}, {kind: ram}]`, 'm.yaml:1:42: node 1 has no memory; leave out kind'],
    [
      `nodes: [${node}]\ndistances: [[10, 20]]`,
      'm.yaml:2:13: expected 1 distances, one for each node, got 2',
    ],
    [
      `nodes: [${node}]\ndistances: [[11]]`,
      'm.yaml:2:14: expected 10, the distance of a node to itself, got 11; Linux ignores the whole table for it',
    ],
    [
      `nodes: [${node}, ${node}]\ndistances: [[10, 10], [20, 10]]`,
      'm.yaml:2:18: expected more than 10, got 10; Linux ignores the whole table for it',
    ],
    [
      'nodes: [{cpus: 1, memory: 1 GiB, latency: 5 ms}]',
      'm.yaml:1:43: expected at most 4294966 ns, got 5000000 ns; Linux would read it as no latency at all',
    ],
    [
      'nodes: [{memory: 1 GiB, latency: 5 ns}]',
      'm.yaml:1:34: no node has CPUs that could see it; use from',
    ],
    [
      'nodes: [{cpus: 1, memory: 1 GiB, from: {3: {latency: 5 ns}}}]',
      'm.yaml:1:41: there is no node 3',
    ],
    ['nodes: [{cpus: 1, memory: 1 GiB, attachedInitiator: 3}]', 'm.yaml:1:53: there is no node 3'],
    [
      'nodes: [{cpus: 1, memory: 1 GiB, underLoad: [[0.5, 1.2], [0.5, 1.3]]}]',
      'm.yaml:1:58: expected a larger share of the bandwidth than before',
    ],
    [
      'nodes: [{cpus: 1, memory: 1 GiB, underLoad: [[50, 1.2]]}]',
      'm.yaml:1:47: expected number to be <=1, got 50',
    ],
    [
      'nodes: [{cpus: 1, memory: 1 GiB, latency: 5 ns}]\nhmat: false',
      'm.yaml:2:7: node 0 says what an HMAT says; leave out hmat',
    ],
    [
      'nodes: [{memory: [{base: 0, size: 2 B}, {base: 0x1, size: 2 B}]}]',
      'm.yaml:1:41: overlaps the memory of node 0',
    ],
    [
      'nodes: [{memory: [{base: 0, size: 2 B}], kind: ram}]',
      'm.yaml:1:48: expected kind in each range of memory',
    ],
    [
      'nodes: [{memory: [{base: 0, size: 2 B}]}, {memory: 1 GiB}]',
      'm.yaml:1:52: expected a list of ranges with base and size, because another node has one',
    ],
    [
      'nodes: [{cpus: 1, memory: 1 GiB, online: true}]',
      'm.yaml:1:42: node 0 is online anyway; leave out online',
    ],
    [
      'nodes: [{cpus: 1, memory: 1 GiB, latency: 1 ns, readLatency: 1 ns, writeLatency: 2 ns}]',
      'm.yaml:1:43: readLatency and writeLatency say it all; leave out latency',
    ],
    [
      'nodes: [{cpus: 1, memory: 1 GiB, caches: [{size: 1 B}, {size: 2 B}]}]',
      'm.yaml:1:56: level 1 is there twice; Linux keeps the first only',
    ],
    [
      'nodes: [{memory: 1 GiB, kind: hot-plug, hotPluggable: false}]',
      'm.yaml:1:55: hot-plug memory is always hot-pluggable; leave it out',
    ],
    ['schemaVersion: 2\nnodes: [{}]', 'm.yaml:1:16: expected 1, got 2'],
    ['- 1', 'm.yaml:1:1: expected object, got [1]'],
  ])('%s', (text, message) => {
    let said = '';
    try {
      read(text);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said.slice(0, message.length)).toBe(message);
    expect(said).not.toContain('\n');
  });
  test('aliases that multiply are refused', () => {
    const lines = ['a: &a [1,1,1,1,1,1,1,1,1,1]'];
    for (let i = 0; i < 8; i++) {
      const from = String.fromCharCode(97 + i);
      const to = String.fromCharCode(98 + i);
      lines.push(`${to}: &${to} [${`*${from},`.repeat(10)}]`);
    }
    expect(() => read(lines.join('\n'))).toThrow(/m.yaml:1:1: not YAML or JSON: /);
  });
});
