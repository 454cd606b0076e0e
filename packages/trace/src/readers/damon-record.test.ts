import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { intervalsOf, read, sourceOf } from '../testing.ts';

// Version 2, as xxd shows it: magic, 2, then 539 s, 0x367b0947 ns, 1 target, its id, 2 regions.
const HEX =
  Buffer.from('damon_recfmt_ver').toString('hex') +
  '02000000' +
  '1b02000000000000' +
  '47097b3600000000' +
  '01000000' +
  '805497814892ffff' +
  '02000000' +
  '0000a0ba3e560000' +
  '0020a0ba3e560000' +
  '00000000' +
  '0020a0ba3e560000' +
  '0030a0ba3e560000' +
  '05000000';

// 0x367b0947 = 914032967.
const SHOWN = 'R563ebaa00@539914032967*0 R563ebaa01@539914032967*0 R563ebaa02@539914032967*5';

test('version 2: snapshots of targets of regions', async () => {
  expect(await read(Buffer.from(HEX, 'hex'))).toBe(SHOWN);
});

test('the one snapshot of a record is a moment, since nothing says when it began', async () => {
  const trace = await openTrace(sourceOf(Buffer.from(HEX, 'hex')));
  expect(await intervalsOf(trace)).toEqual([
    '539914032967-539914032967: R563ebaa00*0 R563ebaa01*0 R563ebaa02*5',
  ]);
});

test('version 0 has no magic, version 1 has ids of 4 bytes', async () => {
  const body = HEX.slice(40);
  expect(await read(Buffer.from(body, 'hex'))).toBe(SHOWN);
  const version1 = HEX.replace('020000001b', '010000001b').replace('805497814892ffff', '80549781');
  expect(await read(Buffer.from(version1, 'hex'))).toBe(SHOWN);
});

test('a record cut anywhere', async () => {
  const bytes = Buffer.from(HEX, 'hex');
  for (let size = 21; size < bytes.length; size++)
    await expect(read(bytes.subarray(0, size))).rejects.toMatchObject({
      code: 'TRACE_TRUNCATED',
      message: expect.stringMatching(/^trace\.txt: byte \d+: it ends inside a/),
    });
  expect(await read(bytes.subarray(0, -3), { lenient: true })).toBe(
    SHOWN.split(' ').slice(0, 2).join(' '),
  );
});
