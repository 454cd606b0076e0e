import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

import type { KernelRecord } from '@tierlab/kernel-lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runProgram } from '../../program.ts';
import { runCli } from '../../run-cli.testing.ts';

const fixtures = resolve(import.meta.dirname, '../../../../kernel-lab/fixtures/small');
const golden = join(fixtures, 'first-touch.json.gz');
const others = ['b', 'c'].map((run) => join(fixtures, `first-touch~${run}.json.gz`));
const read = (path: string): KernelRecord =>
  JSON.parse(gunzipSync(readFileSync(path)).toString()) as KernelRecord;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Writes a variant of the golden and returns its path. */
function variant(name: string, changes: Readonly<Record<string, unknown>>): string {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify({ ...read(golden), ...changes }));
  return path;
}

describe('replay', () => {
  test('is held against the kernel’s own runs of the scenario', async () => {
    const against = ['--against', ...others];
    const { stdout, stderr, exitCode } = await runCli('lab', 'replay', golden, ...against);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toContain('against 3 runs of 6.12');
    // Free memory and the first touch alone decide this scenario.
    const [, pages = ''] = /^pages on the same node +([\d.]+) %/m.exec(stdout) ?? [];
    expect(Number(pages)).toBeGreaterThan(99.5);
    expect(stdout).not.toContain('missed');
  });

  test('--json: a record of the same form, a line each; what the kernel did is not read', async () => {
    // The same scenario, and nothing of what the kernel did in it.
    const blind = variant('blind.json', { intervals: [] });
    const { stdout, exitCode } = await runCli('lab', 'replay', golden, blind, '--json');
    expect(exitCode).toBe(0);
    const [ours, unseen] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as KernelRecord & { agreement?: { pages: number } });
    const theirs = read(golden);
    expect(ours?.intervals.map(({ ms }) => ms)).toEqual(theirs.intervals.map(({ ms }) => ms));
    expect(ours?.intervals.at(-1)?.placement).toMatch(/^0[0-9a-f]+ 1[0-9a-f]+$/);
    expect(ours?.intervals.at(-1)?.vmstat['pgpromote_success']).toBe(0);
    expect(ours).toMatchObject({ schemaVersion: 1, setup: theirs.setup, end: theirs.end });
    expect(ours?.agreement?.pages).toBeGreaterThan(0.995);
    expect(unseen?.agreement).toBeUndefined();
    expect(unseen?.intervals).toEqual(ours?.intervals);
  });

  test('a replay that the bar does not let through ends with exit code 3', async () => {
    // Runs that agree with each other and not with a machine whose fast node has less free.
    const zoneinfo = read(golden).zoneinfo.replace(
      /(Node 0, zone +DMA32\n +pages free +)(\d+)/,
      (_, head: string, free: string) => `${head}${Number(free) - 9000}`,
    );
    expect(zoneinfo).not.toBe(read(golden).zoneinfo);
    const poorer = variant('poorer.json', { zoneinfo });
    const { stdout, exitCode } = await runCli('lab', 'replay', poorer, '--against', ...others);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^pages on the same node .* missed$/m);
  });

  test('Ctrl-C ends it', async () => {
    let stdout = '';
    const exitCode = await runProgram(['lab', 'replay', golden], {
      stdout: (text) => (stdout += text),
      stderr: { write: () => true },
      signal: AbortSignal.abort(),
      exitCode: 0,
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  });

  test.each([
    [
      'a setting it would not obey',
      { setup: 'echo 3 > /proc/sys/vm/drop_caches' },
      /LAB_BAD_REC.*bad.json: setup: .*drop_caches/,
    ],
    [
      'a value it does not know',
      { setup: 'echo 8 > /proc/sys/kernel/numa_balancing' },
      /cannot obey/,
    ],
    ['a stream that is none', { agent: 'walk' }, /LAB_BAD_RECORD: .*bad.json: agent/],
    ['a played trace that is not given', { agent: 'play' }, /expected the trace that was played/],
    ['a field of another type', { tiers: '4' }, /LAB_BAD_RECORD: .*tiers/],
    [
      'a placement that is none',
      { intervals: [{ ms: 500, placement: '0zz', vmstat: {} }] },
      /bad.json: intervals/,
    ],
    [
      'a time before the first touch',
      { intervals: [{ ms: -5, placement: '01', vmstat: {} }] },
      /bad.json: intervals/,
    ],
  ])('%s: one line, exit code 2, and nothing is replayed', async (_, changes, message) => {
    const bad = variant('bad.json', changes);
    const { stderr, stdout, exitCode } = await runCli('lab', 'replay', golden, bad, '--json');
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  test('a record of a played trace is replayed with the trace', async () => {
    const trace = join(directory, 'app.lackey');
    const lines = Array.from(
      { length: 6000 },
      (_, i) => ` S ${(0x1000 * (i % 500)).toString(16)},8`,
    );
    writeFileSync(trace, `${lines.join('\n')}\n`);
    // The bytes that the guest reads: 500 pages, 600 ms of 10 accesses each, and each as page * 2 + write.
    const words = [500, 600, 10];
    for (let i = 0; i < 6000; i++) words.push(...(i % 10 === 0 ? [10] : []), 2 * (i % 500) + 1);
    const sha256 = createHash('sha256').update(Uint32Array.from(words)).digest('hex');
    const played = { sha256, pageCount: 500, accessCount: 6000 };
    const record = variant('played.json', { agent: 'play', played, intervals: [] });
    const run = (...options: readonly string[]): ReturnType<typeof runCli> =>
      runCli('lab', 'replay', record, '--trace', trace, '--json', ...options);
    const { stdout, exitCode } = await run('--accesses-per-ms', '10');
    expect(exitCode).toBe(0);
    const { intervals, end } = JSON.parse(stdout) as KernelRecord;
    expect({ end, placement: intervals.at(-1)?.placement }).toEqual({
      end: 'E accesses=6000 ms=600',
      placement: '01f4',
    });
    expect((await run()).stderr).toMatch(/LAB_BAD_RECORD: .*at its pace/);
    const { stderr } = await runCli('lab', 'replay', golden, '--trace', trace);
    expect(stderr).toMatch(/CLI_OPTION_WITHOUT_EFFECT: --trace: .*not of a played trace/);
  });

  test('a run of another scenario is no run to hold it against', async () => {
    const other = variant('other.json', { agent: '60000 100 8 u:0.5:0:60000:0:20' });
    const { stderr, exitCode } = await runCli('lab', 'replay', golden, '--against', other);
    expect(stderr).toMatch(/CLI_BAD_OPTION: --against .*other\.json/);
    expect(exitCode).toBe(2);
  });
});

test('help says the default kernel, and no empty list', async () => {
  const { stdout } = await runCli('lab', 'tiers', '--help');
  expect(stdout).toContain('(default: 6.12)');
  expect(stdout).not.toContain('[]');
});

describe('what cannot be recorded or booted is said before anything is fetched', () => {
  const stream = '60000 300 1 u:1:0:60000:0:20';
  test.each([
    [
      'no machine',
      ['record', '--stream', stream, '--kernel-image', 'none'],
      /LAB_KERNEL_NOT_FOUND/,
    ],
    ['no stream', ['record', '--machine', 'vm'], /CLI_USAGE: .*--stream/],
    ['a stream that is none', ['record', '--stream', '1 2 3 q:1'], /LAB_BAD_RECORD: agent/],
    [
      'no place for the record',
      ['record', '--out', 'nowhere/r.json'],
      /CLI_FILE_NOT_FOUND: nowhere:/,
    ],
    ['two streams', ['record', '--stream', stream, '--trace', 't.tlt'], /--trace t.tlt/],
    ['a pace of no trace', ['record', '--stream', stream, '--accesses-per-ms', '3'], /WITHOUT_EFF/],
    ['an option of no trace', ['record', '--stream', stream, '--radix', '16'], /--radix/],
    ['two kernels', ['record', '--kernel', '6.1', '--kernel', '6.12'], /of one kernel/],
    ['a delay of no number', ['record', '--stream', stream, '--start-delay', 'x'], /seconds/],
    ['nodes of no machine', ['record', '--stream', stream, '--node-memory', '1GiB'], /WITHOUT_EFF/],
    [
      'nodes of no size',
      ['record', '--machine', 'vm-hmat', '--stream', stream, '--node-memory', '1GB'],
      /CLI_BAD_OPTION: --node-memory 1GB/,
    ],
    ['a machine that is not there', ['tiers', 'nowhere.yaml'], /CLI_FILE_NOT_FOUND: nowhere.yaml/],
    ['a step that is none', ['tiers', 'vm-hmat', '--hotplug', 'offline'], /CORE_BAD_STEP/],
    [
      'a boot option without effect',
      ['tiers', 'vm-hmat', '--boot-option', 'quiet'],
      /FIRMWARE_BAD_BOOT_OPTION: boot option "quiet"/,
    ],
    ['a kernel that is no version', ['tiers', 'vm-hmat', '--kernel', 'new'], /expected a version/],
  ])('%s', async (_, [command = '', ...args], message) => {
    const needsOut = command === 'record' && !args.includes('--out');
    const out = needsOut ? ['--out', join(directory, 'never.json')] : [];
    const { stderr, stdout, exitCode } = await runCli('lab', command, ...args, ...out);
    expect(stderr).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(readdirSync(directory)).not.toContain('never.json');
  });
});
