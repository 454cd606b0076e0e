import { expect, test } from 'vitest';
import { read } from '../testing.ts';

const record = (time: number, id: number, operation: number): Buffer => {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32LE(time, 0);
  bytes.writeBigUInt64LE(BigInt(id), 4);
  bytes.writeUInt32LE((10 << 22) | 500, 12);
  bytes.writeUInt32LE(((operation << 24) | 3600) >>> 0, 16);
  return bytes;
};

test('gets read, sets and deletes write', async () => {
  expect(await read(Buffer.concat([record(1, 5, 1), record(1, 6, 3), record(2, 5, 9)]))).toBe(
    'R5@1000000000 W6@1000000000 W5@2000000000',
  );
});

test('an operation that is none', async () => {
  await expect(
    read(Buffer.concat([record(1, 5, 1), record(1, 6, 99)]), { format: 'twr' }),
  ).rejects.toThrow('trace.txt: byte 20: expected an operation from 0 to 14, got operation 99');
});
