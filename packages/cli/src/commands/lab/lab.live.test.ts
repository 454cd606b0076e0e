import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { runProgram } from '../../program.ts';
import { runCli } from '../../run-cli.testing.ts';

// Boots take minutes and need QEMU and a kernel, so they run when asked for (`pnpm test:live`), and then a
// missing tool is a failure, never a skip.
const kernel = process.env['TIERLAB_KERNEL'] ?? '6.12';
const machine = 'sapphire-rapids-2s-cxl';
const scenario = resolve(
  import.meta.dirname,
  '../../../../kernel-lab/fixtures/small/first-touch.json.gz',
);
const timeout = 20 * 60_000;

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

describe.skipIf(process.env['TIERLAB_LIVE'] === undefined)('with a real kernel', () => {
  test('a machine has the tiers that we say', { timeout }, async () => {
    const { stdout, stderr, exitCode } = await runCli('lab', 'tiers', machine, '--kernel', kernel);
    expect({ exitCode, said: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, said: '' });
    expect(stdout).toMatch(/^the same tiers, demotion targets/m);
  });

  test.each([
    [['--boot-option', 'acpi=off'], 0],
    [['--boot-option', 'numa=nohmat movable_node', '--hotplug', 'offline 3; online 3'], 2],
  ])('with %j too', { timeout }, async (options, stepCount) => {
    const args = ['lab', 'tiers', machine, '--kernel', kernel, '--json', ...options];
    const { stdout, stderr, exitCode } = await runCli(...args);
    expect({ exitCode, said: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, said: '' });
    const answer = JSON.parse(stdout) as { readonly same: boolean; readonly steps: unknown[] };
    expect(answer.same).toBe(true);
    expect(answer.steps).toHaveLength(stepCount);
  });

  test('what is recorded can be replayed, and agrees', { timeout }, async () => {
    const out = join(scratch(), 'fresh.json.gz');
    const args = ['--scenario', scenario, '--kernel', kernel, '--out', out];
    const recorded = await runCli('lab', 'record', ...args);
    expect(recorded.stderr).toMatch(/wrote 2 intervals to .*fresh\.json\.gz\n$/);
    const { stdout } = await runCli('lab', 'replay', out, '--json');
    const replay = JSON.parse(stdout) as { agreement: { pages: number; topShare: number } };
    expect(replay.agreement.pages).toBeGreaterThan(0.995);
    expect(replay.agreement.topShare).toBeLessThan(0.005);
  });

  test('Ctrl-C leaves nothing behind', { timeout }, async () => {
    const directory = scratch();
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 3000);
    const args = ['--scenario', scenario, '--kernel', kernel, '--out', join(directory, 'r.json')];
    const exitCode = await runProgram(['lab', 'record', ...args], {
      stdout: () => true,
      stderr: { write: () => true },
      signal: interrupt.signal,
      exitCode: 0,
    });
    expect(exitCode).toBe(130);
    expect(readdirSync(directory)).toEqual([]);
  });
});
