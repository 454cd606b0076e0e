import { expect, test } from 'vitest';
import { read } from '../testing.ts';

const CSV =
  'version,time,op,size,lbn\n1,5,2a,512,42932745\n1,6,28,6656,40409911\n1,6,28,6656,42932745\n';

test('the first line names the columns; an object is a page', async () => {
  // 42932745 = 0x28f1a09, 40409911 = 0x2689b37.
  expect(await read(CSV)).toBe('W28f1a09@5000000000 R2689b37@6000000000 R28f1a09@6000000000');
});

test('columns by number', async () => {
  const values = { 'obj-id-col': '1', 'time-col': '3' };
  expect(await read('7,x,1\n8,y,2\n', { values })).toBe('R7@1000000000 R8@2000000000');
  await expect(read('7,x,1\n', { values: { 'time-col': '1' } })).rejects.toMatchObject({
    code: 'TRACE_BAD_OPTION',
  });
  await expect(read('7,x,1\n', { values: { 'obj-id-col': '0' } })).rejects.toMatchObject({
    code: 'TRACE_BAD_OPTION',
  });
});
