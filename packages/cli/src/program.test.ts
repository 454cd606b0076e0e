import { expect, test } from 'vitest';

import { runCli } from './run-cli.testing.ts';

test('help lists every command, and goes to stdout', async () => {
  const { stdout, exitCode } = await runCli('--help');
  expect(exitCode).toBe(0);
  for (const name of ['tiers', 'compare', 'run', 'trace', 'machine', 'policy']) {
    expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  }
});

test.each([
  ['an unknown command', ['teirs'], /unknown command|tiers/],
  ['a command below one, without its argument', ['machine', 'show'], /missing required argument/],
  ['an unknown command below one', ['machine', 'shwo'], /show/],
  ['an unknown option', ['tiers', 'x', '--explian'], /--explain/],
])('%s is usage: exit code 2, nothing on stdout', async (_, args, message) => {
  const { stdout, stderr, exitCode } = await runCli(...args);
  expect(stderr).toMatch(message);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
});
