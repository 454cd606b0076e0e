import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { count, read, show, sourceOf } from '../testing.ts';

const BANNER = '==20227== Lackey, an example Valgrind tool\n==20227== \n';

test('loads, stores and modifies with the instructions before them as their time', async () => {
  const log = `${BANNER}I  0401ab70,3\n S 1fff000688,8\nI  04000abcde,15\n L 0402bbd8,8\n M 0402bbe0,4\n==20227== \n`;
  // 0x1fff000688 is line 0x688 >> 6 = 26 of page 0x1fff000; a modify reads, then writes.
  expect(await read(log)).toBe('W1fff000:26@1 R402b:47@2 R402b:47@2 W402b:47@2');
});

test('without I lines there is no clock; blanks, CRLF, trailing blanks and capitals do not matter', async () => {
  expect(await read('S 1fff000198,8\nL 10,4 \r\n L  7FF0,1\r\nM 20,4')).toBe(
    'W1fff000:6 R0:0 R7:63 R0:0 W0:0',
  );
});

test('addresses use 64 bits, and no more', async () => {
  expect(await read(' L ffffffffffffffc0,8\n S 0000000000000000ffff800000000000,8\n')).toBe(
    'Rfffffffffffff:63 Wffff800000000:0',
  );
  await expect(read(' L 10,8\n L 1ffffffffffffffff,8\n')).rejects.toThrow(
    /^trace\.txt:2: expected an address of at most 64 bits, got " L 1ffffffffffffffff,8"/,
  );
});

test('what the program itself printed is left out and counted; a broken record is refused', async () => {
  const trace = await openTrace(
    sourceOf('I  04001000,3\nLoaded 5 items\n L 10,4\n S 20,4\n L 30,4\nI was here\n'),
  );
  expect(await show(trace)).toBe('R0:0@1 W0:0@1 R0:0@1');
  expect(trace.leftOut).toEqual(new Map([['line of another program', 2]]));
  await expect(read(' L 10,4\n S 20,4\n L 7f3\n')).rejects.toMatchObject({
    code: 'TRACE_BAD_LINE',
  });
  expect(await read(' L 10,4\n S 20,4\n L 7f3\n', { lenient: true })).toBe('R0:0 W0:0');
});

test('a whole log: hello, as valgrind 3.19 wrote it', async () => {
  const log = await readFile(new URL('../../fixtures/lackey-hello.gz', import.meta.url));
  const trace = await openTrace(sourceOf(log));
  // zgrep -c: 39,713 data lines, of them 1,469 M; 80 pages by an awk over the addresses.
  expect(await count(trace)).toMatchObject({ accesses: 39_713 + 1_469, pages: 80 });
  expect(trace.declaration).toMatchObject({ format: 'lackey', clock: 'instructions' });
});
