import { bytes, type MappedRange } from '@tierlab/core';
import { decodeAcpi, encodeAcpi } from '@tierlab/firmware';
import { readMachineFile } from '@tierlab/firmware/file';
import { describe, expect, test } from 'vitest';

import { tableMachine } from './table-machine.ts';

const MIB = 2 ** 20;
const { tables, options } = encodeAcpi(
  readMachineFile(
    `
nodes:
  - cpus: 2
    memory: [{ base: 0, size: 640 MiB }]
    latency: 100 ns
    bandwidth: 100 GB/s
  - memory: [{ base: ${640 * MIB}, size: 384 MiB }]
    latency: 300 ns
    bandwidth: 50 GB/s
`,
    'two.yaml',
  ),
);
const map = (...ranges: readonly (readonly [number, number, MappedRange['kind']])[]) =>
  ranges.map(([base, end, kind]) => ({ base: bytes(base), size: bytes(end - base), kind }));

/** A changed copy of a table, its checksum mended. */
function changed(table: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(table);
  copy[at] = value;
  copy[9] = 0;
  copy[9] = -copy.reduce((sum, byte) => sum + byte, 0);
  return copy;
}

describe('tables that are booted as they are', () => {
  test('those of a PC of 1 GiB, with its boot options', () => {
    const booted = tableMachine(tables, { ...options, bootOptions: ['numa=nohmat'] });
    expect(booted?.guest).toEqual({
      qemu: ['-smp', '2', '-m', '1024M'],
      tables: [tables.SRAT, tables.HMAT],
    });
    expect(booted?.bootOptions).toEqual(['numa=nohmat']);
    expect(booted?.machine).toEqual(
      decodeAcpi(tables, { ramMiB: 1024, bootOptions: ['numa=nohmat'] }),
    );
  });

  test('what the firmware keeps of it for itself is still a PC’s', () => {
    const dumped = map(
      [0, 0x9fc00, 'ram'],
      [0x9fc00, MIB, 'reserved'],
      [MIB, 1024 * MIB - 0x20000, 'ram'],
      [1024 * MIB - 0x20000, 1024 * MIB, 'reserved'],
    );
    expect(tableMachine(tables, { memoryMap: dumped })?.guest.qemu).toContain('1024M');
  });
});

test.each<[string, Parameters<typeof tableMachine>]>([
  ['RAM that starts elsewhere', [tables, { memoryMap: map([4096 * MIB, 5120 * MIB, 'ram']) }]],
  [
    'a hole of 1 MiB in its RAM',
    [tables, { memoryMap: map([0, 512 * MIB, 'ram'], [513 * MIB, 1025 * MIB, 'ram']) }],
  ],
  ['other memory', [tables, { memoryMap: map([0, 1024 * MIB, 'soft-reserved']) }]],
  ['too little', [tables, { memoryMap: map([0, 256 * MIB, 'ram']) }]],
  ['no MADT', [{ ...tables, APIC: undefined } as never]],
  ['APIC ids that QEMU does not give', [{ ...tables, APIC: changed(tables.APIC!, 47, 4) }]],
  [
    'a table that no initramfs may hold',
    [{ ...tables, HMAT: changed(tables.HMAT!, 9, 0).map((byte, i) => byte + Number(i === 9)) }],
  ],
])('%s: made small instead', (_, args) => {
  expect(tableMachine(...args)).toBeUndefined();
});
