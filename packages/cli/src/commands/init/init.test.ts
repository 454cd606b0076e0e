import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readResult } from '@tierlab/report';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { experimentFileJsonSchema } from '../../experiment-file/schema.ts';
import { runCli } from '../../run-cli.testing.ts';

let directory: string;
let before: string;
beforeAll(() => {
  before = process.cwd();
  directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  process.chdir(directory);
});
afterAll(() => {
  process.chdir(before);
  rmSync(directory, { recursive: true });
});

test('what it writes runs at once, and nothing is overwritten', async () => {
  const { exitCode, stderr } = await runCli('init', 'first');
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('next: cd first && tierlab compare'),
  });
  process.chdir('first');
  const compared = await runCli('compare');
  process.chdir('..');
  expect(compared).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('the experiment is that of tierlab.yaml'),
  });
  const { records } = readResult('', readFileSync('first/results/runs.json', 'utf8'));
  // Two sizes, and of three policies and one with two choices.
  expect(records).toHaveLength(2 * (3 + 2));
  // Its hot set fits the fast node and moves: who moves pages is quicker, and slower than the bound.
  const timeOf = (name: string): number =>
    records.find(({ manifest }) => manifest.policy.name === name)?.totals.timeNs ?? 0;
  expect(timeOf('all-fast')).toBeLessThan(timeOf('kleio-history'));
  expect(timeOf('kleio-history')).toBeLessThan(timeOf('stay-put'));

  expect(readdirSync('first')).toContain('experiment.schema.json');
  const again = await runCli('init', 'first');
  expect(again.exitCode).toBe(2);
  expect(again.stderr).toMatch(/CLI_OUTPUT_UNWRITABLE: first: tierlab\.yaml, .* there already/);
});

test('--schema prints the schema that is shipped (npx vitest run -u)', async () => {
  const { stdout } = await runCli('init', '--schema');
  expect(JSON.parse(stdout)).toEqual(experimentFileJsonSchema());
  await expect(stdout).toMatchFileSnapshot('../../../experiment.schema.json');
});
