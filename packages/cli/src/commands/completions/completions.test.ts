import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';

const isThere = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await runCli('completions', shell);
    writeFileSync(join(directory, shell), stdout);
  }
  writeFileSync(join(directory, 'my trace.tlt'), '');
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What a shell offers for the last word of a command line, sorted. */
type Complete = (...words: string[]) => string[];

function ask(shell: string, args: readonly string[], script: string): string[] {
  const { status, stdout, stderr } = spawnSync(shell, [...args, script], {
    cwd: directory,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter(Boolean).toSorted();
}

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

const inBash: Complete = (...words) =>
  ask(
    'bash',
    ['--norc', '-c'],
    `. ./bash; COMP_WORDS=(tierlab ${quoted(words)}); COMP_CWORD=${words.length}
     _tierlab 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`,
  );

/** zsh completes in its editor only: here its two primitives print what they would offer. */
const inZsh: Complete = (...words) =>
  ask(
    'zsh',
    ['-f', '-c'],
    `compdef() { }; . ./zsh; words=(tierlab ${quoted(words)}); CURRENT=${words.length + 1}
     compadd() { shift; print -l -- \${(M)@:#\${words[CURRENT]}*} }
     _describe() { print -l -- \${(M)\${found%%:*}:#\${words[CURRENT]}*} }
     _files() { print -l -- *(N) | grep "^\${words[CURRENT]}" }
     _tierlab || true`,
  );

const inFish: Complete = (...words) =>
  ask('fish', ['--no-config', '-c'], `source ./fish; complete -C "tierlab ${words.join(' ')}"`).map(
    (line) => line.split('\t')[0] ?? '',
  );

describe.each([
  ['bash', inBash],
  ['zsh', inZsh],
  ['fish', inFish],
])('%s', (shell, complete) => {
  describe.skipIf(!isThere(shell))('completes', () => {
    test('commands, and those below them', () => {
      expect(complete('co')).toEqual(['compare', 'completions']);
      expect(complete('machine', 'l')).toEqual(['list']);
    });

    test('the options of the command at hand', () => {
      expect(complete('compare', '--set')).toEqual(['--set', '--setting']);
      expect(complete('trace', 'convert', '--cod')).toEqual(['--codec']);
      expect(complete('tiers', '--codec')).toEqual([]);
    });

    test('names of policies, machines and formats, and choices', () => {
      expect(complete('compare', '--policy', 'kle')).toEqual(['kleio-history']);
      expect(complete('policy', 'show', 'two')).toEqual(['two-q']);
      expect(complete('plan', '--machine', 'gh')).toEqual(['gh200']);
      expect(complete('trace', 'info', '--format', 'lack')).toEqual(['lackey']);
      expect(complete('explain', 'CLI_US')).toEqual(['CLI_USAGE']);
      expect(complete('completions', 'fi')).toEqual(['fish']);
    });

    test('files where one can be given, and a value that is a command’s name is a value', () => {
      expect(complete('compare', '--trace', 'my')).toEqual(['my trace.tlt']);
      expect(complete('--trace', 'machine', 'pl')).toEqual(['plan']);
    });
  });
});

test('an unknown shell is refused', async () => {
  const { exitCode, stderr } = await runCli('completions', 'csh');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/bash, zsh, fish/);
});
