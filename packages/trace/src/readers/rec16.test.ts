import { expect, test } from 'vitest';
import { read } from '../testing.ts';

// As xxd shows the beginning of a recording: address, instructions, size 0x40, type, thread.
const HEX =
  '00b1c80b40000000' +
  '00000000' +
  '40' +
  '00' +
  '0000' +
  '40b1c80b40000000' +
  '1a000000' +
  '40' +
  '01' +
  '0000' +
  '80da600c40000000' +
  '1a000000' +
  '40' +
  '00' +
  '0400';

test('fills are reads, write-backs are writes', async () => {
  expect(await read(Buffer.from(HEX, 'hex'))).toBe(
    'R400bc8b:4@0#0 W400bc8b:5@26#0 R400c60d:42@26#1',
  );
});

const record = (instructions: number): Buffer => {
  const bytes = Buffer.from(HEX.slice(0, 32), 'hex');
  bytes.writeUInt32LE(instructions, 8);
  return bytes;
};

test('an instruction counter that wraps goes on', async () => {
  const wrapped = Buffer.concat([record(0xfffffff0), record(16)]);
  expect(await read(wrapped, { format: 'rec16' })).toBe(
    'R400bc8b:4@4294967280#0 R400bc8b:4@4294967312#0',
  );
});

test('a type that is none, and a cut record', async () => {
  const bytes = Buffer.from(HEX, 'hex');
  bytes[16 + 13] = 7;
  await expect(read(bytes, { format: 'rec16' })).rejects.toThrow(
    'trace.txt: byte 16: expected type 0 (fill) or 1 (write-back), got type 7',
  );
  expect(await read(bytes, { format: 'rec16', lenient: true })).toBe(
    'R400bc8b:4@0#0 R400c60d:42@26#1',
  );
  await expect(
    read(Buffer.from(HEX, 'hex').subarray(0, 40), { format: 'rec16' }),
  ).rejects.toMatchObject({
    code: 'TRACE_TRUNCATED',
    message: expect.stringMatching(
      /^trace\.txt: byte 32: expected a record of 16 bytes, the source ends after 8/,
    ),
  });
});
