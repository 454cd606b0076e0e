import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

import { beforeAll, describe, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { testFolder, twoNodes } from '../../test-folder.testing.ts';

const at = testFolder();
const text = (name: string): string => readFileSync(at(name), 'utf8');

beforeAll(async () => {
  writeFileSync(at('m.yaml'), twoNodes);
  // Four pages in turn, 25 times.
  writeFileSync(at('t.csv'), 'R,0x10000\nR,0x11000\nR,0x12000\nW,0x13000\n'.repeat(25));
  for (const [out, size] of [
    ['before', 'node0=12KiB'],
    ['same', 'node0=12KiB'],
    ['other', 'node0=8KiB'],
  ] as const) {
    await compare(out, size);
  }
  await compare('slower', 'node0=12KiB', '--setting', 'memoryParallelism=2');
});

const compare = (out: string, capacity: string, ...more: string[]) => {
  const inputs = ['--machine', at('m.yaml'), '--trace', at('t.csv'), '--policy', 'all-fast'];
  const rest = ['--policy', 'stay-put', '--capacity', capacity, '--out', at(out)];
  return runCli('compare', ...inputs, ...rest, ...more);
};

describe('tierlab report', () => {
  test('writes what compare wrote, byte for byte, from each form that has the result in it', async () => {
    for (const source of ['before', 'before/runs.json', 'before/report.html']) {
      for (const [form, file] of [
        ['html', 'report.html'],
        ['md', 'report.md'],
        ['csv', 'placement.csv'],
        ['json', 'runs.json'],
      ] as const) {
        const { stdout, exitCode } = await runCli('report', at(source), '--to', form);
        expect(exitCode).toBe(0);
        expect(stdout).toBe(text(`before/${file}`));
      }
    }
    const pairs = await runCli('report', at('before'), '--to', 'csv', '--table', 'pairs');
    expect(pairs.stdout).toBe(text('before/pairs.csv'));
    await runCli('report', at('before'), '--to', 'parquet', '--out', at('p.parquet'));
    expect(readFileSync(at('p.parquet'))).toEqual(readFileSync(at('before/placement.parquet')));
    await runCli('report', at('before/report.html'), '--to', 'all', '--out', at('again'));
    const written = readdirSync(at('before')).filter((name) => name !== 'runs');
    expect(readdirSync(at('again'))).toEqual(written);
    for (const name of written) expect(text(`again/${name}`)).toBe(text(`before/${name}`));
  });

  test('a single run record is a result', async () => {
    const inputs = ['--machine', at('m.yaml'), '--trace', at('t.csv')];
    const run = await runCli('run', ...inputs, '--policy', 'stay-put', '--json');
    writeFileSync(at('run.json'), run.stdout);
    const { stdout } = await runCli('report', at('run.json'), '--to', 'csv');
    expect(stdout.split('\r\n')[1]).toContain(',stay-put,');
  });

  test.each([
    ['no result', ['m.yaml', '--to', 'md'], /REPORT_NOT_A_RESULT/],
    ['nothing', ['none', '--to', 'md'], /CLI_FILE_NOT_FOUND/],
    ['bytes on the terminal', ['before', '--to', 'parquet'], /CLI_BAD_OPTION.*--out/],
    [
      'a table of a whole',
      ['before', '--to', 'md', '--table', 'pairs'],
      /CLI_OPTION_WITHOUT_EFFECT/,
    ],
    ['no form', ['before'], /--to/],
  ])('%s is refused', async (_, [source = '', ...options], message) => {
    const { stderr, stdout, exitCode } = await runCli('report', at(source), ...options);
    expect(stderr).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });
});

describe('tierlab diff', () => {
  test('two results of the same are the same', async () => {
    const { stdout, exitCode } = await runCli('diff', at('before'), at('same/report.html'));
    expect({ stdout, exitCode }).toEqual({
      stdout: '0 of the 2 runs that both have differ\n',
      exitCode: 0,
    });
  });

  test('a value that differs is named with its ratio, and ends with exit code 3', async () => {
    const { stdout, exitCode } = await runCli('diff', at('before'), at('slower'), '--json');
    expect(exitCode).toBe(3);
    const { schemaVersion, common, differences } = JSON.parse(stdout) as {
      schemaVersion: number;
      common: number;
      differences: { run: string; column: string; before: number; after: number }[];
    };
    expect({ schemaVersion, common }).toEqual({ schemaVersion: 1, common: 2 });
    // Half as many misses in flight: twice the wait.
    const wait = differences.filter(({ column }) => column === 'memory_wait_ns');
    expect(wait).toHaveLength(2);
    for (const { before, after } of wait) expect(after / before).toBeCloseTo(2, 9);
    const within = await runCli('diff', at('before'), at('slower'), '--tolerance', '0.9');
    expect(within.exitCode).toBe(0);
  });

  test('runs that only one of them has are named', async () => {
    const { stdout, exitCode } = await runCli('diff', at('before'), at('other'));
    expect(exitCode).toBe(3);
    expect(stdout.match(/^only in .*before: .*stay-put/gm)).toHaveLength(1);
    expect(stdout).toContain('0 of the 0 runs that both have differ');
  });

  test('a tolerance that is no share is refused', async () => {
    const { stderr, exitCode } = await runCli('diff', at('before'), at('same'), '--tolerance', '5');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/CLI_BAD_OPTION: --tolerance 5/);
  });
});
