import { nodeDistance, nodeId, type Machine } from '@tierlab/core';
import { describe, expect, test } from 'vitest';

import { readMachineFile } from './read.ts';
import { SETTABLE, setMachineValue } from './set.ts';

const machine = readMachineFile(
  `
nodes:
  - {cpus: 4, memory: 1 GiB, latency: 80 ns, bandwidth: 200 GB/s}
  - {cpus: 4, memory: 1 GiB, latency: 80 ns, bandwidth: 200 GB/s}
  - memory: 4 GiB
    from:
      0: {latency: 200 ns, bandwidth: 30 GB/s}
      1: {latency: 300 ns, bandwidth: 20 GB/s}
  - cpus: 1
`,
  'm.yaml',
);

function access1(changed: Machine, node: number): string {
  const target = changed.hmat?.targets.find((entry) => entry.node === node);
  const { coordinate: c, initiators } = target?.access[1] ?? machine.hmat!.targets[0]!.access[1];
  return `${c.readLatency}/${c.writeLatency} ${c.readBandwidth}/${c.writeBandwidth} by ${initiators.join(',')}`;
}
const set = (path: string, value: string): Machine => setMachineValue(machine, path, value);

test.each([
  ['node2.latency', '250 ns', '250/250 30000/30000 by 0'],
  ['node2.readLatency', '250ns', '250/200 30000/30000 by 0'],
  // Beyond what node 1 has: node 1 follows, or it would be the nearest and the figure not as asked.
  ['node2.latency', '400 ns', '400/400 30000/30000 by 0'],
  ['node2.writeLatency', '10 ns', '200/10 30000/30000 by 0'],
  ['node2.bandwidth', '8 GB/s', '200/200 8000/8000 by 0'],
  ['node2.writeBandwidth', '64 GB/s', '200/200 30000/64000 by 0'],
  ['2.latency', '90 ns', '90/90 30000/30000 by 0'],
  // One path: the kernel's search then finds node 1 the nearest.
  ['node2.from.node1.latency', '150 ns', '150/150 20000/20000 by 1'],
  ['node2.from.node0.latency', '300 ns', '300/300 30000/30000 by 0'],
])('%s=%s', (path, value, expected) => expect(access1(set(path, value), 2)).toBe(expected));

test('the machine given is left as it was', () => {
  const before = JSON.stringify(machine);
  set('node2.latency', '250 ns');
  expect(JSON.stringify(machine)).toBe(before);
});

test('a distance is one direction', () => {
  const changed = set('node0.distance.node2', '35');
  expect(nodeDistance(changed, nodeId(0), nodeId(2))).toBe(35);
  expect(nodeDistance(changed, nodeId(2), nodeId(0))).toBe(20);
});

test('a machine without an HMAT gets one', () => {
  const plain = readMachineFile('nodes: [{cpus: 1, memory: 1 GiB}, {memory: 1 GiB}]', 'm.yaml');
  const changed = setMachineValue(plain, 'node1.latency', '250 ns');
  expect(access1(changed, 1)).toBe('250/250 0/0 by 0');
  expect(access1(changed, 0)).toBe('0/0 0/0 by 0');
});

test('everything that help names can be set', () => {
  for (const pattern of SETTABLE) {
    const path = pattern.replace('nodeN', 'node2').replace('nodeM', 'node0');
    const value = path.endsWith('atency') ? '7 ns' : path.endsWith('andwidth') ? '7 GB/s' : '77';
    expect(JSON.stringify(set(path, value))).toContain(value.startsWith('77') ? '77' : '7');
  }
});

describe('what cannot be set is said', () => {
  test.each([
    ['node7.latency', '5 ns', 'node7.latency=5 ns: there is no node 7; the machine has 0-3'],
    ['cpu.latency', '5 ns', 'cpu.latency=5 ns: expected a node such as node1, got "cpu"'],
    ['node1.latnecy', '5 ns', 'node1.latnecy=5 ns: unknown field "latnecy"; did you mean latency?'],
    ['node1.colour', 'red', 'node1.colour=red: unknown field "colour"; expected one of latency,'],
    ['node1', '5 ns', 'node1=5 ns: unknown field ""; expected one of'],
    [
      'node1.latency',
      '-5 ns',
      'node1.latency=-5 ns: expected a latency with its unit such as 80 ns, got "-5 ns", which is below 0',
    ],
    [
      'node1.latency',
      '5',
      'node1.latency=5: expected a latency with its unit such as 80 ns, got "5"',
    ],
    ['node1.latency', '6 ms', 'node1.latency=6 ms: expected at most 4294966 ns'],
    ['node3.latency', '5 ns', 'node3.latency=5 ns: node 3 has no memory'],
    ['node0.distance.node1', '10', 'node0.distance.node1=10: expected a distance from 11 to 255'],
    [
      'node0.distance.node0',
      '10',
      'node0.distance.node0=10: the distance of a node to itself is 10',
    ],
  ])('%s=%s', (path, value, message) => {
    let said = '';
    try {
      set(path, value);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said.slice(0, message.length)).toBe(message);
  });
});
