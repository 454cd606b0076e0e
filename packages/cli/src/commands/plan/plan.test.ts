import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Plan } from '@tierlab/experiment';
import { readResult } from '@tierlab/report';
import { beforeAll, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { testFolder, twoNodes } from '../../test-folder.testing.ts';

const program = resolve(import.meta.dirname, '../../../bin/tierlab.js');
const PAGES = 16;
const GIB = 2 ** 30;

/** A read of a page. */
const line = (page: number): string => `R,0x${(0x10000 + page * 4096).toString(16)}\n`;

/** The slowdown with DRAM for half of the footprint. */
const half = ({ curves }: Plan): number =>
  curves[0]?.points.find(({ dramShare }) => dramShare === 0.5)?.slowdown ?? Number.NaN;

const at = testFolder();
beforeAll(() => {
  writeFileSync(at('m.yaml'), twoNodes);
  const turns = Array.from({ length: 100 * PAGES }, (_, i) => i);
  writeFileSync(at('uniform.csv'), turns.map((i) => line(i % PAGES)).join(''));
  // Every page once, then nine of ten accesses to the first four.
  const skewed = turns.map((i) => (i < PAGES || i % 10 === 0 ? i % PAGES : i % 4));
  writeFileSync(at('skewed.csv'), skewed.map(line).join(''));
});

async function plan(traces: readonly string[], ...more: string[]): Promise<readonly Plan[]> {
  const given = traces.flatMap((name) => ['--trace', at(name)]);
  const inputs = ['--machine', at('m.yaml'), '--policy', 'stay-put', '--json'];
  const { stdout, stderr, exitCode } = await runCli('plan', ...inputs, ...given, ...more);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const { schemaVersion, plans } = JSON.parse(stdout) as { schemaVersion: number; plans: Plan[] };
  expect(schemaVersion).toBe(1);
  return plans;
}

/** The least number of pages in node 0 from which on every number meets the target: all of them are run. */
async function leastPages(trace: string, target: number): Promise<number | undefined> {
  const pages = Array.from({ length: PAGES }, (_, i) => i + 1);
  const sizes = `node0=${pages.map((count) => `${count * 4}KiB`).join(',')}`;
  const inputs = ['--machine', at('m.yaml'), '--trace', at(trace), '--capacity', sizes];
  const policies = ['--policy', 'all-fast', '--policy', 'stay-put'];
  const { stdout } = await runCli('compare', ...inputs, ...policies, '--json');
  const { records } = readResult('', stdout);
  const timeNs = (policy: string): number[] =>
    records
      .filter(({ manifest }) => manifest.policy.name === policy)
      .map(({ totals }) => totals.timeNs);
  const fast = timeNs('all-fast');
  const misses = timeNs('stay-put').findLastIndex((time, i) => time / (fast[i] ?? 0) > target);
  return pages[misses + 1];
}

test.each([
  ['uniform.csv', 1.2],
  ['uniform.csv', 1.6],
  ['skewed.csv', 1.05],
  ['skewed.csv', 1.3],
])('%s at %d: the answer is that of running every size', async (trace, target) => {
  const [found] = await plan([trace], '--target', String(target));
  const [answer] = found?.answers ?? [];
  expect(answer?.dramBytes).toBe(((await leastPages(trace, target)) ?? 0) * 4096);
  expect(found?.footprintBytes).toBe(PAGES * 4096);
});

test('costs are sizes times prices, and the second tier pays up to the price of the first', async () => {
  const prices = ['--price', 'dramPrice=4 USD/GiB', '--price', 'cxlPrice=1 USD/GiB'];
  const [found] = await plan(['skewed.csv'], '--target', '30%', ...prices);
  const [answer] = found?.answers ?? [];
  const dram = answer?.dramBytes ?? 0;
  expect(dram).toBeLessThan(PAGES * 4096);
  expect(answer?.cost).toBeCloseTo((dram * 4 + (PAGES * 4096 - dram)) / GIB, 12);
  expect(answer?.costAllDram).toBeCloseTo((PAGES * 4096 * 4) / GIB, 12);
  expect(answer?.breakEvenPrice).toMatch(/^4 USD/);
  expect(found?.sensitivity.map(({ input }) => input)).toContain('cxlPrice');
});

test('where every page is as hot as the next and nothing may be lost, all of it is DRAM', async () => {
  const [found] = await plan(['uniform.csv'], '--target', '1');
  expect(found?.answers[0]?.dramBytes).toBe(PAGES * 4096);
});

test('a fleet is planned as its traces are and as a whole, by weight', async () => {
  const traces = ['uniform.csv', 'skewed.csv'];
  const [uniform, skewed, fleet] = await plan(traces, '--weights', '1,3', '--target', '1.2');
  expect([uniform?.workload, skewed?.workload]).toEqual(traces.map(at));
  expect(fleet?.workload).toBe('fleet of 2');
  if (!uniform || !skewed || !fleet) throw new Error('three plans');
  expect(half(fleet)).toBeCloseTo((half(uniform) + 3 * half(skewed)) / 4, 9);
});

test('the folder has the curve as a table and the plan in the report, and keeps its runs', async () => {
  const inputs = ['--machine', at('m.yaml'), '--trace', at('skewed.csv'), '--out', at('out')];
  const first = await runCli('plan', ...inputs, '--policy', 'stay-put');
  expect(first.stdout).toContain('least DRAM');
  const files = ['plan.csv', 'report.html', 'runs.json'];
  expect(readdirSync(at('out'))).toEqual(expect.arrayContaining(files));
  const before = files.map((name) => readFileSync(join(at('out'), name), 'utf8'));
  expect(readResult('', before[1] ?? '').plans?.[0]?.answers[0]?.policy).toBe('stay-put');
  expect(before[0]).toContain('dram_share');
  const again = await runCli('plan', ...inputs, '--policy', 'stay-put');
  expect(again.stdout).toBe(first.stdout);
  expect(files.map((name) => readFileSync(join(at('out'), name), 'utf8'))).toEqual(before);
});

test('of several machines each is held against the DRAM of the first, and prices may be of one', async () => {
  const slow = readFileSync(at('m.yaml'), 'utf8').replace('300 ns', '500 ns');
  writeFileSync(at('slow.yaml'), slow);
  // The same machine with DRAM twice as slow: no size of it is as quick as the DRAM of the first.
  writeFileSync(at('lame.yaml'), slow.replace('100 ns', '200 ns'));
  const others = ['--machine', at('slow.yaml'), '--machine', at('lame.yaml')];
  const prices = ['--price', 'dramPrice=4 USD/GiB', '--price', 'cxlPrice=2 USD/GiB'];
  const only = ['--price', `${at('slow.yaml')}:cxlPrice=1 USD/GiB`];
  const plans = await plan(['skewed.csv'], ...others, ...prices, ...only, '--target', '1.2');
  const [first, second, third] = plans.map(({ answers: [answer] }) => answer);
  expect(plans.map(({ machine }) => machine)).toEqual(
    ['m', 'slow', 'lame'].map((m) => at(`${m}.yaml`)),
  );
  expect(second?.dramBytes).toBeGreaterThan(first?.dramBytes ?? Infinity);
  expect(third?.dramBytes).toBeUndefined();
  const gibOf = (dram = 0): number => (PAGES * 4096 - dram) / GIB;
  expect(first?.cost).toBeCloseTo(
    (4 * (first?.dramBytes ?? 0)) / GIB + 2 * gibOf(first?.dramBytes),
    12,
  );
  expect(second?.cost).toBeCloseTo(
    (4 * (second?.dramBytes ?? 0)) / GIB + gibOf(second?.dramBytes),
    12,
  );
  const { stdout } = await runCli(
    'plan',
    ...['--machine', at('m.yaml'), '--trace', at('skewed.csv'), '--policy', 'stay-put'].concat(
      others,
    ),
  );
  const [, table = ''] = stdout.split(/^workload +machine .*$/m);
  expect(table.match(/[a-z]+(?=\.yaml)/g)).toEqual(['m', 'slow', 'lame']);
  expect(table).toContain('none meets the target');
});

test('sensitivity plans again on a machine that is a little worse', async () => {
  const slower = readFileSync(at('m.yaml'), 'utf8').replace('300 ns', '330 ns');
  writeFileSync(at('slower.yaml'), slower);
  const [found] = await plan(['uniform.csv'], '--target', '1.3', '--sensitivity');
  const { stdout } = await runCli(
    'plan',
    ...[
      '--machine',
      at('slower.yaml'),
      '--trace',
      at('uniform.csv'),
      '--policy',
      'stay-put',
    ].concat(['--target', '1.3', '--json']),
  );
  const [direct] = (JSON.parse(stdout) as { plans: Plan[] }).plans;
  const percent = ((100 * (direct?.answers[0]?.dramBytes ?? 0)) / (PAGES * 4096)).toFixed(1);
  const line = found?.sensitivity.find(({ input }) => input === 'node1 latency');
  expect(line).toMatchObject({ change: '300 ns to 330 ns' });
  expect(line?.effect).toContain(`stay-put: DRAM of ${percent} % of the footprint`);
  expect(found?.sensitivity.map(({ input }) => input)).toEqual(
    expect.arrayContaining(['node0 latency', 'node0 bandwidth', 'node1 bandwidth']),
  );
});

test('threads and an experiment file change nothing in a plan', async () => {
  writeFileSync(
    at('plan.yaml'),
    `traces: [skewed.csv]
machines: [m.yaml]
policies: [all-fast, stay-put]
windows: 4
plan:
  target: 30%
  prices: { dramPrice: 4 USD/GiB, cxlPrice: 1 USD/GiB }
  sensitivity: true
  refinements: 3
  out: from-file
`,
  );
  const given = ['--machine', at('m.yaml'), '--trace', at('skewed.csv'), '--policy', 'stay-put'];
  const asked = ['--target', '30%', '--sensitivity', '--refinements', '3', '--out', at('flags')];
  const prices = ['--price', 'dramPrice=4 USD/GiB', '--price', 'cxlPrice=1 USD/GiB', '--jobs', '2'];
  const threads = spawnSync(process.execPath, [program, 'plan', ...given, ...asked, ...prices]);
  expect({ status: threads.status, stderr: String(threads.stderr) }).toMatchObject({ status: 0 });
  const file = await runCli('plan', '--config', at('plan.yaml'));
  expect(file.stdout).toBe(String(threads.stdout));
  for (const name of ['plan.csv', 'report.html', 'runs.json']) {
    expect(readFileSync(at(`from-file/${name}`), 'utf8')).toBe(
      readFileSync(at(`flags/${name}`), 'utf8'),
    );
  }
});

test.each([
  ['a target below 1', ['--target', '0.9'], /EXPERIMENT_BAD_REQUEST/],
  ['a target that is none', ['--target', 'fast'], /CLI_BAD_OPTION: --target fast/],
  ['a cost without prices', ['--cost', 'dram'], /CLI_BAD_OPTION: --cost/],
  ['a price without a name', ['--price', '4 USD/GiB'], /CLI_BAD_OPTION: --price/],
  ['a price without a currency', ['--price', 'dramPrice=4 W/GiB'], /EXPERIMENT_BAD_COST/],
  [
    'a price of a machine that there is not',
    ['--price', 'x:dramPrice=4 USD'],
    /x is none of the machines/,
  ],
  ['too many weights', ['--weights', '1,2'], /CLI_BAD_OPTION: --weights/],
  ['a node without memory', ['--dram-node', '7'], /CLI_BAD_OPTION: --dram-node/],
])('%s is refused, and nothing is written', async (_, more, message) => {
  const inputs = ['--machine', at('m.yaml'), '--trace', at('uniform.csv'), '--out', at('never')];
  const { stderr, stdout, exitCode } = await runCli('plan', ...inputs, ...more);
  expect(stderr).toMatch(message);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(existsSync(at('never'))).toBe(false);
});
