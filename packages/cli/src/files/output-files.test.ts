import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { writeOutputFile, writeOutputFiles } from './output-files.ts';
import { writeOutputStream } from './output-stream.ts';
import { directoryStore } from './run-store.ts';

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

test('a link stays one: the file that it names is replaced', async () => {
  const [file, link] = [join(directory, 'r1.json'), join(directory, 'latest.json')];
  writeFileSync(file, 'old');
  symlinkSync('r1.json', link);
  await writeOutputFile(link, 'new');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(readdirSync(directory).toSorted()).toEqual(['latest.json', 'r1.json']);
});

// Replaced by a file, /dev/null would be lost to the whole machine of whoever runs this as root.
test('what is no file is written to and stays what it is', async () => {
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const write of [
    () => writeOutputFile(pipe, 'text'),
    () => writeOutputStream(pipe, Readable.from([Buffer.from('text')])),
  ]) {
    const [read] = await Promise.all([readFile(pipe, 'utf8'), write()]);
    expect(read).toBe('text');
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  }
  expect(readdirSync(directory)).toEqual(['pipe']);
});

test('a folder of results below a file is told as an output', async () => {
  writeFileSync(join(directory, 'file'), 'old');
  const runs = directoryStore(join(directory, 'file', 'runs'));
  await expect(runs.list()).rejects.toMatchObject({ code: 'CLI_OUTPUT_UNWRITABLE' });
});
