import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { read, sourceOf } from '../testing.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const MAGIC = hex('f0debc9a78563412');

/** A header of `size` bytes with `version` in its place. */
function versioned(version: number, size: 1024 | 8192): Buffer {
  const header = Buffer.alloc(size);
  MAGIC.copy(header);
  header.writeBigUInt64LE(BigInt(version), 8);
  MAGIC.copy(header, size - 8);
  return header;
}

/** A header that tells the fields: letters as Python's struct has them, and which is the object, the time, the operation. */
function described(letters: string, size: number, fields: readonly number[]): Buffer {
  const header = Buffer.alloc(1024, 0xaa); // what is not written was never set
  MAGIC.copy(header);
  header.write(`<${letters}\0`, 8, 'latin1');
  const [object, time, operation] = fields;
  header.set([object, 3, time, 0, 4, operation], 248);
  header.writeUInt32LE(letters.length, 1000);
  header.writeUInt32LE(size, 1004);
  MAGIC.copy(header, 1016);
  return header;
}

const V1 = hex(
  '05000000 091a8f0200000000 00020000 0200000000000000' +
    '06000000 0a1a8f0200000000 00020000 ffffffffffffffff',
);
// u32 time | u64 object | u32 size | u8 op, u24 tenant | i64 next
const V2 = hex(
  '05000000 091a8f0200000000 00020000 01 070000 0200000000000000' +
    '06000000 0a1a8f0200000000 00020000 03 070000 ffffffffffffffff',
);
// u32 time | u64 object | i64 size | u8 op, u24 tenant | u32 ttl | i64 next
const V3 = [
  '05000000 091a8f0200000000 0002000000000000 01 070000 3c000000 0200000000000000',
  '06000000 0a1a8f0200000000 0002000000000000 03 070000 3c000000 ffffffffffffffff',
];

test('version 1: as oracleGeneral, every request a read', async () => {
  const bytes = Buffer.concat([versioned(1, 8192), V1]);
  expect(await read(bytes)).toBe('R28f1a09@5000000000 R28f1a0a@6000000000');
  const { declaration } = await openTrace(sourceOf(bytes));
  expect(declaration).toMatchObject({ format: 'lcs', addressSpace: 'object', writes: false });
});

test.each([1024, 8192] as const)(
  'version 2 after a header of %i bytes: with operations',
  async (size) => {
    expect(await read(Buffer.concat([versioned(2, size), V2]))).toBe(
      'R28f1a09@5000000000 W28f1a0a@6000000000',
    );
  },
);

test.each([
  [3, 0],
  [4, 1],
  [5, 2],
  [6, 4],
  [7, 8],
  [8, 16],
])('version %i: a size of 64 bits, time to live and %i features', async (version, features) => {
  const records = V3.flatMap((record) => [hex(record), Buffer.alloc(features * 4, 0xee)]);
  expect(await read(Buffer.concat([versioned(version, 8192), ...records]), {}, 1000)).toBe(
    'R28f1a09@5000000000 W28f1a0a@6000000000',
  );
});

test('the older header tells the fields', async () => {
  // As libCacheSim's converter wrote them: time, object, size, next request; no operation.
  expect(await read(Buffer.concat([described('IQIQ', 24, [2, 1, 0]), V1]))).toBe(
    'R28f1a09@5000000000 R28f1a0a@6000000000',
  );
  // Object as i32, operation as u8, time as double: 13 bytes a request.
  const odd = hex('f9ffffff 03 0000000000000440 07000000 01 0000000000000840');
  expect(await read(Buffer.concat([described('iBd', 13, [1, 3, 2]), odd]))).toBe(
    'W10000000000000000@2500000000 R7@3000000000', // 2^64 - 7, rounded
  );
});

const refused = async (broken: Buffer, message: string): Promise<void> =>
  expect(openTrace(sourceOf(broken))).rejects.toThrow(message);

test('a header that is cut, broken or of another version is an error that says where', async () => {
  const bytes = Buffer.concat([versioned(1, 8192), V1]);
  await refused(bytes.subarray(0, 4000), 'trace.txt: byte 0: expected a header');
  const other = Buffer.from(bytes);
  other[8] = 9;
  await refused(other, 'trace.txt: byte 8: lcs of version 9; 1 to 8 are read');
  await refused(described('IQxQ', 24, [2, 1, 0]), 'byte 11: the header of lcs has the field "x"');
  await refused(
    described('IQIQ', 25, [2, 1, 0]),
    'byte 1004: the header of lcs has 25 bytes a request',
  );
  await refused(
    described('IdIQ', 24, [2, 1, 0]),
    'byte 248: the header of lcs has no field of whole',
  );
  await expect(read(bytes.subarray(0, -3))).rejects.toMatchObject({
    code: 'TRACE_TRUNCATED',
    message: expect.stringContaining('byte 8216: expected a record of 24 bytes'),
  });
});
