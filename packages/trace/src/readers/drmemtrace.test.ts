import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { count, read, show, sourceOf } from '../testing.ts';

const record = (type: number, size: number, address: bigint): Buffer => {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(type, 0);
  bytes.writeUInt16LE(size, 2);
  bytes.writeBigUInt64LE(address, 4);
  return bytes;
};
// Header of version 7, thread, a time stamp, encodings to skip, two instructions, accesses, another thread.
const TRACE = Buffer.concat([
  record(25, 0, 7n),
  record(22, 4, 0xd51b4n),
  record(28, 2, 13_313_208_356_788_331n),
  record(47, 1, 0x90n),
  record(10, 1, 0x401000n),
  record(1, 8, 0x7f87dadfeb90n),
  record(13, 4, 0x401001n),
  record(0, 8, 0x7f87dadfe000n),
  record(3, 8, 0x7f87dadfe000n),
  record(22, 4, 0xd51b5n),
  record(0, 4, 0x1000n),
  record(26, 0, 0n),
]);

test('zeros are no trace without a header', async () => {
  await expect(openTrace(sourceOf(new Uint8Array(1200)))).rejects.toMatchObject({
    code: 'TRACE_UNKNOWN_FORMAT',
  });
});

test('threads take turns; instructions are the clock; prefetches are left out', async () => {
  const trace = await openTrace(sourceOf(TRACE));
  expect(await show(trace)).toBe('W7f87dadfe:46@1#0 R7f87dadfe:0@2#0 R1:0@2#1');
  expect(trace.leftOut).toEqual(new Map([['prefetch', 1]]));
});

test('or the clock is that of the time stamps, in nanoseconds since 1970', async () => {
  // (13313208356788331 - 11644473600000000) us.
  const shown = await read(TRACE, { values: { clock: 'time' } });
  expect(shown.split(' ')[0]).toBe('W7f87dadfe:46@1668734756788331000#0');
});

test('a type that is none', async () => {
  await expect(
    read(Buffer.concat([TRACE, record(99, 0, 0n)]), { format: 'drmemtrace' }),
  ).rejects.toThrow('trace.txt: byte 144: expected a record type up to 50, got type 99');
});

// The same, of a 32-bit program: u32 values, so that time stamps have their lower half only.
const record32 = (type: number, size: number, value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(type, 0);
  bytes.writeUInt16LE(size, 2);
  bytes.writeUInt32LE(value, 4);
  return bytes;
};
const TRACE_32 = Buffer.concat([
  record32(25, 0, 7),
  record32(22, 4, 0xd51b4),
  record32(28, 2, 0xffffff00),
  record32(10, 1, 0x8401000),
  record32(1, 8, 0xffdfeb90),
  record32(13, 4, 0x8401001),
  record32(28, 2, 0x100),
  record32(0, 4, 0xffdfe000),
  record32(26, 0, 0),
]);

test('records of a 32-bit program, told from the content', async () => {
  expect(await read(TRACE_32)).toBe('Wffdfe:46@1#0 Rffdfe:0@2#0');
  // 2^32 - 256 and 2^32 + 256 us.
  expect(await read(TRACE_32, { values: { clock: 'time', bits: '32' } })).toBe(
    'Wffdfe:46@4294967040000#0 Rffdfe:0@4294967552000#0',
  );
});

test('two files of DynamoRIO itself: raw, and snappy-framed and cut', async () => {
  // Counted by a decoder in Python.
  const small = await readFile(new URL('../../fixtures/drmemtrace-small.trace', import.meta.url));
  expect(await count(await openTrace(sourceOf(small)))).toEqual({
    accesses: 56,
    reads: 42,
    pages: 1,
  });
  const chase = await readFile(new URL('../../fixtures/drmemtrace-chase.sz', import.meta.url));
  expect(await count(await openTrace(sourceOf(chase), { lenient: true }))).toEqual({
    accesses: 2199,
    reads: 1737,
    pages: 42,
  });
});
