import {
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { runCli, type CliResult } from '../run-cli.testing.ts';

let directory: string;
const at = (...names: string[]): string => join(directory, ...names);
const kept = (): string[] => readdirSync(at('cache')).toSorted();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  vi.stubEnv('TIERLAB_CACHE', at('cache'));
  writeFileSync(at('t.lackey'), lackey(9000));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

/** `lines` lines of a scan over 300 pages with a page that is hot, 18 bytes each. */
const lackey = (lines: number): string =>
  Array.from({ length: lines }, (_, i) => {
    const page = i % 3 === 0 ? 7 : (i * 5) % 300;
    return ` ${i % 4 === 0 ? 'S' : 'L'} ${(0x10000000 + page * 4096).toString(16).padStart(9, '0')},8\n`;
  }).join('');

const ARGS = 'run --machine vm-hmat --policy kleio-history --capacity node0=512KiB --json --trace';

const run = (trace: string, ...more: string[]): Promise<CliResult> =>
  runCli(...ARGS.split(' '), trace, ...more);

const totals = ({ stdout }: CliResult): unknown =>
  (JSON.parse(stdout) as { totals: unknown }).totals;

test('a trace is kept when it is first replayed, and replays the same from there', async () => {
  const without = await run(at('t.lackey'), '--no-cache');
  expect(without.exitCode).toBe(0);
  expect(readdirSync(directory)).toEqual(['t.lackey']);
  const first = await run(at('t.lackey'));
  expect(kept()).toEqual([expect.stringMatching(/^[0-9a-f]{64}-[0-9a-f]{16}\.tlt$/)]);
  const [name] = kept();
  const { ino } = statSync(at('cache', name!));
  const second = await run(at('t.lackey'));
  expect(statSync(at('cache', name!)).ino).toBe(ino);
  expect([first.stdout, second.stdout]).toEqual([without.stdout, without.stdout]);
});

test('what is kept and is not whole is made again', async () => {
  const first = await run(at('t.lackey'));
  const [name] = kept();
  const { size } = statSync(at('cache', name!));
  truncateSync(at('cache', name!), 1000);
  expect((await run(at('t.lackey'))).stdout).toBe(first.stdout);
  expect(statSync(at('cache', name!)).size).toBe(size);
});

test('the name is of the content and of how it is read, not of the path', async () => {
  await run(at('t.lackey'));
  writeFileSync(at('u.lackey'), lackey(9000));
  await run(at('u.lackey'));
  expect(kept()).toHaveLength(1);
  await run(at('u.lackey'), '--format', 'lackey');
  expect(kept()).toHaveLength(2);
  writeFileSync(at('u.lackey'), lackey(9001));
  await run(at('u.lackey'));
  expect(kept()).toHaveLength(3);
});

test('what is replay already is read where it is, and an archive is kept', async () => {
  for (const codec of ['replay', 'archive']) {
    const spec = 'zipf:pages=4Ki,theta=0.5,accesses=100K,seed=1';
    await runCli('trace', 'generate', spec, at(`${codec}.tlt`), '--codec', codec);
  }
  const replay = await run(at('replay.tlt'));
  expect(readdirSync(directory)).not.toContain('cache');
  const archive = await run(at('archive.tlt'));
  expect(kept()).toHaveLength(1);
  expect(totals(archive)).toEqual(totals(replay));
});

test('a cache that cannot be written is said, and the run goes on', async () => {
  writeFileSync(at('cache'), 'a file');
  const { exitCode, stderr, stdout } = await run(at('t.lackey'));
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/not kept for the next replay: .*(EEXIST|ENOTDIR)/);
  expect(stdout).toBe((await run(at('t.lackey'), '--no-cache')).stdout);
});

test('a trace that is broken leaves nothing in the cache', async () => {
  const spec = 'zipf:pages=4Ki,theta=0.5,accesses=200K,seed=1';
  await runCli('trace', 'generate', spec, at('b.tlt'));
  truncateSync(at('b.tlt'), 100_000);
  const { exitCode, stderr } = await run(at('b.tlt'));
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/TRACE_TRUNCATED/);
  expect(kept()).toEqual([]);
});

test('the traces used longest ago go when the cache is full', async () => {
  await run(at('t.lackey'));
  const [oldest] = kept();
  const size = statSync(at('cache', oldest!)).size;
  utimesSync(at('cache', oldest!), 1, 1);
  vi.stubEnv('TIERLAB_CACHE_SIZE', `${Math.ceil((2.5 * size) / 1024)} KiB`);
  for (const lines of [9001, 9002]) {
    writeFileSync(at('u.lackey'), lackey(lines));
    await run(at('u.lackey'));
  }
  expect(kept()).toHaveLength(2);
  expect(kept()).not.toContain(oldest);
  // One that does not fit alone is not kept, and takes nobody's place.
  vi.stubEnv('TIERLAB_CACHE_SIZE', `${size >> 11} KiB`);
  writeFileSync(at('u.lackey'), lackey(9003));
  const { exitCode, stderr } = await run(at('u.lackey'));
  expect([exitCode, kept().length]).toEqual([0, 2]);
  expect(stderr).toMatch(/more than the \d+ bytes of the cache/);
  vi.stubEnv('TIERLAB_CACHE_SIZE', 'much');
  expect((await run(at('u.lackey'))).stderr).toMatch(/CLI_BAD_OPTION: TIERLAB_CACHE_SIZE=much/);
});

test('doctor says where the cache is and what it holds', async () => {
  await run(at('t.lackey'));
  const { stdout } = await runCli('doctor');
  expect(stdout).toMatch(/^trace cache +\S+cache: 1 of [\d.]+ KiB, at most 10 GiB/m);
});
