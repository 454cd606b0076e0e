import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { decompress } from './archive/decompress.ts';
import { tableOfFile } from './acpi/table-file.ts';
import { detectMachineForm } from './detect.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../fixtures/hwloc/${name}`, import.meta.url));

test.each<[string, readonly string[] | Uint8Array, string]>([
  ['tables', ['APIC', 'FACP', 'SRAT'], 'acpi-directory'],
  ['intel', ['HMAT.bin', 'SLIT.bin'], 'acpi-directory'],
  ['copy', ['devices', 'kernel'], 'sysfs-directory'],
  ['root', ['proc', 'sys'], 'sysfs-directory'],
  ['nodes', ['node0', 'node1', 'online'], 'sysfs-directory'],
  ['unpacked', ['memorysidecaches'], 'sysfs-directory'],
  ['a.tar.bz2', fixture('fakeheterocpunuma.tar.bz2'), 'sysfs-archive'],
  ['a.tar', decompress(fixture('fakeheterocpunuma.tar.bz2')), 'sysfs-archive'],
  ['a.tgz', new Uint8Array([0x1f, 0x8b, 8]), 'sysfs-archive'],
  ['a.xml', fixture('cxlmem+dax.v3.xml'), 'hwloc-xml'],
  ['dump.txt', bytes('SRAT @ 0x0000000000000000\n    0000: 53\n'), 'acpidump'],
  ['m.yaml', bytes('# a machine\nnodes:\n'), 'machine-file'],
  ['m.json', bytes('{"nodes": []}'), 'machine-file'],
  ['m', bytes('name: x\nnodes:\n'), 'machine-file'],
])('%s', (name, content, form) => expect(detectMachineForm(name, content)).toBe(form));

describe('anything else', () => {
  test.each<[string, readonly string[] | Uint8Array, RegExp]>([
    ['d', [], /^d: the directory is empty; expected a directory of ACPI tables/],
    ['d', ['a.txt', 'b'], /^d: a directory with a.txt, b; expected/],
    ['f', bytes(''), /^f: the file is empty/],
    ['f', bytes('<html></html>'), /^f: XML that is not of hwloc/],
    ['SRAT', bytes('SRAT\u0000\u0001'), /^SRAT: one ACPI table, SRAT; give the directory/],
    ['f', new Uint8Array([1, 2, 3]), /^f: a binary file/],
    ['f.csv', bytes('hello world'), /^f.csv: text that begins with "hello world"/],
  ])('%s', (name, content, message) =>
    expect(() => detectMachineForm(name, content)).toThrow(message),
  );
});

test('tables are known by their file names', () => {
  const names = ['SRAT', 'hmat.bin', 'MADT.dat', 'memmap', 'memmap.txt', 'FACP', 'SRAT.dsl'];
  expect(names.map(tableOfFile)).toEqual([
    'SRAT',
    'HMAT',
    'APIC',
    'memmap',
    'memmap',
    undefined,
    undefined,
  ]);
});
