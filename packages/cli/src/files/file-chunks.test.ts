import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { fileChunks } from './file-chunks.ts';

const directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const bytes = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * i) >>> 7);
const path = join(directory, 'file');
writeFileSync(path, bytes);
const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

test('a file comes whole, and others get their turn meanwhile', async () => {
  const hash = createHash('sha256');
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  for await (const chunk of fileChunks(path)) {
    hash.update(chunk);
    for (const until = performance.now() + 3; performance.now() < until;);
  }
  clearInterval(timer);
  expect(hash.digest('hex')).toBe(hashOf(bytes));
  expect(turns).toBeGreaterThan(1);
});

test('a pipe with a name comes as it is written', async () => {
  const pipe = join(directory, 'pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const written = writeFile(pipe, bytes);
  const hash = createHash('sha256');
  for await (const chunk of fileChunks(pipe)) hash.update(chunk);
  await written;
  expect(hash.digest('hex')).toBe(hashOf(bytes));
});

test('what is not there is an error of the system', async () => {
  await expect(fileChunks(join(directory, 'none')).next()).rejects.toMatchObject({
    code: 'ENOENT',
  });
});
