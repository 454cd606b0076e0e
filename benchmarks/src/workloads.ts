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
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { renderHtml, type Result } from '@tierlab/report';

import {
  compared,
  fastestOf,
  policies,
  publish,
  root,
  tieredMachines,
  type BenchMachine,
} from './workload-runs.ts';
import { README_MACHINES } from './workload-table.ts';

/** The fastest tier over the footprint. */
const FASTEST_SHARE = 0.25;
/** Machines of the report: with all of them it would be too long. */
const REPORTED = ['sapphire-rapids-2s-cxl', 'cascade-lake-2s-optane'];

const folder = resolve(process.argv[2] ?? resolve(root, 'benchmarks/results/runs'));
const jobs = process.argv[3] ?? '2';
const wanted = process.argv.slice(4);
const policyOptions = policies().flatMap(({ name }) => ['--policy', name]);

/** Pages that each shipped trace touches. */
function shippedTraces(): { readonly name: string; readonly pages: number }[] {
  const text = readFileSync(resolve(root, 'traces/manifest.json'), 'utf8');
  return JSON.parse(text) as { name: string; pages: number }[];
}

function compare(trace: { name: string; pages: number }, machine: BenchMachine): Result {
  const options = [
    '--trace',
    `traces/${trace.name}.tlt`,
    '--machine',
    machine.name,
    ...policyOptions,
    ...fastestOf(machine, Math.round(trace.pages * FASTEST_SHARE)),
    // The traces are about a million accesses long: the default would be one epoch.
    '--setting',
    'epochAccesses=100000',
    '--jobs',
    jobs,
    '--heat-maps',
    machine.name === REPORTED[0] ? '2' : '0',
  ];
  return compared(root, resolve(folder, trace.name, machine.name), options);
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

publish(
  'workloads',
  'machine',
  results.map(({ result }) => result),
  README_MACHINES,
);

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
