import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { migrationPolicies } from '@tierlab/migration-policies';
import { readResult } from '@tierlab/report';
import { beforeAll, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { testFolder } from '../../test-folder.testing.ts';

/** The command line as it is installed: threads and killed processes need a process of their own. */
const program = resolve(import.meta.dirname, '../../../bin/tierlab.js');

const machine = `
nodes:
  - { cpus: 1, memory: 1 GiB, latency: 100 ns, bandwidth: 100 GB/s }
  - { memory: 1 GiB, latency: 300 ns, bandwidth: 50 GB/s }
`;

/** 40,000 accesses to 64 pages; the pages of the second half of the addresses are touched three times as often. */
const trace = Array.from({ length: 40_000 }, (_, i) => {
  const page = i % 4 === 0 ? i % 32 : 32 + ((i * 7) % 32);
  return `R,0x${(0x1000 * (16 + page)).toString(16)}\n`;
}).join('');

const at = testFolder();
beforeAll(() => {
  writeFileSync(at('m.yaml'), machine);
  writeFileSync(at('t.csv'), trace);
});

const args = (out: string, ...more: string[]): string[] =>
  ['compare', '--setting', 'epochAccesses=1000', '--capacity', 'node0=64KiB,128KiB'].concat(
    ['--machine', at('m.yaml'), '--trace', at('t.csv'), '--out', at(out)],
    more,
  );

/** Every file below a folder of results, by its path. */
function contents(out: string): Record<string, string> {
  const names = readdirSync(at(out), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(at(out), name)).isFile()).toSorted();
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(at(out), name), 'hex')]));
}

test('a folder of results has every file, and the report has the result in it', async () => {
  const { stderr, exitCode } = await runCli(...args('all', '--fail-if', 'slowdown > 9'));
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/^wrote /m),
  });
  expect(readdirSync(at('all')).toSorted()).toEqual(
    [
      'intervals.csv junit.xml pairs.csv placement.csv placement.parquet',
      'report.html report.md runs runs.json',
    ]
      .join(' ')
      .split(' '),
  );
  const result = readResult('runs.json', readFileSync(at('all/runs.json'), 'utf8'));
  expect(readResult('report.html', readFileSync(at('all/report.html'), 'utf8'))).toEqual(result);
  expect(result.records).toHaveLength(6);
  expect(result.machines?.[0]?.tiers.map(({ nodes }) => nodes.map(({ id }) => id))).toEqual([
    [0],
    [1],
  ]);
  expect(result.machines?.[0]?.tiers[1]?.nodes[0]?.reasons.join()).toContain('abstract distance');
  const junit = readFileSync(at('all/junit.xml'), 'utf8');
  // Of each size, stay-put alone is no ruler.
  expect(junit).toContain('tests="2" failures="0" skipped="0"');
  expect(junit).toContain('name="stay-put, node0=65536"');
});

test('the report has the heat of the trace and the placement of the quickest policies', async () => {
  const { exitCode } = await runCli(...args('maps', '--heat-maps', '1'));
  expect(exitCode).toBe(0);
  const { heatMaps = [] } = readResult('', readFileSync(at('maps/runs.json'), 'utf8'));
  // 16 pages is the first size of the fastest tier.
  expect(heatMaps.map(({ kind, policy, hotPages }) => [kind, policy, hotPages])).toEqual([
    ['accesses', undefined, undefined],
    ['hot', undefined, 16],
    ['placement', 'stay-put', undefined],
  ]);
  expect(heatMaps[2]).toMatchObject({ machine: at('m.yaml'), accesses: 40_000, pages: 32 });
  expect(readFileSync(at('maps/report.html'), 'utf8').match(/<img\s/g)).toHaveLength(3);
});

test('prices give each run a cost, which a threshold may name', async () => {
  const prices = ['--price', 'dramPrice=4 USD/GiB', '--price', 'cxlPrice=1 USD/GiB'];
  const { stdout, exitCode } = await runCli(
    ...args('cost', ...prices, '--fail-if', 'cost_usd > 0.0003'),
  );
  expect(exitCode).toBe(3);
  expect(stdout).toMatch(/slowdown +USD\n/);
  const [head = '', ...rows] = readFileSync(at('cost/placement.csv'), 'utf8').split('\r\n');
  const column = (name: string): string[] => {
    const index = head.split(',').indexOf(name);
    return rows.filter(Boolean).map((row) => row.split(',')[index] ?? '');
  };
  const policies = column('policy');
  const costs = column('cost_usd').map(Number);
  // 32 pages are touched: all in DRAM at 4 USD/GiB, or 16 of them and the others at 1.
  const GiB = 2 ** 30 / 4096;
  const expected = (dramPages: number): number => (4 * dramPages + (32 - dramPages)) / GiB;
  const stay = costs.filter((_, i) => policies[i] === 'stay-put');
  expect(stay[0]).toBeCloseTo(expected(16), 12);
  expect(stay[1]).toBeCloseTo(expected(32), 12);
  expect(costs[policies.indexOf('all-fast')]).toBeCloseTo(expected(32), 12);
  for (const option of [
    ['--cost', 'dram'],
    ['--price', '4 USD'],
    ['--price', 'm.yaml:dramPrice=4 USD/GiB'],
  ]) {
    expect((await runCli(...args('cost', ...option))).exitCode).toBe(2);
  }
});

test('what has run is found again: with the same inputs only', async () => {
  const first = await runCli(...args('again'));
  expect(first.stderr).not.toContain('were made before');
  const before = contents('again');
  expect((await runCli(...args('again'))).stderr).toContain('6 of 6 runs were made before');
  expect(contents('again')).toEqual(before);
  const seed = await runCli(...args('again', '--seeds', '1,2'));
  expect(seed.stderr).toContain('6 of 12 runs were made before');
  for (const change of [
    ['--set', 'node1.readLatency=301ns'],
    ['--format', 'delimited'],
    ['--setting', 'memoryParallelism=2'],
  ]) {
    expect((await runCli(...args('again', ...change))).stderr).not.toContain('were made before');
  }
});

test('a policy of one’s own is run every time: what it imports may have changed', async () => {
  writeFileSync(
    at('mine.mjs'),
    "export const policy = { name: 'mine', doc: 'Nothing moves.', create: () => ({}) };",
  );
  const policies = ['--policy', at('mine.mjs'), '--policy', 'stay-put'];
  await runCli(...args('own', ...policies));
  const { stderr } = await runCli(...args('own', ...policies));
  expect(stderr).toContain('4 of 6 runs were made before');
});

test('windows are the replicates of the pairs', async () => {
  await runCli(...args('windows', '--windows', '6'));
  const [head, ...rows] = readFileSync(at('windows/pairs.csv'), 'utf8').trim().split('\r\n');
  expect(head).toContain('policy,other_policy,pairs,time_ratio,');
  // Three pairs of policies at two sizes.
  expect(rows).toHaveLength(6);
  const windows = readResult('', readFileSync(at('windows/runs.json'), 'utf8')).records.map(
    ({ manifest }) => manifest.inputs.find(({ role }) => role === 'trace')?.name,
  );
  expect(new Set(windows).size).toBe(6);
  expect(windows).toContain(`${at('t.csv')}[6666..13332)`);
  const [heads = '', first = ''] = readFileSync(at('windows/placement.csv'), 'utf8').split('\r\n');
  // The windows of the all-fast run are each as quick as themselves.
  expect(first.split(',')[heads.split(',').indexOf('slowdown_mean')]).toBe('1');
});

test('every policy runs on windows of misses with their touches', async () => {
  const cache = ['--cache', '4KiB:4', '--touch-interval', '2000'];
  await runCli('trace', 'filter', at('t.csv'), at('misses.tlt'), ...cache);
  const policies = [...migrationPolicies.keys()].flatMap((name) => ['--policy', name]);
  const inputs = ['--machine', at('m.yaml'), '--trace', at('misses.tlt'), '--windows', '2'];
  const size = ['--capacity', 'node0=64KiB', '--out', at('parts')];
  const { stderr, exitCode } = await runCli('compare', ...inputs, ...size, ...policies);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const { records } = readResult('', readFileSync(at('parts/runs.json'), 'utf8'));
  expect(records).toHaveLength(2 * migrationPolicies.size);
});

test('threads change nothing in the results', () => {
  for (const jobs of ['1', '2']) {
    const { status, stderr } = spawnSync(process.execPath, [
      program,
      ...args(`jobs${jobs}`, '--jobs', jobs),
    ]);
    expect({ status, stderr: String(stderr) }).toMatchObject({ status: 0 });
  }
  expect(contents('jobs2')).toEqual(contents('jobs1'));
});

test(
  'killed at several moments and started again, the files are those of one uninterrupted call',
  {
    timeout: 240_000,
  },
  async () => {
    const sizes = ['--windows', '8', '--seeds', '1,2', '--heat-maps', '1'];
    await runCli(...args('whole', ...sizes));
    const expected = contents('whole');
    let killed = 0;
    for (let trial = 0; ; trial++) {
      const child = spawn(process.execPath, [program, ...args('killed', ...sizes)], {
        stdio: 'ignore',
      });
      const exit = once(child, 'exit');
      // The first is killed while runs are on their way, later ones ever later.
      const kill = async (): Promise<void> => {
        await waitForRuns('killed', trial * 17, child);
        await sleep(trial * 3);
        child.kill('SIGKILL');
      };
      const ended = await Promise.race([exit, kill().then(() => exit)]);
      if (ended[0] === 0) break;
      killed++;
    }
    expect(killed).toBeGreaterThan(1);
    const found = contents('killed');
    // What a kill leaves in its way has a name that begins with a dot.
    const whole = Object.entries(found).filter(([name]) => !/(^|\/)\./.test(name));
    expect(Object.fromEntries(whole)).toEqual(expected);
  },
);

/** Returns when a folder of results has kept more runs than `count`, or the process has ended. */
async function waitForRuns(out: string, count: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const runs = join(at(out), 'runs');
    const names = existsSync(runs) ? readdirSync(runs) : [];
    if (names.filter((name) => !name.startsWith('.')).length > count) return;
    await sleep(5);
  }
}
