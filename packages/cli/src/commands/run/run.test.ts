import { writeFileSync } from 'node:fs';

import { beforeAll, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { testFolder } from '../../test-folder.testing.ts';

const machine = `
nodes:
  - { cpus: 1, memory: 1 GiB, latency: 100 ns, bandwidth: 100 GB/s }
  - { memory: 1 GiB, latency: 300 ns, bandwidth: 50 GB/s }
`;

// The top tier holds one page. Epochs of four accesses; the page that was hottest moves in, the other out:
//   page     a b b b | b b b b
//   node 0   a       | b
const lackey = [' L 1000,8', ...Array.from({ length: 7 }, () => ' L 2000,8'), ''].join('\n');

const at = testFolder();
beforeAll(() => {
  writeFileSync(at('m.yaml'), machine);
  writeFileSync(at('t.lackey'), lackey);
  writeFileSync(at('t.csv'), '0,R,0x1000\n10,R,0x2000\n20,W,0x1000\n');
});

const given = (): string[] =>
  `--machine ${at('m.yaml')} --trace ${at('t.lackey')} --policy kleio-history --capacity node0=4KiB --setting epochAccesses=4`.split(
    ' ',
  );
const run = (...args: string[]) => runCli('run', ...given(), ...args);

test('a page that moved says why, with the numbers', async () => {
  const { stdout, exitCode } = await run('--explain-page', '0x2000');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('promoted 1 pages, demoted 1');
  expect(stdout).toMatch(/0x2000 +1 > 0 +3 accesses in period 0/);
});

test('--json is the run record', async () => {
  const record = JSON.parse((await run('--json')).stdout) as { totals: Record<string, unknown> };
  expect(record.totals).toMatchObject({ accesses: 8, promotedPages: 1, demotedPages: 1 });
});

test('several traces are processes side by side, with pages of their own', async () => {
  const processes = `--trace ${at('t.csv')} --trace ${at('t.csv')}`;
  const format = '--format delimited --columns time,op,addr --clock-unit ns';
  const { stdout } = await runCli(
    ...`run --machine ${at('m.yaml')} ${processes} ${format} --policy stay-put --json`.split(' '),
  );
  const record = JSON.parse(stdout) as {
    totals: unknown;
    manifest: { inputs: readonly { role: string }[] };
  };
  expect(record.totals).toMatchObject({ accesses: 6, pages: 4 });
  expect(record.manifest.inputs.map(({ role }) => role)).toEqual(['trace', 'trace', 'machine']);
  const clockless = await run('--trace', at('t.lackey'));
  expect(clockless.stderr).toContain('merge: a trace without a clock has no order');
});

test('--placement: pages begin where numa_maps has them, while there is room', async () => {
  // Node 0 holds one page. a was on node 1; b and c on node 0, where only b finds room.
  writeFileSync(at('three.csv'), 'R,0x1000\nR,0x2000\nR,0x3000\n');
  writeFileSync(
    at('maps'),
    '1000 default heap N1=1\n2000 default anon=2 N0=2 kernelpagesize_kB=4\n',
  );
  const args = `run --machine ${at('m.yaml')} --trace ${at('three.csv')} --capacity node0=4KiB --placement ${at('maps')}`;
  const { stdout, stderr } = await runCli(...args.split(' '), '--policy', 'stay-put');
  expect(stdout).toContain('started with 2 of 3 pages where they were');
  expect(stdout).toMatch(/^ +0 +33\.3 %/m);
  expect(stderr).toContain(
    'initial placement: stay-put: 1 of 3 pages found their node full and went elsewhere',
  );
  const json = await runCli(...args.split(' '), '--policy', 'stay-put', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    placement: { namedPages: 3, placedPages: 2 },
    manifest: {
      inputs: [
        { role: 'trace' },
        { role: 'machine' },
        { role: 'placement', name: at('maps'), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ],
    },
  });
  const own = await runCli(...args.split(' '), '--policy', 'all-fast');
  expect(own.stderr).toContain('initial placement: not started from by all-fast');
});

test.each([
  ['no numa_maps', 'what\n', /TRACE_BAD_LINE: .*maps:1: expected a line of numa_maps/],
  [
    'an unknown node',
    '1000 default N7=1\n',
    /SIM_BAD_PLACEMENT: .*node 7, and the machine has memory on 0, 1/,
  ],
  ['nothing', '', /TRACE_EMPTY/],
])('--placement with %s', async (_, text, message) => {
  writeFileSync(at('maps'), text);
  const { stderr, exitCode } = await run('--placement', at('maps'));
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
});

test('--placement is one file for each trace', async () => {
  writeFileSync(at('maps'), '1000 default N1=1\n');
  const twice = ['--placement', at('maps'), '--placement', at('maps')];
  expect((await run(...twice)).stderr).toMatch(
    /CLI_BAD_OPTION: --placement: 2 given, and traces: 1/,
  );
  expect((await run('--placement', at('none'))).stderr).toMatch(/CLI_FILE_NOT_FOUND/);
});

test('what the placement cost, and with a ruler what none can undercut', async () => {
  const machineAndTrace = `--machine ${at('m.yaml')} --trace ${at('t.lackey')}`;
  const rest = '--capacity node0=4KiB --policy optimum --setting memoryParallelism=1';
  const { stdout } = await runCli(...`run ${machineAndTrace} ${rest}`.split(' '));
  // a, read once, is mapped on node 1, so that node 0 is b's: 300 + 7 * 100 ns.
  expect(stdout).toContain('placement cost 1 us: 1 us waiting for memory, 0 ns moving pages');
  expect(stdout).toContain('proved: no placement costs less than 1 us; this run is 0.0 % above');
});

test('several capacities are refused', async () => {
  const { stderr, exitCode } = await run('--capacity', 'node1=1MiB,2MiB');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/CLI_BAD_OPTION.*tierlab compare/);
});

test('policy list names every policy, policy show its parameters', async () => {
  expect((await runCli('policy', 'list')).stdout).toMatch(/^stay-put +Pages stay/m);
  expect((await runCli('policy', 'show', 'kleio-history')).stdout).toMatch(/^budget +1 ?TiB/m);
  expect((await runCli('policy', 'show', 'nope')).exitCode).toBe(2);
});
