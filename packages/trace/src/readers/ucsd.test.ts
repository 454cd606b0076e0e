import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { count, read, sourceOf } from '../testing.ts';

test('instructions add up from access to access', async () => {
  expect(await read('s 0x1fffff50 1\nl 0x1fffff58 1\nl 0x1fffff88 6\n')).toBe(
    'W1ffff:61@1 R1ffff:61@2 R1ffff:62@8',
  );
});

test('penalties at the end of a line are not looked at', async () => {
  expect(await read('s 0x1fffff50 1 0 2\nl 0x1fffff58 3 0 2\n')).toBe('W1ffff:61@1 R1ffff:61@4');
});

test('the beginning of gzip', async () => {
  const trace = await openTrace(
    sourceOf(await readFile(new URL('../../fixtures/ucsd-gzip.txt', import.meta.url))),
  );
  // By awk: 400 lines, 299 of them l, 14 pages.
  expect(await count(trace)).toEqual({ accesses: 400, reads: 299, pages: 14 });
  expect(trace.declaration).toMatchObject({ format: 'ucsd', level: 'cpu', clock: 'instructions' });
});
