import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { findStaticBusybox, findTool, isStaticElf } from './host-tools.ts';

/** A 64-bit little-endian ELF file with program headers of the given types, 56 bytes each after the header. */
function elf(...types: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(64 + 56 * types.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46]);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, types.length, true);
  types.forEach((type, i) => view.setUint32(64 + 56 * i, type, true));
  return bytes;
}

const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

test('a program with an interpreter (type 3) is not static', () => {
  expect(isStaticElf(elf(1, 2))).toBe(true);
  expect(isStaticElf(elf(1, 3, 2))).toBe(false);
  expect(isStaticElf(new Uint8Array(100))).toBe(false);
});

test('a missing program is named with the package that has it', () => {
  expect(() => findTool('qemu-system-x86_64', directory())).toThrow(/install qemu-system-x86$/);
});

test('a busybox that needs libraries is not taken into a guest that has none', () => {
  const path = directory();
  writeFileSync(join(path, 'busybox'), elf(3), { mode: 0o755 });
  expect(() => findStaticBusybox(path)).toThrow(/install busybox-static/);
  writeFileSync(join(path, 'busybox'), elf(1), { mode: 0o755 });
  expect(findStaticBusybox(path)).toBe(join(path, 'busybox'));
});
