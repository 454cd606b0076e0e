/**
 * The long half of the workload benchmark: programs of a minute, drawn by the generators at a pace of their own, since the
 * recorded ones are over before a kernel that looks at memory once a second has seen them.
 *
 * Every program first writes all its memory in order. The fastest tier holds a quarter of it. Writes
 * `benchmarks/results/minutes.csv` and the tables of the README and of docs/workloads.md between their markers. Traces and
 * runs are kept in FOLDER: the same command goes on after an interruption.
 *
 * Usage: `pnpm bench:minutes [FOLDER [JOBS]]` at the root of the repository.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Result } from '@tierlab/report';

import {
  compared,
  fastestOf,
  policies,
  publish,
  root,
  tierlabIn,
  tieredMachines,
} from './workload-runs.ts';

const PAGES = 65_536;
const HOT = `pages=${PAGES},hot=10%,share=90%`;
/** What the programs do, by the name of the table's column. A period of 5 M accesses is ten seconds. */
const PROGRAMS = {
  uniform: `uniform:pages=${PAGES}`,
  zipf: `zipf:pages=${PAGES},theta=0.99`,
  hot: `hot:${HOT}`,
  moving: `moving:${HOT},period=5M,move=20%`,
  phased: `phased:${HOT},period=10M`,
  cyclic: `cyclic:pages=${PAGES},per-page=1`,
  'ycsb-b': `ycsb-b:pages=${PAGES}`,
  'ycsb-d': `ycsb-d:pages=${PAGES / 2}`,
} as const;
/** A minute in which 500,000 pages a second are visited, 32 accesses each: 16 million misses a second. */
const PACE = 'accesses=30M,per-ms=500,weight=32,load=yes,level=cpu';
const FASTEST_PAGES = PAGES / 4;
const MACHINES = new Set(['sapphire-rapids-2s-cxl', 'cascade-lake-2s-optane']);
/** Rulers beside the policies that one could run: the bounds. The caches are left out, they cost the most time. */
const RULERS = new Set(['all-fast', 'all-slow', 'static-hottest', 'window-hottest']);
/** Parameters that fit a machine and a footprint a hundred times smaller than those that a policy was tuned for. */
const SCALED = ['hemem:sample_period=199', 'memtis-ns:headroom_min=0B'];

const folder = resolve(process.argv[2] ?? resolve(root, 'benchmarks/results/minutes'));
const jobs = process.argv[3] ?? '2';

/** The file of a program's trace in the folder, drawn if it is not there. */
function traceOf(name: keyof typeof PROGRAMS): string {
  const file = `${name}.tlt`;
  const spec = `${PROGRAMS[name]},${PACE}`;
  if (!existsSync(resolve(folder, file)))
    tierlabIn(folder, 'trace', 'generate', spec, file, '--codec', 'replay');
  return file;
}

mkdirSync(folder, { recursive: true });
const wanted = policies()
  .filter(({ name, isRuler }) => !isRuler || RULERS.has(name))
  .map(({ name }) => name)
  .concat(SCALED);
const machines = tieredMachines().filter(({ name }) => MACHINES.has(name));
const results: Result[] = [];
for (const name of Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]) {
  for (const machine of machines) {
    const before = process.hrtime.bigint();
    const options = [
      '--trace',
      traceOf(name),
      '--machine',
      machine.name,
      ...wanted.flatMap((policy) => ['--policy', policy]),
      ...fastestOf(machine, FASTEST_PAGES),
      '--jobs',
      jobs,
      '--heat-maps',
      '0',
    ];
    results.push(compared(folder, resolve(folder, name, machine.name), options));
    const seconds = Number(process.hrtime.bigint() - before) / 1e9;
    process.stderr.write(`${name} on ${machine.name}: ${seconds.toFixed(1)} s\n`);
  }
}
publish('minutes', 'trace', results);
