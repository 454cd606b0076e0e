/**
 * The workload benchmark: every shipped trace on every shipped machine that has tiers, under every policy.
 *
 * The fastest tier holds a quarter of what the trace touches, on the node where the program runs; other nodes of that tier
 * are taken by somebody else. Writes `benchmarks/results/workloads.csv`, the tables of the README and of docs/workloads.md
 * between their markers, and the report in `docs/`. Runs are made by the command line as it is installed, and kept in
 * FOLDER: the same command goes on after an interruption.
 *
 * Usage: `pnpm bench:workloads [FOLDER [JOBS [MACHINE...]]]` at the root of the repository; all machines if none is named.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import {
  placementTable,
  readResult,
  renderHtml,
  tableToCsv,
  type Result,
  type Table,
} from '@tierlab/report';

import { README_MACHINES, withTable, workloadTable } from './workload-table.ts';

/** The fastest tier over the footprint. */
const FASTEST_SHARE = 0.25;
/** Machines of the report: with all of them it would be too long. */
const REPORTED = ['sapphire-rapids-2s-cxl', 'cascade-lake-2s-optane'];

const root = resolve(import.meta.dirname, '../..');
const program = resolve(root, 'packages/cli/bin/tierlab.js');
const folder = resolve(process.argv[2] ?? resolve(root, 'benchmarks/results/runs'));
const jobs = process.argv[3] ?? '2';
const wanted = process.argv.slice(4);

/** What the command line prints. */
function tierlab(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`tierlab ${args.join(' ')}\n${stderr}`);
  return stdout;
}

interface TiersJson {
  readonly tiers: Readonly<Record<string, string>>;
  readonly nodes: Readonly<
    Record<string, { readonly tier?: number; readonly distances: readonly number[] }>
  >;
}

interface BenchMachine {
  readonly name: string;
  /** The nodes of the fastest tier, the nearest to the program first. */
  readonly fastest: readonly string[];
}

/** The machines of the catalogue in which Linux builds several tiers. */
function tieredMachines(): BenchMachine[] {
  const listed = tierlab('machine', 'list').trim().split('\n').slice(2);
  return listed.flatMap((line) => {
    const [name = ''] = line.split(/\s/, 1);
    const { tiers, nodes } = JSON.parse(tierlab('tiers', name, '--json')) as TiersJson;
    const ranks = Object.keys(tiers).map(Number);
    if (ranks.length < 2) return [];
    const fastest = Object.entries(nodes).filter(([, { tier }]) => tier === Math.min(...ranks));
    const byDistance = fastest.toSorted(
      ([, a], [, b]) => (a.distances[0] ?? 0) - (b.distances[0] ?? 0),
    );
    return [{ name, fastest: byDistance.map(([id]) => id) }];
  });
}

/** Pages that each shipped trace touches. */
function shippedTraces(): { readonly name: string; readonly pages: number }[] {
  const text = readFileSync(resolve(root, 'traces/manifest.json'), 'utf8');
  return JSON.parse(text) as { name: string; pages: number }[];
}

/** Every policy and ruler, but for the two that look for an optimum: they take longer than all others together. */
function policies(): string[] {
  const lines = tierlab('policy', 'list', '--json').trim().split('\n');
  return lines
    .map((line) => (JSON.parse(line) as { name: string }).name)
    .filter((name) => name !== 'optimum' && name !== 'lower-bound');
}

function compare(trace: { name: string; pages: number }, machine: BenchMachine): Result {
  const out = resolve(folder, trace.name, machine.name);
  const [near = '0', ...others] = machine.fastest;
  const fastKiB = Math.round(trace.pages * FASTEST_SHARE) * 4;
  const options = [
    ...policies().flatMap((policy) => ['--policy', policy]),
    '--capacity',
    `node${near}=${fastKiB}KiB`,
    ...others.flatMap((node) => ['--capacity', `node${node}=0 B`]),
    // The traces are about a million accesses long: the default would be one epoch.
    '--setting',
    'epochAccesses=100000',
    '--jobs',
    jobs,
    '--out',
    out,
    '--heat-maps',
    machine.name === REPORTED[0] ? '2' : '0',
  ];
  tierlab('compare', '--trace', `traces/${trace.name}.tlt`, '--machine', machine.name, ...options);
  return readResult(out, readFileSync(resolve(out, 'runs.json'), 'utf8'));
}

/** The columns of the published figures. */
const PUBLISHED =
  /^(trace|machine|policy|ruler|accesses|footprint_bytes|estimated_time_ns|slowdown|gap_to_bound|top_tier_access_share|mean_latency_ns|promotions_pages|demotions_pages|ping_pong_pages|wasted_promotions_pages|migration_bytes|migration_bandwidth_share|policy_cpu_share)$/;

function published(results: readonly Result[]): Table {
  const tables = results.map((result) => placementTable(result.records, result));
  const [first] = tables;
  if (first === undefined) throw new Error('nothing ran');
  const kept = first.columns.filter(({ name }) => PUBLISHED.test(name));
  return {
    name: 'workloads',
    columns: kept,
    rows: tables.flatMap((table) => {
      const at = kept.map(({ name }) => table.columns.findIndex((column) => column.name === name));
      return table.rows.map((row) => at.map((index) => row[index]));
    }),
  };
}

const machines = tieredMachines().filter(
  ({ name }) => wanted.length === 0 || wanted.includes(name),
);
const traces = shippedTraces();
const results: { readonly machine: string; readonly result: Result }[] = [];
for (const machine of machines) {
  for (const trace of traces) {
    const before = process.hrtime.bigint();
    results.push({ machine: machine.name, result: compare(trace, machine) });
    const seconds = Number(process.hrtime.bigint() - before) / 1e9;
    process.stderr.write(`${trace.name} on ${machine.name}: ${seconds.toFixed(1)} s\n`);
  }
}

const table = published(results.map(({ result }) => result));
mkdirSync(resolve(root, 'benchmarks/results'), { recursive: true });
const csv = tableToCsv(table);
writeFileSync(resolve(root, 'benchmarks/results/workloads.csv'), csv);
for (const [name, machines] of [
  ['README.md', README_MACHINES],
  ['docs/workloads.md', undefined],
] as const) {
  const path = resolve(root, name);
  writeFileSync(path, withTable(readFileSync(path, 'utf8'), workloadTable(csv, machines)));
}

const shown = results
  .filter(({ machine }) => REPORTED.includes(machine))
  .map(({ result }) => result);
const sheets = new Map(
  shown.flatMap(({ machines: all = [] }) => all.map((sheet) => [sheet.machine, sheet])),
);
const report: Result = {
  schemaVersion: 1,
  title: `The workload benchmark: ${traces.length} programs, a quarter of their memory in the fastest tier`,
  records: shown.flatMap(({ records }) => records),
  heatMaps: shown.flatMap(({ heatMaps = [] }) => heatMaps),
  machines: [...sheets.values()],
};
writeFileSync(resolve(root, 'docs/workloads.html'), renderHtml(report));
process.stdout.write(workloadTable(csv));
