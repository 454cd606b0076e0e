import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, type TestContext, test, vi } from 'vitest';
import type { AccessTrace } from '../block.ts';
import { record, RECORDER_QEMU, type RecordOptions } from './record.ts';

let directory: string;
const at = (name: string): string => join(directory, name);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tierlab-recorder-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Skips where a program of `.ci/run` is not there; in CI that is a failure. */
function need(context: TestContext, program: string, name: string): void {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
  } catch {
    const missing = `${program} is not installed: apt-get install ${name}`;
    if (process.env['CI'] !== undefined) throw new Error(missing);
    context.skip(missing);
  }
}

/** Writes over 4 MiB at a fixed address as a generator of random numbers says, half of them to an eighth of it. */
const PROGRAM = `
static volatile unsigned int table[1 << 20];
int main(void) {
  unsigned int state = 1;
  for (int i = 0; i < 60000; i++) {
    state = state * 1664525u + 1013904223u;
    unsigned int place = state >> 12;
    table[state & 0x800 ? place >> 3 : place] += i;
  }
  return 0;
}
`;

/** Accesses of each page of the program's table, and of them all. */
async function countPages(trace: AccessTrace): Promise<{ of: Map<number, number>; all: number }> {
  const of = new Map<number, number>();
  const numbers: number[] = [];
  let all = 0;
  for await (const { length, page, newPageNumber } of trace.blocks()) {
    numbers.push(...newPageNumber);
    for (let i = 0; i < length; i++) of.set(numbers[page[i]], (of.get(numbers[page[i]]) ?? 0) + 1);
    all += length;
  }
  return { of, all };
}

test('QEMU and lackey record the same memory accesses of a program', async (context) => {
  need(context, RECORDER_QEMU ?? 'qemu', 'qemu-user');
  need(context, 'valgrind', 'valgrind');
  const compiler = process.env['CC'] ?? 'cc';
  need(context, compiler, 'gcc libc6-dev');
  writeFileSync(at('walk.c'), PROGRAM);
  // Without position independence its addresses are the same wherever it runs.
  execFileSync(compiler, ['-O1', '-static', '-no-pie', '-o', at('walk'), at('walk.c')]);
  const levels = [
    { sizeBytes: 32 << 10, ways: 8 },
    { sizeBytes: 256 << 10, ways: 16 },
  ];
  const common = { program: at('walk'), args: [], levels, cacheFolder: directory };
  const pages = [];
  for (const tool of ['qemu', 'lackey'] as const) {
    const { trace } = await record({ ...common, tool });
    pages.push(await countPages(trace));
  }
  const [byQemu, byLackey] = pages;
  // Nearly every access to the table misses: two records of each, a fill and later a write-back.
  expect(byLackey.all).toBeGreaterThan(80_000);
  expect(byQemu.all / byLackey.all).toBeGreaterThan(0.97);
  expect(byQemu.all / byLackey.all).toBeLessThan(1.03);
  let apart = 0;
  for (const page of new Set([...byQemu.of.keys(), ...byLackey.of.keys()]))
    apart += Math.abs((byQemu.of.get(page) ?? 0) - (byLackey.of.get(page) ?? 0));
  expect(apart / byLackey.all).toBeLessThan(0.03);
}, 120_000);

/** What recording `options` says where `programs` are all that the path has. */
async function recording(
  programs: Readonly<Record<string, string>>,
  options: Partial<RecordOptions> = {},
): Promise<unknown> {
  const folder = mkdtempSync(at('path-'));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', folder);
  try {
    const { trace } = await record({
      program: '/bin/true',
      args: [],
      cacheFolder: directory,
      ...options,
    });
    return await countPages(trace);
  } catch (error) {
    return error;
  } finally {
    vi.unstubAllEnvs();
  }
}

const qemu = RECORDER_QEMU ?? 'qemu';
const version = 'case "$1" in --version) echo "qemu version 10.0.2";; -h)';

test('a QEMU without plugins says so', async () => {
  const programs = { [qemu]: `${version} echo "-cpu model";; esac` };
  expect(await recording(programs)).toMatchObject({
    code: 'TRACE_NO_RECORDER',
    message: expect.stringMatching(/10\.0\.2 was built without plugins.*--with lackey/),
  });
});

test('a QEMU that fails at once is no empty trace', async () => {
  const programs = {
    [qemu]: `${version} echo "-plugin file";; *) exit 7;; esac`,
    cc: 'while [ "$1" != -o ]; do shift; done; : > "$2"',
  };
  expect(await recording(programs)).toMatchObject({
    code: 'TRACE_NO_RECORDER',
    message: expect.stringContaining(`${qemu} ended with code 7 before the first access`),
  });
});

test('neither is a valgrind that fails', async () => {
  expect(await recording({ valgrind: 'exit 1' }, { tool: 'lackey' })).toMatchObject({
    code: 'TRACE_NO_RECORDER',
  });
  const programs = { valgrind: 'case "$1" in --version) echo valgrind-3;; *) exit 1;; esac' };
  expect(await recording(programs, { tool: 'lackey', secondLimit: 60 })).toMatchObject({
    code: 'TRACE_NO_RECORDER',
    message: expect.stringContaining('valgrind ended before the first access'),
  });
});

test('nothing that could record is on this machine', async () => {
  expect(await recording({})).toMatchObject({ code: 'TRACE_NO_RECORDER' });
});
