import { expect, test } from 'vitest';
import { read } from '../testing.ts';

// As xxd shows the beginning of cloudPhysicsIO.vscsi: sn, len, nSG, cmd, ver, lbn, ts.
const VERSION_1 =
  'f4000080' +
  '00020000' +
  '01000000' +
  '2a00' +
  '0001' +
  '091a8f0200000000' +
  '22cf82be1f050000' +
  '61000080' +
  '00020000' +
  '01000000' +
  '2800' +
  '0001' +
  '0a1a8f0200000000' +
  'f18286be1f050000';
// cmd, ver, sn, len, nSG, lbn, ts, rt.
const VERSION_2 =
  '2800' +
  '0002' +
  '01000000' +
  '00020000' +
  '01000000' +
  '0700000000000000' +
  '0a00000000000000' +
  '0000000000000000';

test('version 1: 32 bytes, microseconds', async () => {
  // 0x51fbe82cf22 = 5633898368802.
  expect(await read(Buffer.from(VERSION_1, 'hex'))).toBe(
    'W28f1a09@5633898368802000 R28f1a0a@5633898611441000',
  );
});

test('version 2: 40 bytes', async () => {
  expect(await read(Buffer.from(VERSION_2, 'hex'))).toBe('R7@10000');
});

test('commands that move no data are left out; a record of another version is refused', async () => {
  const flush = Buffer.from(VERSION_1, 'hex');
  flush[12] = 0x35;
  expect(await read(flush)).toBe('R28f1a0a@5633898611441000');
  const broken = Buffer.from(VERSION_1, 'hex');
  broken[32 + 15] = 9;
  await expect(read(broken, { format: 'vscsi' })).rejects.toThrow(
    'byte 32: expected a record of version 1, got version 9',
  );
});
