import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { testFolder, twoNodes } from '../../test-folder.testing.ts';

const program = resolve(import.meta.dirname, '../../../bin/tierlab.js');

const at = testFolder();
beforeAll(() => {
  writeFileSync(at('m.yaml'), twoNodes);
  const accesses = Array.from({ length: 9000 }, (_, i) => `R,0x${((i * i) % 97) + 16}000\n`);
  writeFileSync(at('t.csv'), accesses.join(''));
});

const args = (out: string, ...more: string[]): string[] =>
  ['compare', '--setting', 'epochAccesses=500', '--capacity', 'node0=64KiB,128KiB'].concat(
    ['--machine', at('m.yaml'), '--trace', at('t.csv'), '--windows', '3', '--seeds', '1,2'],
    // A merge has no traces to map.
    ['--fail-if', 'slowdown > 9', '--heat-maps', '0', '--out', at(out)],
    more,
  );
const shard = (out: string, of: string) => runCli(...args(out, '--shard', of));
const merge = (...parts: string[]) => runCli('merge', ...parts.map(at), '--out', at('merged'));

/** Every file below a folder, by its path. */
function contents(out: string): Record<string, string> {
  const names = readdirSync(at(out), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(at(out), name)).isFile()).toSorted();
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(at(out), name), 'hex')]));
}

/** Runs the command line as it is installed, in a process of its own. */
async function runProcess(...argv: string[]): Promise<number> {
  const child = spawn(process.execPath, [program, ...argv], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

test('shards made by processes of their own merge to the bytes of one call', async () => {
  const whole = await runCli(...args('whole'));
  expect(whole.exitCode).toBe(0);
  const codes = await Promise.all(
    [1, 2, 3].map((i) => runProcess(...args(`part${i}`, '--shard', `${i}/3`))),
  );
  expect(codes).toEqual([0, 0, 0]);
  expect(readdirSync(at('part1')).toSorted()).toEqual(['runs', 'shard.json']);
  // In any order.
  expect(await runProcess('merge', at('part3'), at('part1'), at('part2'), '--out', at('m1'))).toBe(
    0,
  );
  expect(contents('m1')).toEqual(contents('whole'));
  const again = await runCli('merge', at('part1'), at('part2'), at('part3'), '--out', at('m1'));
  expect({ again: again.stdout }).toEqual({ again: whole.stdout });
  expect(contents('m1')).toEqual(contents('whole'));
});

test('shards that are missing, given twice, of another experiment or not finished are refused', async () => {
  await shard('a1', '1/2');
  await shard('a2', '2/2');
  expect((await merge('a1')).stderr).toMatch(/EXPERIMENT_MISSING_SHARD: 2\/2/);
  expect((await merge('a1', 'a2', 'a1')).stderr).toMatch(
    /EXPERIMENT_DUPLICATE_SHARD: .*a1: shard 1\/2/,
  );
  await runCli(...args('b2', '--shard', '2/2', '--seeds', '1,3'));
  expect((await merge('a1', 'b2')).stderr).toMatch(/EXPERIMENT_SHARD_MISMATCH: .*b2: shard 2\/2/);
  await shard('c2', '2/3');
  expect((await merge('a1', 'c2')).stderr).toMatch(/EXPERIMENT_SHARD_MISMATCH: .*c2: shard 2\/3/);
  const nothing = await merge('a1', 'nowhere');
  expect(nothing.stderr).toMatch(/CLI_NO_SHARD: .*nowhere/);
  expect(nothing.exitCode).toBe(2);

  const [lost = ''] = readdirSync(at('a2/runs'));
  rmSync(at(`a2/runs/${lost}`));
  expect((await merge('a1', 'a2')).stderr).toMatch(/EXPERIMENT_MISSING_RUNS: 1 of 36 runs/);
  expect((await shard('a2', '2/2')).stderr).toContain('17 of 18 runs were made before');
  expect((await merge('a1', 'a2')).exitCode).toBe(0);
});

test.each([
  ['no folder for its runs', ['--shard', '1/2'], /CLI_BAD_OPTION: --shard 1\/2: give --out/],
  ['no shard', ['--shard', '3/2', '--out', 'x'], /EXPERIMENT_BAD_SHARD/],
  ['a result', ['--shard', '1/2', '--out', 'x', '--json'], /CLI_OPTION_WITHOUT_EFFECT/],
])('%s: refused', async (_, more, message) => {
  const { exitCode, stderr } = await runCli(
    'compare',
    '--machine',
    at('m.yaml'),
    '--trace',
    at('t.csv'),
    ...more,
  );
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(2);
});
