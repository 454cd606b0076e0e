import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const text = (name: string): string => readFileSync(join(directory, name), 'utf8');

test('it writes a policy, its test and its page, and overwrites nothing', async () => {
  const made = await runCli('policy', 'new', 'hot-first', '--directory', directory);
  expect(made).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('npx vitest run') });
  expect(readdirSync(directory).toSorted()).toEqual([
    'hot-first.md',
    'hot-first.test.ts',
    'hot-first.ts',
  ]);
  expect(text('hot-first.test.ts')).toContain("from './hot-first.ts'");
  const again = await runCli('policy', 'new', 'hot-first', '--js', '--directory', directory);
  expect(again.exitCode).toBe(2);
  expect(again.stderr).toMatch(/CLI_OUTPUT_UNWRITABLE: .*: hot-first\.md there already/);
});

test('in JavaScript it is the same without types', async () => {
  await runCli('policy', 'new', 'in-js', '--js', '--directory', directory);
  await runCli('policy', 'new', 'in-ts', '--directory', directory);
  const untyped = text('in-ts.ts')
    .replaceAll(/: (?:MigrationPolicy|number\[\])/g, '')
    .replace(/import type .*\n/, '')
    .replaceAll('in-ts.ts', 'in-js.mjs')
    .replaceAll('in-ts', 'in-js');
  expect(text('in-js.mjs')).toBe(untyped);
});

test('every parameter is on its page', async () => {
  await runCli('policy', 'new', 'with-page', '--js', '--directory', directory);
  const source = text('with-page.mjs');
  for (const [, param] of source.matchAll(/^ {4}(\w+): (?:count|duration)\(/gm)) {
    expect(text('with-page.md')).toContain(`\`${param}\``);
  }
});

test.each(['Hot', 'hot first', '', 'lru'])('%j is no name for it', async (name) => {
  const { exitCode, stderr } = await runCli('policy', 'new', name, '--directory', directory);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('CLI_BAD_OPTION');
});
