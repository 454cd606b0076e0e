import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { compareCommand } from '../commands/compare/compare.ts';
import { runCli } from '../run-cli.testing.ts';
import { SAMPLE_EXPERIMENT } from './sample.ts';
import { experimentFileKeys, experimentFileSchema } from './schema.ts';

const machine = `nodes:
  - { cpus: 1, memory: 1 GiB, latency: 100 ns, bandwidth: 100 GB/s }
  - { memory: 1 GiB, latency: 300 ns, bandwidth: 50 GB/s }
`;
const accesses = Array.from({ length: 6000 }, (_, i) => `R,0x${((i * i) % 97) + 16}000\n`);

let directory: string;
let before: string;
beforeAll(() => {
  before = process.cwd();
  directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  process.chdir(directory);
  mkdirSync('below');
  for (const folder of ['.', 'below']) {
    writeFileSync(join(folder, 'm.yaml'), machine);
    writeFileSync(join(folder, 't.csv'), accesses.join(''));
  }
});
afterAll(() => {
  process.chdir(before);
  rmSync(directory, { recursive: true });
});

/** What a call wrote and said, with the runs of its folder. */
async function results(out: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await runCli('compare', ...args);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return { stdout, runs: readFileSync(join(out, 'runs.json'), 'utf8') };
}

/** The runs of all policies but `preferred`: a list of nodes has commas, which the command line has no way to write. */
const others = ({ runs }: { readonly runs: string }): unknown[] =>
  (JSON.parse(runs) as { records: { manifest: { policy: { name: string } } }[] }).records.filter(
    ({ manifest }) => manifest.policy.name !== 'preferred',
  );

test('every option of compare can be said in a file, and the file gives the bytes of the options', async () => {
  writeFileSync('maps', '10000 default N1=3\n');
  writeFileSync(
    'all.yaml',
    `traces: [t.csv]
placements: [maps]
read: { format: delimited, columns: 'op,addr', radix: 16, lenient: true, maxPages: 1000 }
windows: 2
machines: [m.yaml]
kernel: '6.10'
set: { node1.readLatency: 310 ns }
tiering: [hmat]
bootOptions: ['movable_node']
hotplug: offline 1; online 1
policies:
  - stay-put
  - { name: kleio-history, params: { fill: [0.5, 1], budget: 64 KiB } }
  - { name: preferred, params: { nodes: '1,0' } }
capacities: { node0: [64 KiB, 128 KiB], 1: 512 MiB }
seeds: [1, 2]
settings: { epochAccesses: 500, loop: closed }
failIf: [slowdown > 9]
jobs: 1
out: file
`,
  );
  const file = await results('file', '--config', 'all.yaml');
  const lists = [
    '--policy',
    'stay-put',
    '--policy',
    'kleio-history:fill=0.5|1,budget=64 KiB',
  ].concat(
    ['--policy', 'preferred:nodes=1', '--hotplug', 'offline 1; online 1'],
    ['--fail-if', 'slowdown > 9'],
  );
  const options =
    '--trace t.csv --placement maps --format delimited --columns op,addr --radix 16 --lenient --max-pages 1000 --windows 2 ' +
    '--machine m.yaml --kernel 6.10 --set node1.readLatency=310ns --tiering hmat --boot-option movable_node ' +
    '--capacity node0=64KiB,128KiB,node1=512MiB --seeds 1,2 --setting epochAccesses=500 --setting loop=closed --out flags';
  const flags = await results('flags', ...options.split(' '), ...lists);
  // Three choices of the file, and all-fast, which is always there.
  expect(others(file)).toHaveLength(2 * 2 * (3 + 1) * 2);
  expect(others(file)).toEqual(others(flags));
});

test('what the command line says goes before the file, whose paths start at its folder', async () => {
  writeFileSync(
    'below/tierlab.yaml',
    'traces: [t.csv]\nmachines: [m.yaml]\npolicies: [interleave]\ncapacities: { node0: 64 KiB }\nout: results\n',
  );
  const below = await results('below/results', '--config', 'below/tierlab.yaml');
  expect(below.stdout).toMatch(/^interleave/m);
  const own = await results(
    'own',
    '--config',
    'below/tierlab.yaml',
    '--policy',
    'stay-put',
    '--out',
    'own',
  );
  expect(own.stdout).toMatch(/^stay-put/m);
  expect(own.stdout).not.toMatch(/^interleave/m);
});

test('without a file and without options, it says what to give', async () => {
  const { exitCode, stderr } = await runCli('compare');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^tierlab: CLI_USAGE: --machine: .*tierlab init/);
});

describe('a file that is wrong', () => {
  const good = 'traces: [t.csv]\nmachines: [m.yaml]\n';
  test.each([
    ['no YAML', 'traces: [t.csv', /bad\.yaml:1:15: not YAML or JSON/],
    [
      'an unknown key',
      `${good}polices: [stay-put]\n`,
      /:3:1: unknown key "polices"; did you mean "policies"\?/,
    ],
    ['no traces', 'machines: [m.yaml]\n', /:1:1: "traces" is missing/],
    [
      'a trace that is not there',
      'traces: [t.csv, no.csv]\nmachines: [m.yaml]\n',
      /:1:17: no\.csv: no such file/,
    ],
    [
      'a machine that there is not',
      'traces: [t.csv]\nmachines:\n  - vm-hmt\n',
      /CLI_FILE_NOT_FOUND: bad\.yaml:3:5: vm-hmt/,
    ],
    [
      'an unknown policy',
      `${good}policies: [stay-put, tppp]\n`,
      /CLI_UNKNOWN_POLICY: bad\.yaml:3:22: --policy tppp: .* did you mean tpp\?/,
    ],
    [
      'a parameter out of range',
      `${good}policies:\n  - name: kleio-history\n    params: { fill: 7 }\n`,
      /POLICY_BAD_PARAM: bad\.yaml:4:5/,
    ],
    [
      'a kernel that YAML reads as a number',
      `${good}kernel: 6.10\n`,
      /:3:9: expected a version in quotes/,
    ],
    [
      'a size without unit',
      `${good}capacities: { node0: '64' }\n`,
      /FIRMWARE_BAD_QUANTITY: bad\.yaml:3:15/,
    ],
    ['an unknown setting', `${good}settings: { epochs: 3 }\n`, /bad\.yaml:3:/],
    [
      'a threshold on nothing',
      `${good}failIf: [speed > 1]\n`,
      /EXPERIMENT_BAD_THRESHOLD: bad\.yaml:3:10/,
    ],
    [
      'a price without currency',
      `${good}prices: { dramPrice: 4 }\n`,
      /EXPERIMENT_BAD_COST: bad\.yaml:3:/,
    ],
    ['seeds that are none', `${good}seeds: [-1]\n`, /:3:9/],
  ])('%s: the error says where', async (_, text, message) => {
    writeFileSync('bad.yaml', text);
    const { exitCode, stdout, stderr } = await runCli('compare', '--config', 'bad.yaml');
    expect(stderr).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });
});

test('the sample has every key, and those that are commented out are well formed', () => {
  const whole = parse(SAMPLE_EXPERIMENT.replaceAll(/^#(?=\w)/gm, '')) as Record<string, unknown>;
  expect(experimentFileSchema.safeParse(whole).error).toBeUndefined();
  expect(Object.keys(whole).toSorted()).toEqual(
    experimentFileKeys.filter((key) => !/^\$?schema/i.test(key)).toSorted(),
  );
});

test('every option of compare has its key', () => {
  // Where an option may be repeated, the key is in the plural; the others say what one call does with the experiment.
  const keyOf: Readonly<Record<string, string>> = {
    trace: 'traces',
    machine: 'machines',
    policy: 'policies',
    placement: 'placements',
    capacity: 'capacities',
    setting: 'settings',
    bootOption: 'bootOptions',
    price: 'prices',
  };
  const context = { stdout: () => 0, stderr: { write: () => 0 }, exitCode: 0 };
  const command = compareCommand({ ...context, signal: new AbortController().signal });
  const ofOneCall = new Set(['config', 'json', 'shard', 'cache']);
  const keys = [...experimentFileKeys, ...Object.keys(readKeys())];
  const wanted = command.options
    .map((option) => option.attributeName())
    .filter((name) => !ofOneCall.has(name));
  expect(keys).toEqual(expect.arrayContaining(wanted.map((name) => keyOf[name] ?? name)));
});

/** The keys of `read`, from the schema that is shipped. */
function readKeys(): Record<string, unknown> {
  const schema = JSON.parse(
    readFileSync(new URL('../../experiment.schema.json', import.meta.url), 'utf8'),
  ) as { $defs: Record<string, { properties: { read: { properties: Record<string, unknown> } } }> };
  return schema.$defs['tierlab-experiment']?.properties.read.properties ?? {};
}
