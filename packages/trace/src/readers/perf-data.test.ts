import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { count, read, show, sourceOf } from '../testing.ts';

const u64 = (...values: bigint[]): Buffer => {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => bytes.writeBigUInt64LE(value, 8 * i));
  return bytes;
};
const u32 = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);

function record(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt16LE(8 + body.length, 6);
  return Buffer.concat([head, body]);
}

// One event of 128 bytes and its ids, then the records.
function perfData(type: number, sampleType: bigint, records: readonly Buffer[]): Buffer {
  const data = Buffer.concat(records);
  const attribute = Buffer.alloc(144);
  attribute.writeUInt32LE(type, 0);
  attribute.writeBigUInt64LE(1n, 16);
  attribute.writeBigUInt64LE(sampleType, 24);
  return Buffer.concat([
    Buffer.from('PERFILE2'),
    u64(104n, 144n, 104n, 144n, 248n, BigInt(data.length), 0n, 0n),
    Buffer.alloc(32),
    attribute,
    data,
  ]);
}

const TID_TIME_ADDR_SOURCE = 0x800en;
const sample = (tid: number, time: bigint, address: bigint, source: bigint): Buffer =>
  record(9, Buffer.concat([u32(1, tid), u64(time, address, source)]));
// perf script cuts times to microseconds.
const cutTime = (access: string): string => access.replace(/\d{3}#/, '000#');
const ROUND = record(68, Buffer.alloc(0));

test('samples of the CPUs are put in the order of their time', async () => {
  // Round 1 has times 10 and 30 of one CPU, then 20 of another; a later round may still bring 35.
  const file = perfData(4, TID_TIME_ADDR_SOURCE, [
    sample(5, 10n, 0x1000n, 2n),
    sample(5, 30n, 0x2000n, 4n),
    sample(6, 20n, 0x3000n, 2n),
    ROUND,
    sample(6, 40n, 0x4000n, 2n),
    sample(5, 35n, 0x5000n, 2n),
    ROUND,
  ]);
  expect(await read(file)).toBe('R1:0@10#0 R3:0@20#1 W2:0@30#0 R5:0@35#0 R4:0@40#1');
});

test('the raw fields of damon_aggregated are regions', async () => {
  const raw = Buffer.concat([u32(620, 1), u64(1n), u32(2, 0), u64(0x1000n, 0x3000n), u32(7, 0)]);
  const file = perfData(2, 0x404n, [
    record(9, Buffer.concat([u64(500n), u32(raw.length), raw])),
    record(
      9,
      Buffer.concat([u64(501n), u32(raw.length), raw.fill(0x40, 25, 26).fill(0x50, 33, 34)]),
    ),
  ]);
  // Both lines are of one snapshot, whose time is that of its first.
  expect(await read(file)).toBe('R1@500*7 R2@500*7 R4@500*7');
});

test('a file of perf record -e page-faults, counted by perf script', async () => {
  const file = await readFile(new URL('../../fixtures/perf-page-faults.data', import.meta.url));
  expect(await count(await openTrace(sourceOf(file)))).toEqual({
    accesses: 3161,
    reads: 3161,
    pages: 3029,
  });
  const text = await readFile(new URL('../../fixtures/perf-page-faults.txt', import.meta.url));
  const fromText = (await show(await openTrace(sourceOf(text)))).split(' ');
  const fromFile = (await show(await openTrace(sourceOf(file))))
    .split(' ')
    .slice(0, fromText.length);
  expect(fromFile.map(cutTime)).toEqual(fromText);
});

test('what is refused says what to do instead', async () => {
  const compressed = perfData(4, TID_TIME_ADDR_SOURCE, [record(81, Buffer.alloc(8))]);
  await expect(read(compressed)).rejects.toMatchObject({
    code: 'TRACE_UNSUPPORTED',
    message: expect.stringContaining('perf inject'),
  });
  await expect(read(perfData(4, 0x6n, []))).rejects.toMatchObject({
    code: 'TRACE_UNSUPPORTED',
    message: expect.stringContaining('record -d'),
  });
  const cut = perfData(4, TID_TIME_ADDR_SOURCE, [
    sample(5, 10n, 0x1000n, 2n),
    sample(5, 11n, 0x1000n, 2n),
  ]).subarray(0, -3);
  await expect(read(cut)).rejects.toMatchObject({ code: 'TRACE_TRUNCATED' });
  expect(await read(cut, { lenient: true })).toBe('R1:0@10#0');
});
