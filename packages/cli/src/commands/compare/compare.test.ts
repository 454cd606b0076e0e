import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

import { beforeAll, describe, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { testFolder } from '../../test-folder.testing.ts';

const machine = `
nodes:
  - { cpus: 1, memory: 1 GiB, latency: 100 ns, bandwidth: 100 GB/s }
  - { memory: 1 GiB, latency: 300 ns, bandwidth: 50 GB/s }
`;

// Four pages, touched in turn 25 times; with 12 KiB the top tier holds three of them:
//   page     0x10  0x11  0x12  0x13
//   node        0     0     0     1
const lackey = Array.from({ length: 25 }, () => ['10', '11', '12', '13'])
  .flat()
  .map((page) => ` L ${page}000,8\n`)
  .join('');

const at = testFolder();
beforeAll(() => {
  writeFileSync(at('m.yaml'), machine);
  writeFileSync(at('t.lackey'), lackey);
  writeFileSync(at('t.csv'), lackey.replaceAll(/ L (\w+),8/g, 'R,0x$1'));
  writeFileSync(
    at('mine.mjs'),
    "export const policy = { name: 'mine', doc: 'Nothing moves.', create: () => ({}) };",
  );
});

const compare = (...args: string[]) => runCli('compare', '--machine', at('m.yaml'), ...args);

/** The rows of a CSV without quoted fields, by column name. */
function readCsv(path: string): Record<string, string>[] {
  const [head = '', ...rows] = readFileSync(path, 'utf8').trim().split('\r\n');
  const names = head.split(',');
  return rows.map((row) =>
    Object.fromEntries(row.split(',').map((cell, i) => [names[i] ?? '', cell])),
  );
}

describe('tierlab compare', () => {
  test('first touch fills the top tier, and the shares are those of the accesses', async () => {
    const { stdout, exitCode } = await compare(
      '--trace',
      at('t.lackey'),
      '--capacity',
      'node0=12KiB',
      '--out',
      at('out'),
      // The ruler that slowdowns are measured against comes by itself.
      '--policy',
      'stay-put',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('stay-put');
    const [fast, stay] = readCsv(at('out/placement.csv'));
    expect(fast).toMatchObject({ policy: 'all-fast', node0_accesses: '100', slowdown: '1' });
    expect(stay).toMatchObject({ policy: 'stay-put', accesses: '100', promotions_pages: '0' });
    expect(stay).toMatchObject({ node0_accesses: '75', node1_accesses: '25' });
    // Each far access waits 200 ns more than a near one, and four are in flight.
    const more = Number(stay?.['estimated_time_ns']) - Number(fast?.['estimated_time_ns']);
    expect(more).toBe((25 * 200) / 4);
  });

  test('all is every policy of the list, each once', async () => {
    const trace = ['--trace', at('t.lackey'), '--capacity', 'node0=12KiB', '--json'];
    const listed = await runCli('policy', 'list', '--json');
    const names = listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).name as string);
    const { stdout, exitCode } = await compare(...trace, '--policy', 'all');
    expect(exitCode).toBe(0);
    const { records } = JSON.parse(stdout) as {
      records: { manifest: { policy: { name: string } } }[];
    };
    expect(records.map(({ manifest }) => manifest.policy.name)).toEqual(names);
    const tuned = await compare(...trace, '--policy', 'all:fill=1');
    expect(tuned).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no parameters') });
  });

  test('lackey and delimited text of the same accesses give the same rows', async () => {
    const rows = [];
    for (const trace of ['t.lackey', 't.csv']) {
      await compare(
        '--trace',
        at(trace),
        '--out',
        at('same'),
        '--policy',
        'stay-put',
        '--setting',
        'tickNs=0',
        '--setting',
        'epochAccesses=10',
      );
      const [row] = readCsv(at('same/placement.csv'));
      rows.push({ ...row, run: '', trace: '' });
    }
    expect(rows[0]).toEqual(rows[1]);
  });

  test('a policy of one’s own that does nothing is stay-put', async () => {
    const { stdout } = await compare(
      '--trace',
      at('t.lackey'),
      '--policy',
      at('mine.mjs'),
      '--policy',
      'stay-put',
      '--json',
      '--capacity',
      'node0=12KiB',
    );
    const { records } = JSON.parse(stdout) as { records: { totals: unknown }[] };
    expect(records[1]?.totals).toEqual(records[2]?.totals);
  });

  test('a crossed threshold ends with exit code 3', async () => {
    const args = [
      '--trace',
      at('t.lackey'),
      '--policy',
      'all-fast',
      '--policy',
      'stay-put',
      '--capacity',
      'node0=12KiB',
    ];
    const crossed = await compare(...args, '--fail-if', 'slowdown > 1.001');
    expect(crossed.exitCode).toBe(3);
    expect(crossed.stderr).toMatch(/threshold crossed: slowdown > 1.001: stay-put has 1\./);
    expect((await compare(...args, '--fail-if', 'slowdown > 9')).exitCode).toBe(0);
  });
});

const from = (maps: string, ...args: string[]) => {
  writeFileSync(at('maps'), maps);
  return compare('--trace', at('t.lackey'), '--placement', at('maps'), '--json', ...args);
};

interface Answer {
  readonly records: readonly {
    readonly manifest: { readonly policy: { readonly name: string } };
    readonly totals: { readonly nodes: readonly { readonly reads: number }[] };
  }[];
}

describe('an initial placement', () => {
  test('is where the runs start, but for policies that place pages themselves', async () => {
    const maps = '10000 default N1=2\n12000 default N0=2\n';
    const policies = ['--policy', 'stay-put', '--policy', 'interleave'];
    const answer = JSON.parse((await from(maps, ...policies)).stdout) as Answer;
    const records = answer.records.filter(({ manifest }) => manifest.policy.name !== 'all-fast');
    expect(records.map(({ totals }) => totals.nodes.map(({ reads }) => reads))).toEqual([
      [50, 50],
      [50, 50],
    ]);
    expect(records[0]).toMatchObject({ placement: { namedPages: 4, placedPages: 4 } });
    expect(records[1]).not.toHaveProperty('placement');
  });

  test('another one is another run', async () => {
    const ids = [];
    for (const maps of ['10000 default N1=4\n', '10000 default N0=4\n', '10000 default N1=4\n']) {
      await from(maps, '--policy', 'stay-put', '--out', at('placed'));
      const row = readCsv(at('placed/placement.csv')).find(({ policy }) => policy === 'stay-put');
      ids.push([row?.['run'], row?.['node0_accesses']]);
    }
    expect(ids.map(([, accesses]) => accesses)).toEqual(['0', '100', '0']);
    expect(ids[0]).toEqual(ids[2]);
    expect(ids[0]?.[0]).not.toBe(ids[1]?.[0]);
  });
});

describe('a policy that refuses a trace', () => {
  // Optimum refuses three nodes with more than so many runs of accesses times pages.
  const three = `
nodes:
  - { cpus: 1, memory: 16 KiB, latency: 100 ns, bandwidth: 100 GB/s }
  - { memory: 16 KiB, latency: 200 ns, bandwidth: 50 GB/s }
  - { memory: 1 GiB, latency: 300 ns, bandwidth: 50 GB/s }
`;
  const many = Array.from(
    { length: 600 },
    (_, i) => ` L ${(((i * 7) % 200) + 16).toString(16)}000,8\n`,
  );
  let ask: (...policies: readonly string[]) => ReturnType<typeof compare>;
  beforeAll(() => {
    writeFileSync(at('three.yaml'), three);
    writeFileSync(at('many.lackey'), many.join(''));
    ask = (...policies) =>
      runCli(
        'compare',
        '--machine',
        at('three.yaml'),
        '--trace',
        at('many.lackey'),
        '--out',
        at('refused'),
        ...policies.flatMap((policy) => ['--policy', policy]),
      );
  });

  test('is a row that says why, and the rest of the table stands', async () => {
    const { stdout, stderr, exitCode } = await ask('optimum', 'stay-put');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/optimum .*POLICY_OUT_OF_REACH/);
    expect(stderr).toMatch(/no run of optimum on .*POLICY_OUT_OF_REACH: optimum: on 3 nodes/);
    const rows = readCsv(at('refused/placement.csv'));
    const row = rows.find(({ policy }) => policy === 'optimum');
    expect(row).toMatchObject({ refusal_code: 'POLICY_OUT_OF_REACH', accesses: '', seed: '1' });
    expect(rows.find(({ policy }) => policy === 'stay-put')).toMatchObject({
      refusal_code: '',
      accesses: '600',
    });
    const { refused } = JSON.parse(readFileSync(at('refused/runs.json'), 'utf8')) as {
      readonly refused: unknown;
    };
    expect(refused).toMatchObject([{ policy: 'optimum', code: 'POLICY_OUT_OF_REACH' }]);
    expect(readFileSync(at('refused/report.html'), 'utf8')).toContain('POLICY_OUT_OF_REACH');
  });

  test('is found refused again, with the same result', async () => {
    const before = readFileSync(at('refused/runs.json'), 'utf8');
    const { stderr } = await ask('optimum', 'stay-put');
    expect(stderr).toMatch(/3 of 3 runs were made before/);
    expect(readFileSync(at('refused/runs.json'), 'utf8')).toBe(before);
  });

  test('ends the command where nothing else was asked for', async () => {
    const { stderr, exitCode } = await runCli(
      'run',
      '--machine',
      at('three.yaml'),
      '--trace',
      at('many.lackey'),
      '--policy',
      'optimum',
    );
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('POLICY_OUT_OF_REACH') as string,
    });
  });
});

describe('bad input: one line, exit code 2, nothing written', () => {
  test.each([
    [
      'an unknown policy',
      ['--trace', 't.lackey', '--policy', 'hot'],
      /CLI_UNKNOWN_POLICY.*stay-put/,
    ],
    ['a trace that is not there', ['--trace', 'none.lackey'], /CLI_FILE_NOT_FOUND/],
    ['a trace of no known format', ['--trace', 'm.yaml'], /TRACE_UNKNOWN_FORMAT/],
    [
      'a capacity larger than the memory',
      ['--trace', 't.lackey', '--capacity', 'node0=2GiB'],
      /SIM_BAD_MEMORY: node 0/,
    ],
    ['a capacity of no node', ['--trace', 't.lackey', '--capacity', 'node7=1GiB'], /node 7|node7/],
    [
      'an unknown parameter',
      ['--trace', 't.lackey', '--policy', 'stay-put:x=1'],
      /POLICY_UNKNOWN_PARAM/,
    ],
    ['an unknown setting', ['--trace', 't.lackey', '--setting', 'speed=1'], /POLICY_UNKNOWN_PARAM/],
    [
      'an unknown threshold',
      ['--trace', 't.lackey', '--fail-if', 'speed > 1'],
      /EXPERIMENT_BAD_THRESHOLD/,
    ],
    ['an unknown option', ['--trace', 't.lackey', '--polcy', 'x'], /--policy/],
  ])('%s', async (_, args, message) => {
    const paths = args.map((arg) => (/\.(lackey|yaml)$/.test(arg) ? at(arg) : arg));
    const { stderr, stdout, exitCode } = await compare(...paths, '--out', at('never'));
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(readdirSync(at(''))).not.toContain('never');
  });
});
