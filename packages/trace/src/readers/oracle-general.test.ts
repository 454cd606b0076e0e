import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { read, sourceOf } from '../testing.ts';

// As xxd shows the beginning of cloudPhysicsIO.oracleGeneral.bin, and a third that asks the first again.
const HEX =
  '6af75500' +
  '091a8f0200000000' +
  '00020000' +
  '0200000000000000' +
  '6af75500' +
  '0a1a8f0200000000' +
  '00020000' +
  'ffffffffffffffff' +
  '6bf75500' +
  '091a8f0200000000' +
  '00020000' +
  'ffffffffffffff7f';

test('time in seconds, an object a page', async () => {
  // 0x55f76a = 5633898.
  expect(await read(Buffer.from(HEX, 'hex'))).toBe(
    'R28f1a09@5633898000000000 R28f1a0a@5633898000000000 R28f1a09@5633899000000000',
  );
  const { declaration } = await openTrace(sourceOf(Buffer.from(HEX, 'hex')));
  expect(declaration).toMatchObject({
    format: 'oracle-general',
    addressSpace: 'object',
    pageShift: 0,
  });
});
