import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { explanations } from './explanations.ts';

const packages = resolve(import.meta.dirname, '../../../..');

/** Sources of a package, tests left out. */
const sources = (name: string): string[] =>
  readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.test|\.testing)\.ts$/.test(file))
    .map((file) => readFileSync(join(packages, name, 'src', file), 'utf8'));

const codesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, code = '']) => code);

test('every code of every errors.ts is explained, those of core too, and no other', () => {
  const declared = readdirSync(packages)
    .map((name) => join(packages, name, 'src/errors.ts'))
    .filter((path) => existsSync(path))
    .flatMap((path) => codesIn(readFileSync(path, 'utf8'), /\|\s*'([A-Z]+_[A-Z_]+)'/g));
  const core = sources('core').flatMap((text) => codesIn(text, /'(CORE_[A-Z_]+)'/g));
  expect(declared.length).toBeGreaterThan(50);
  expect(core.length).toBeGreaterThan(3);
  expect(Object.keys(explanations).toSorted()).toEqual(
    [...new Set([...declared, ...core])].toSorted(),
  );
});

test('a code is explained in upper and lower case, and an unknown one is refused', async () => {
  const { stdout, exitCode } = await runCli('explain', 'sim_no_lookahead');
  expect({ stdout, exitCode }).toEqual({
    stdout: `SIM_NO_LOOKAHEAD\n${explanations.SIM_NO_LOOKAHEAD.join('\n')}\n`,
    exitCode: 0,
  });
  const json = await runCli('explain', 'SIM_NO_LOOKAHEAD', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    schemaVersion: 1,
    errors: [{ code: 'SIM_NO_LOOKAHEAD' }],
  });
  const unknown = await runCli('explain', 'E42');
  expect(unknown.stderr).toMatch(/CLI_BAD_OPTION: E42/);
  expect(unknown.exitCode).toBe(2);
});
