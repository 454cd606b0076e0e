import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';

import { openTraceFile } from './open-trace-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'tierlab-threads-'));
afterAll(() => rmSync(folder, { recursive: true }));

// Type, size, value. Types: 25 header, 22 thread, 28 marker (2: a time stamp), 0 read, 1 write, 10 instruction.
function records(...all: readonly (readonly [number, number, bigint])[]): Buffer {
  const bytes = Buffer.alloc(12 * all.length);
  all.forEach(([type, size, value], i) => {
    bytes.writeUInt16LE(type, 12 * i);
    bytes.writeUInt16LE(size, 12 * i + 2);
    bytes.writeBigUInt64LE(value, 12 * i + 4);
  });
  return bytes;
}

const EPOCH = 11_644_473_600_000_000n;
const at = (microseconds: bigint): readonly [number, number, bigint] => [
  28,
  2,
  EPOCH + microseconds,
];

test('the threads of a drmemtrace folder are one trace, in the order of their time stamps', async () => {
  const trace = join(folder, 'trace');
  mkdirSync(trace);
  // thread 7:  at 1 W page 5, at 4 R page 6      thread 9:  at 2 R page 6, at 3 R page 5
  const one = records(
    [25, 0, 7n],
    [22, 4, 7n],
    at(1n),
    [1, 8, 0x5000n],
    [10, 4, 0x400000n],
    at(4n),
    [0, 8, 0x6000n],
  );
  const two = records([25, 0, 7n], [22, 4, 9n], at(2n), [0, 8, 0x6040n], at(3n), [0, 8, 0x5040n]);
  writeFileSync(join(trace, 'app.7.1.trace.gz'), gzipSync(one));
  writeFileSync(join(trace, 'app.9.2.trace'), two);
  writeFileSync(join(trace, 'serial_schedule.bin.gz'), gzipSync('not a trace'));
  const opened = await openTraceFile(folder, { values: {} });
  const shown: string[] = [];
  const numbers: number[] = [];
  for await (const block of opened.trace.blocks()) {
    numbers.push(...block.newPageNumber);
    for (let i = 0; i < block.length; i++)
      shown.push(
        `${block.write[i] === 1 ? 'W' : 'R'}${numbers[block.page[i]!]}@${block.time![i]! / 1000}#${block.thread![i]}`,
      );
  }
  expect(shown.join(' ')).toBe('W5@1#0 R6@2#1 R5@3#1 R6@4#0');
  expect(numbers).toHaveLength(2);
  expect(opened.shareRead()).toBe(1);
  expect(await opened.sha256()).toMatch(/^[0-9a-f]{64}$/);
});

test('a folder without a trace, and one with a raw trace only', async () => {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  await expect(openTraceFile(empty, { values: {} })).rejects.toThrow(
    "no thread's trace in this folder; name the file",
  );
  mkdirSync(join(empty, 'raw'));
  await expect(openTraceFile(empty, { values: {} })).rejects.toThrow(
    'convert that with drraw2trace first',
  );
});
