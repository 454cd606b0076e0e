import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { read, sourceOf } from '../testing.ts';

// u32 seconds | u64 object | u32 size | u8 operation | u16 namespace | i64 next request.
const HEX =
  'd0aee55e 091a8f0200000000 00020000 0c 0300 0200000000000000' + // read, asked for again by request 2
  'd0aee55e 0a1a8f0201000000 00020000 0d 0300 ffffffffffffffff' + // write, never again
  'd1aee55e 091a8f0200000000 00020000 00 0300 ffffffffffffff7f'; // no operation told: a request all the same
const BYTES = Buffer.from(HEX.replaceAll(' ', ''), 'hex');

test('records of 27 bytes: seconds, object, operation', async () => {
  // 0x5ee5aed0 = 1592110800.
  expect(await read(BYTES)).toBe(
    'R28f1a09@1592110800000000000 W1028f1a0a@1592110800000000000 R28f1a09@1592110801000000000',
  );
  const { declaration } = await openTrace(sourceOf(BYTES));
  expect(declaration).toMatchObject({
    format: 'oracle-general-op-ns',
    addressSpace: 'object',
    pageShift: 0,
    writes: true,
  });
});

test('the same in chunks that end anywhere', async () => {
  const whole = await read(BYTES);
  for (const chunkSize of [1, 5, 26, 27, 28, 53])
    expect(await read(BYTES, {}, chunkSize)).toBe(whole);
});

test('an operation that is none is an error that says where', async () => {
  const broken = Buffer.from(BYTES);
  broken[27 + 16] = 15;
  await expect(read(broken, { format: 'oracle-general-op-ns' })).rejects.toThrow(
    'trace.txt: byte 27: expected an operation of 0 to 14, or 255, got 15',
  );
  expect(
    (await read(broken, { format: 'oracle-general-op-ns', lenient: true })).split(' '),
  ).toHaveLength(2);
});
