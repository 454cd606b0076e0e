import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { count, read, sourceOf } from '../testing.ts';

test('CPU traces: the write-back belongs to the read before it', async () => {
  // 3 others and the read are 4 instructions; then 0 and 1 more.
  expect(await read('3 20480\n0 24640 8192\n')).toBe('R5:0@4 R6:1@5 W2:0@5');
});

test('memory traces of both versions', async () => {
  expect(await read('0x12345680 R\n0x4cbd56c0 W\n')).toBe('R12345:26 W4cbd5:27');
  expect(await read('LD 0x12340\nST 4096\n')).toBe('R12:13 W1:0');
});

test('vectors of banks and rows are refused with what to do', async () => {
  await expect(read('R 0,1,2,100,32\nW 0,1,2,100,33\n')).rejects.toMatchObject({
    code: 'TRACE_UNSUPPORTED',
    message: expect.stringContaining('load-store trace'),
  });
});

test('400 lines of gobmk', async () => {
  const trace = await openTrace(
    sourceOf(await readFile(new URL('../../fixtures/ramulator-gobmk.txt', import.meta.url))),
  );
  // By a Python set of the two address columns.
  expect(await count(trace)).toEqual({ accesses: 400 + 394, reads: 400, pages: 426 });
});
