import { describe, expect, test } from 'vitest';

import { bytes, type Machine, type MappedRange, nodeId, type MachineNode } from '@tierlab/core';
import { decodeAcpi } from '@tierlab/firmware';

import { scaledMachine } from './scaled-machine.ts';

const GIB = 2 ** 30;

/** `2 cpus ram`: node by node its CPUs, then the kinds of its memory, each a GiB. */
function machineOf(...words: readonly string[]): Machine {
  const nodes: MachineNode[] = [];
  const memory: { node: number; kind: MappedRange['kind'] | 'absent' }[] = [];
  let cpu = 0;
  for (const [id, word] of words.entries()) {
    const [count, ...kinds] = word.split(' ');
    const cpus = Array.from({ length: Number(count) }, () => cpu++);
    const online = cpus.length > 0 || kinds.includes('ram');
    nodes.push({ id: nodeId(id), proximityDomain: id, online, cpus, genericInitiator: false });
    for (const kind of kinds) memory.push({ node: id, kind: kind as MappedRange['kind'] });
  }
  const ranges = memory.map(({ node, kind }, i) => ({
    base: bytes(i * GIB),
    size: bytes(GIB),
    node: nodeId(node),
    kind,
    hotPluggable: kind === 'absent',
  }));
  return {
    nodes,
    distances: nodes.map((_, i) => nodes.map((_, j) => (i === j ? 10 : 20 + i + j))),
    memory: ranges.map(({ kind, ...range }) => ({ ...range, nonVolatile: kind === 'persistent' })),
    memoryMap: ranges.flatMap(({ base, size, kind }) =>
      kind === 'absent' ? [] : [{ base, size, kind }],
    ),
    movableNode: false,
    tables: {},
    notes: [],
  };
}

const MIB = 2 ** 20;
const layout = ({ memory }: Machine): string[] =>
  memory.map(({ node, base, size }) => `${node}: ${base / MIB}+${size / MIB}`);

/** RAM and layout of `count` nodes, made small to ranges of this size. */
const scaled = (count: number, rangeMib: number): string => {
  const words = Array.from({ length: count }, (_, i) => (i === 0 ? '1 ram' : '0 ram'));
  const { machine, guest } = scaledMachine(machineOf(...words), { rangeMib });
  return `${guest.qemu[3]}: ${layout(machine).join(', ')}`;
};

describe('a machine is made small', () => {
  test('each node keeps one CPU, and 128 MiB of every kind of memory it has', () => {
    const { machine, guest, bootOptions } = scaledMachine(
      machineOf('4 ram', '2 ram', '0 ram soft-reserved'),
    );
    expect(layout(machine)).toEqual([
      '0: 0+512',
      '1: 512+128',
      '2: 640+128',
      '2: 768+128',
      '0: 896+128',
    ]);
    expect(guest.qemu).toEqual(['-smp', '2', '-m', '1024M']);
    expect(bootOptions).toEqual(['memmap=128M%768M-1+0xefffffff']);
    expect(machine.memoryMap.map(({ base, kind }) => `${base / MIB} ${kind}`)).toEqual([
      '0 ram',
      '1 ram',
      '768 soft-reserved',
      '896 ram',
    ]);
  });

  test('a node that waits for its memory keeps addresses with nothing behind them', () => {
    const { machine, guest } = scaledMachine(machineOf('1 ram', '0 absent'));
    expect(layout(machine)).toEqual(['0: 0+512', '0: 512+128', '1: 5120+128']);
    expect(guest.qemu).toEqual(['-smp', '1', '-m', '640M']);
  });

  test('memory that does not fit below 4 GiB lies above, as QEMU lays it out', () => {
    const many = Array.from({ length: 22 }, (_, i) => (i === 0 ? '1 ram' : '0 ram'));
    const { machine, guest } = scaledMachine(machineOf(...many));
    expect(guest.qemu).toEqual(['-smp', '1', '-m', '3328M']);
    // 512 + 12 * 128 = 2048, from where on addresses start at 4 GiB.
    expect(layout(machine).slice(11, 14)).toEqual(['11: 1792+128', '12: 1920+128', '13: 4096+128']);
  });

  test('ranges are as large as is asked for, in whole blocks and not across the PC’s hole', () => {
    expect(scaled(2, 512)).toBe('1536M: 0: 0+512, 1: 512+512, 0: 1024+512');
    expect(scaled(5, 512)).toMatch(
      /^3072M: .*2: 1024\+512, 3: 1536\+512, 4: 4096\+512, 0: 4608\+512$/,
    );
    expect(() => scaled(2, 200)).toThrow(/multiple of 128 MiB each.*got 200/);
    expect(() => scaled(4, 1024)).toThrow(/one of 128, 256, 384, 512, 768 and 1536, got 1024/);
  });

  test('the kernel reads the same nodes, distances and coordinates from the tables', () => {
    const { machine, guest } = scaledMachine(machineOf('2 ram', '1', '0 ram'));
    const [SRAT, SLIT] = guest.tables!;
    const read = decodeAcpi({ SRAT, SLIT }, { memoryMap: machine.memoryMap });
    expect(read.nodes.map(({ id, online }) => `${id} ${online}`)).toEqual([
      '0 true',
      '1 true',
      '2 true',
    ]);
    expect(read.distances).toEqual(machine.distances);
  });
});

test('what cannot be booted is refused with the reason', () => {
  expect(() => scaledMachine(machineOf('1 absent'))).toThrow(/expected a node with memory at boot/);
  const cxl = { windows: [], devices: [], qosAnswered: true };
  expect(() => scaledMachine({ ...machineOf('1 ram'), cxl })).toThrow(/without CXL windows/);
  const many = Array.from({ length: 80 }, (_, i) => (i === 0 ? '1 ram' : '0 ram'));
  expect(() => scaledMachine(machineOf(...many))).toThrow(/expected at most 8192 MiB/);
});
