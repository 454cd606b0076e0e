/**
 * How fast the Linux policies replay the shipped traces: accesses per second of CPU time of one core, least of the repetitions.
 * The fastest tier holds a quarter of what the trace touches. The traces are decoded before, as reading them is no part of the
 * figure; each policy runs in a process of its own, so that none pays for another. It is the built packages that run, as
 * they do for whoever installs them: what turns the sources into code on the way names every closure when it is made.
 *
 * Usage: `pnpm --filter @tierlab/benchmarks bench:linux [REPETITIONS [POLICY...]]`.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { migrationPolicies } from '@tierlab/migration-policies';
import { replayMany, tinyMemory } from '@tierlab/simulator';
import { openTrace, type AccessBlock, type AccessTrace } from '@tierlab/trace';

const LINUX_POLICIES = [
  'linux-numa-balancing',
  'linux-tiering-0.8',
  'tpp',
  'autonuma',
  'damon-tier',
  'damon-lru-sort',
  'damon-reclaim',
  'bind',
  'preferred',
  'interleave',
  'weighted-interleave',
];

/** The fastest tier over the footprint. */
const FASTEST_SHARE = 0.25;

const traces = resolve(import.meta.dirname, '../../traces');

interface Measured {
  readonly trace: string;
  readonly accesses: number;
  readonly secondsMin: number;
}

/** A shipped trace in memory. */
async function held(name: string): Promise<AccessTrace> {
  const path = resolve(traces, `${name}.tlt`);
  const trace = await openTrace({ name, bytes: () => createReadStream(path) });
  const blocks: AccessBlock[] = [];
  for await (const block of trace.blocks()) blocks.push(structuredClone(block));
  return {
    declaration: trace.declaration,
    async *blocks() {
      yield* blocks;
    },
  };
}

/** Replays every shipped trace in this process. */
async function measure(name: string, repetitions: number): Promise<Measured[]> {
  const policy = migrationPolicies.get(name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  const manifest = JSON.parse(readFileSync(resolve(traces, 'manifest.json'), 'utf8')) as {
    readonly name: string;
    readonly pages: number;
    readonly accesses: number;
  }[];
  const measured: Measured[] = [];
  for (const { name: traceName, pages, accesses } of manifest) {
    const trace = await held(traceName);
    const memory = tinyMemory([
      { pages: Math.ceil(pages * FASTEST_SHARE), latencyNs: 90, bandwidthMbps: 60_000 },
      { pages: pages + 1024, latencyNs: 250, bandwidthMbps: 20_000 },
    ]);
    let secondsMin = Infinity;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const before = process.cpuUsage();
      await replayMany(trace, [{ policy, memory }]);
      const { user, system } = process.cpuUsage(before);
      secondsMin = Math.min(secondsMin, (user + system) / 1e6);
    }
    measured.push({ trace: traceName, accesses, secondsMin });
  }
  return measured;
}

/** Replays in a process of its own. */
function measureApart(name: string, repetitions: number): Measured[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, import.meta.filename, '--one', name, String(repetitions)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measured[];
}

const rate = (accesses: number, seconds: number): string =>
  (accesses / seconds / 1e6).toFixed(1).padStart(9);

const [first, ...rest] = process.argv.slice(2);
if (first === '--one') {
  const [name = '', repetitions] = rest;
  process.stdout.write(JSON.stringify(await measure(name, Number(repetitions))));
} else {
  const names = rest.length > 0 ? rest : LINUX_POLICIES;
  process.stdout.write(
    `M accesses/s of CPU time, a quarter of the pages in the fastest tier; node ${process.version}\n`,
  );
  for (const [index, name] of names.entries()) {
    const measured = measureApart(name, Number(first ?? 10));
    if (index === 0) {
      const header = measured.map(({ trace }) => trace.slice(0, 8).padStart(9)).join('');
      process.stdout.write(`${''.padEnd(22)}${header}${'all'.padStart(9)}\n`);
    }
    const each = measured.map(({ accesses, secondsMin }) => rate(accesses, secondsMin)).join('');
    const accesses = measured.reduce((sum, one) => sum + one.accesses, 0);
    const seconds = measured.reduce((sum, one) => sum + one.secondsMin, 0);
    process.stdout.write(`${name.padEnd(22)}${each}${rate(accesses, seconds)}\n`);
  }
}
