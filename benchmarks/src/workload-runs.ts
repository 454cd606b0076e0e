import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import {
  placementTable,
  policyLabel,
  readResult,
  runId,
  tableToCsv,
  type Result,
  type Table,
} from '@tierlab/report';

import { withTable, workloadTable, type Suite } from './workload-table.ts';

/** The root of the repository. */
export const root: string = resolve(import.meta.dirname, '../..');

const program = resolve(root, 'packages/cli/bin/tierlab.js');

/** What the command line prints, as it is installed, called in the folder `cwd`. */
export function tierlabIn(cwd: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`tierlab ${args.join(' ')}\n${stderr}`);
  return stdout;
}

const tierlab = (...args: readonly string[]): string => tierlabIn(root, ...args);

/** The result of `tierlab compare` with `options`, called in the folder `cwd` and kept in the folder `out`. */
export function compared(cwd: string, out: string, options: readonly string[]): Result {
  tierlabIn(cwd, 'compare', ...options, '--out', out);
  return readResult(out, readFileSync(resolve(out, 'runs.json'), 'utf8'));
}

interface TiersJson {
  readonly tiers: Readonly<Record<string, string>>;
  readonly nodes: Readonly<
    Record<string, { readonly tier?: number; readonly distances: readonly number[] }>
  >;
}

/** A machine of the benchmark. */
export interface BenchMachine {
  readonly name: string;
  /** The nodes of the fastest tier, the nearest to the program first. */
  readonly fastest: readonly string[];
}

/** The machines of the catalogue in which Linux builds several tiers. */
export function tieredMachines(): BenchMachine[] {
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

/** The options that give the fastest tier `pages` of 4 KiB, on the node where the program runs, and nothing elsewhere. */
export function fastestOf(
  { fastest: [near = '0', ...others] }: BenchMachine,
  pages: number,
): string[] {
  return [
    '--capacity',
    `node${near}=${pages * 4}KiB`,
    ...others.flatMap((node) => ['--capacity', `node${node}=0 B`]),
  ];
}

/** A policy of the benchmark. */
export interface BenchPolicy {
  readonly name: string;
  readonly isRuler: boolean;
}

/** Every policy and ruler, but for the two that look for an optimum: they take longer than all others together. */
export function policies(): BenchPolicy[] {
  const lines = tierlab('policy', 'list', '--json').trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as { name: string; ruler: boolean })
    .filter(({ name }) => name !== 'optimum' && name !== 'lower-bound')
    .map(({ name, ruler }) => ({ name, isRuler: ruler }));
}

/** The columns of the published figures. */
const PUBLISHED =
  /^(trace|machine|policy|ruler|accesses|footprint_bytes|estimated_time_ns|slowdown|gap_to_bound|top_tier_access_share|mean_latency_ns|promotions_pages|demotions_pages|ping_pong_pages|wasted_promotions_pages|migration_bytes|migration_bandwidth_share|policy_cpu_share)$/;

/** One row a run, of the columns that are published; a policy's parameters stand in its name, where they were given. */
function published(results: readonly Result[]): Table {
  const labels = new Map<unknown, string>(
    results.flatMap(({ records }) =>
      records.map((record): [string, string] => [runId(record), policyLabel(record)]),
    ),
  );
  const tables = results.map((result) => placementTable(result.records, result));
  const [first] = tables;
  if (first === undefined) throw new Error('nothing ran');
  const kept = first.columns.filter(({ name }) => PUBLISHED.test(name));
  return {
    name: 'workloads',
    columns: kept,
    rows: tables.flatMap((table) => {
      const indexOf = (name: string): number =>
        table.columns.findIndex((column) => column.name === name);
      const run = indexOf('run');
      return table.rows.map((row) =>
        kept.map(({ name }) => (name === 'policy' ? labels.get(row[run]) : row[indexOf(name)])),
      );
    }),
  };
}

/**
 * Writes the figures of `results` to `benchmarks/results/SUITE.csv`, and the table of them to the README, with the columns
 * `inReadme` (all if absent), and to docs/workloads.md.
 */
export function publish(
  suite: Suite,
  by: 'machine' | 'trace',
  results: readonly Result[],
  inReadme?: readonly string[],
): void {
  const csv = tableToCsv(published(results));
  mkdirSync(resolve(root, 'benchmarks/results'), { recursive: true });
  writeFileSync(resolve(root, `benchmarks/results/${suite}.csv`), csv);
  for (const [name, shown] of [
    ['README.md', inReadme],
    ['docs/workloads.md', undefined],
  ] as const) {
    const path = resolve(root, name);
    const table = workloadTable(csv, by, shown);
    writeFileSync(path, withTable(readFileSync(path, 'utf8'), suite, table));
  }
  process.stdout.write(workloadTable(csv, by));
}
