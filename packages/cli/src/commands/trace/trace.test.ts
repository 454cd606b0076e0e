import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';

// Two pages; three reads, and a modify that is a read and a write.
const lackey = ' L 1000,8\n S 2000,8\n M 2008,4\n L 1010,8\n';

let directory: string;
const at = (name: string): string => join(directory, name);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  writeFileSync(at('t.lackey'), lackey);
});
afterAll(() => rmSync(directory, { recursive: true }));

async function info(name: string): Promise<Record<string, unknown>> {
  const { stdout } = await runCli('trace', 'info', '--json', at(name));
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('info counts accesses and pages', async () => {
  expect(await info('t.lackey')).toMatchObject({ accesses: 5, reads: 3, writes: 2, pages: 2 });
  const { stdout } = await runCli('trace', 'info', at('t.lackey'));
  expect(stdout).toMatch(/accesses +5\n/);
});

test('through the native format and back to text the accesses are the same', async () => {
  expect((await runCli('trace', 'convert', at('t.lackey'), at('t.tlt'))).exitCode).toBe(0);
  await runCli('trace', 'convert', at('t.tlt'), at('back.lackey'), '--to', 'lackey');
  const { declaration: _, sha256: __, trace: ___, ...before } = await info('t.lackey');
  expect(await info('back.lackey')).toMatchObject({
    pages: before['pages'],
    reads: before['reads'],
  });
  const heads = [];
  for (const name of ['t.lackey', 't.tlt', 'back.lackey']) {
    heads.push((await runCli('trace', 'head', at(name))).stdout.replaceAll(/^.*?,(?=[RW],)/gm, ''));
  }
  expect(heads[1]).toBe(heads[0]);
  expect(heads[2]).toBe(heads[0]);
});

test('a cache of one line’s reuse lets the first touches through', async () => {
  await runCli('trace', 'filter', at('t.lackey'), at('f.tlt'), '--cache', '256KiB:16');
  // Lines 0x1000 and 0x2000 are fetched once each; nothing is evicted.
  expect(await info('f.tlt')).toMatchObject({ accesses: 2, reads: 2, writes: 0, pages: 2 });
});

test('the same words generate the same bytes', async () => {
  const spec = 'zipf:pages=1Ki,theta=0.99,accesses=10K,seed=3';
  await runCli('trace', 'generate', spec, at('a.tlt'));
  await runCli('trace', 'generate', spec, at('b.tlt'));
  const a = await info('a.tlt');
  expect(a).toMatchObject({ accesses: 10_000 });
  expect((await info('b.tlt'))['sha256']).toBe(a['sha256']);
});

test('a trace that cannot be read leaves no file', async () => {
  const before = readdirSync(directory);
  writeFileSync(at('broken.tlt'), 'not a trace at all');
  const { exitCode, stderr } = await runCli('trace', 'convert', at('broken.tlt'), at('none.tlt'));
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/TRACE_UNKNOWN_FORMAT/);
  expect(readdirSync(directory)).toEqual([...before, 'broken.tlt'].toSorted());
});

test('curve shows what LRU hits at every size, and refuses a sample of few pages', async () => {
  // Pages 1, 2, 2, 2, 1: distances 0, 0 and 1.
  const { stdout } = await runCli('trace', 'curve', '--json', at('t.lackey'));
  expect((JSON.parse(stdout) as { points: unknown }).points).toEqual([
    { pages: 1, bytes: 4096, hitShare: 0.4 },
    { pages: 2, bytes: 8192, hitShare: 0.6 },
  ]);
  const { stderr, exitCode } = await runCli('trace', 'curve', '--sample', '0.1', at('t.lackey'));
  expect(stderr).toContain('SIM_SMALL_SAMPLE');
  expect(exitCode).toBe(2);
});
