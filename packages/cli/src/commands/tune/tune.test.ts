import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { TuneResult } from '@tierlab/experiment';
import { beforeAll, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { testFolder, twoNodes } from '../../test-folder.testing.ts';

const program = resolve(import.meta.dirname, '../../../bin/tierlab.js');

const at = testFolder();
beforeAll(() => {
  writeFileSync(at('m.yaml'), twoNodes);
  // 20 parts of 200 accesses, each with pages and a mix of its own.
  const accesses = Array.from({ length: 4000 }, (_, i) => {
    const part = Math.floor(i / 200);
    const page = i % (3 + part) === 0 ? 1 : (i * i) % (5 + part);
    return `R,0x${(0x10000 + page * 4096).toString(16)}\n`;
  });
  writeFileSync(at('t.csv'), accesses.join(''));
  writeFileSync(
    at('on-node.mjs'),
    `const parse = (text) => ({ value: Number(text) });
const node = { doc: 'Node of new pages.', default: 1, form: 'count', parse, check: () => undefined, show: String };
export const policy = {
  name: 'on-node',
  doc: 'New pages come from one node.',
  signals: ['allocation'],
  params: { node },
  create: ({ params }) => ({ allocate: () => [params.node] }),
};
`,
  );
});

const tune = (...more: string[]) => {
  const inputs = ['--machine', at('m.yaml'), '--trace', at('t.csv')];
  return runCli('tune', ...inputs, ...more);
};

test('a policy that is at its worst by default: the fast node is best, and the parts held out agree', async () => {
  const args = ['--policy', at('on-node.mjs'), '--param', 'node=1,0'];
  const { stdout, exitCode } = await tune(...args, '--json');
  expect(exitCode).toBe(0);
  const result = JSON.parse(stdout) as TuneResult & { schemaVersion: number };
  expect(result).toMatchObject({ schemaVersion: 1, best: { node: '0' }, exhaustive: true });
  // Node 1 is tried twice: as the default, and as a value.
  expect(result.tried.map(({ params }) => params['node'] ?? '1')).toEqual(['0', '1', '1']);
  expect(result.train.map(({ start }) => start / 200)).toEqual(
    Array.from({ length: 14 }, (_, i) => i),
  );
  expect(result.heldOut[0]?.start).toBe(2800);
  expect(result.proof).toMatchObject({ verdict: 'quicker', pairs: 6 });
  const text = await tune(...args);
  expect(text.stdout).toMatch(/node=0 on the 6 parts held out: .* less time .*; it is quicker\./);
});

test('threads change nothing, and the folder has what was tried', () => {
  const args = ['--policy', 'preferred', '--param', 'nodes=1,0'];
  const inputs = ['--machine', at('m.yaml'), '--trace', at('t.csv'), ...args];
  for (const jobs of ['1', '2']) {
    const options = ['--jobs', jobs, '--out', at(`out${jobs}`)];
    const { status, stderr } = spawnSync(process.execPath, [
      program,
      'tune',
      ...inputs,
      ...options,
    ]);
    expect({ status, stderr: String(stderr) }).toMatchObject({ status: 0 });
  }
  for (const name of ['tune.csv', 'tune.json', 'report.html', 'runs.json']) {
    expect(readFileSync(at(`out2/${name}`), 'utf8')).toBe(readFileSync(at(`out1/${name}`), 'utf8'));
  }
  const { tried } = JSON.parse(readFileSync(at('out1/tune.json'), 'utf8')) as TuneResult;
  const [head, ...rows] = readFileSync(at('out1/tune.csv'), 'utf8').trim().split('\r\n');
  expect(head).toBe('parameters,mean_time_ns,time_ratio,best');
  expect(rows.map((row) => Number(row.split(',')[1]))).toEqual(
    tried.map(({ meanTimeNs }) => meanTimeNs),
  );
  expect(rows[0]).toMatch(/,true$/);
});

test('what the defaults already are is not proven quicker than they are', async () => {
  const { stdout } = await tune('--policy', 'preferred', '--param', 'nodes=0,1');
  expect(stdout).toContain('No choice was quicker than the defaults: keep them.');
});

test('an experiment file says what is searched, and options go before it', async () => {
  const file = (...lines: string[]): string[] => {
    const base = ['traces: [t.csv]', 'machines: [m.yaml]', 'policies: [tpp]', 'windows: 3'];
    writeFileSync(at('e.yaml'), [...base, ...lines].join('\n'));
    return ['tune', '--config', at('e.yaml'), '--json'];
  };
  const section = file('tune: { policy: ./on-node.mjs, params: { node: [1, 0] }, windows: 10 }');
  const asked = ['--policy', at('on-node.mjs'), '--param', 'node=1,0', '--windows', '10', '--json'];
  const { stdout } = await tune(...asked);
  expect(await runCli(...section)).toMatchObject({ exitCode: 0, stdout });
  const fewer = await runCli(...section, '--param', 'node=0');
  expect((JSON.parse(fewer.stdout) as TuneResult).tried).toHaveLength(2);

  const none = await runCli(...file());
  expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/--policy: .* tune/) });
  const wrong = await runCli(...file('tune: { policy: ./on-node.mjs, params: { speed: 1 } }'));
  expect(wrong.stderr).toMatch(/POLICY_UNKNOWN_PARAM: .*e\.yaml:5:/);
  const two = await tune(...asked, '--machine', 'vm-hmat');
  expect(two.stderr).toMatch(/CLI_BAD_OPTION: --machine .*: a search has one/);
});

test.each([
  ['no values', ['--policy', 'preferred', '--param', 'nodes'], /CLI_BAD_OPTION: --param nodes/],
  ['no parameter', ['--policy', 'preferred'], /EXPERIMENT_BAD_REQUEST/],
  [
    'a parameter that there is not',
    ['--policy', 'preferred', '--param', 'speed=1,2'],
    /POLICY_UNKNOWN_PARAM/,
  ],
  [
    'a parameter with the policy',
    ['--policy', 'preferred:nodes=0', '--param', 'nodes=0,1'],
    /CLI_BAD_OPTION: --policy/,
  ],
  [
    'a held-out part of nothing',
    ['--policy', 'preferred', '--param', 'nodes=0,1', '--held-out', '0'],
    /EXPERIMENT_BAD_REQUEST/,
  ],
])('%s is refused', async (_, more, message) => {
  const { stderr, stdout, exitCode } = await tune(...more);
  expect(stderr).toMatch(message);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
});
