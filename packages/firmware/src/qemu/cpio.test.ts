import { execFileSync } from 'node:child_process';

import { expect, test } from 'vitest';

import { writeCpio } from './cpio.ts';

const files = [
  { path: 'kernel/firmware/acpi/srat.aml', content: new Uint8Array([1, 2, 3, 4, 5]) },
  { path: 'kernel/firmware/acpi/hmat.aml', content: new Uint8Array(4) },
];

test('directories come before the files in them, and the trailer last', () => {
  const text = new TextDecoder('latin1').decode(writeCpio(files));
  const order = ['kernel\0', 'kernel/firmware\0', 'kernel/firmware/acpi\0', 'srat.aml', 'TRAILER'];
  const positions = order.map((name) => text.indexOf(name));
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(positions).not.toContain(-1);
});

test('every header starts at a multiple of four, as the kernel steps through the archive', () => {
  const bytes = writeCpio(files);
  const text = new TextDecoder('latin1').decode(bytes);
  const headers = [...text.matchAll(/070701/g)].map((match) => match.index);
  expect(headers).toHaveLength(6);
  expect(headers.filter((offset) => offset % 4 !== 0)).toEqual([]);
  expect(bytes.length % 4).toBe(0);
});

test('cpio itself lists the files', (context) => {
  try {
    execFileSync('cpio', ['--version'], { stdio: 'ignore' });
  } catch {
    const missing = 'cpio is not installed: apt-get install cpio';
    if (process.env['CI'] !== undefined) throw new Error(missing);
    context.skip(missing);
  }
  const listing = execFileSync('cpio', ['-t', '--quiet'], { input: writeCpio(files) });
  expect(listing.toString().trim().split('\n')).toContain('kernel/firmware/acpi/hmat.aml');
});

test('the mode field says who may run a file', () => {
  const program = { path: 'init', content: new Uint8Array(1), executable: true };
  const text = new TextDecoder('latin1').decode(writeCpio([program]));
  // magic, inode, mode: a regular file, rwxr-xr-x
  expect(text.slice(0, 6 + 8 + 8)).toBe('07070100000001000081ed');
});
