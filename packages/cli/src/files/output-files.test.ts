import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { writeOutputFile, writeOutputFiles } from './output-files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('all files arrive, and nothing else stays', async () => {
  await writeOutputFiles(join(directory, 'a', 'b'), { 'x.csv': 'x\n', 'y.csv': 'y\n' });
  expect(readdirSync(join(directory, 'a', 'b'))).toEqual(['x.csv', 'y.csv']);
});

test('a directory that cannot be made leaves nothing behind', async () => {
  writeFileSync(join(directory, 'file'), 'old');
  await expect(
    writeOutputFiles(join(directory, 'file', 'sub'), { 'x.csv': 'x' }),
  ).rejects.toMatchObject({ code: 'CLI_OUTPUT_UNWRITABLE' });
  expect(readdirSync(directory)).toEqual(['file']);
});

test('a failing set of files leaves none of them', async () => {
  // The second name points into a directory that is not there.
  await expect(
    writeOutputFiles(directory, { 'x.csv': 'x', 'no/y.csv': 'y' }),
  ).rejects.toMatchObject({ code: 'CLI_OUTPUT_UNWRITABLE' });
  expect(readdirSync(directory)).toEqual([]);
});

test('one file replaces the old one whole', async () => {
  const path = join(directory, 'r.json');
  writeFileSync(path, 'old');
  await writeOutputFile(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(directory)).toEqual(['r.json']);
});
