// What a run of a sweep costs beside a run alone: CPU time of one core. Usage:
//   pnpm --filter @tierlab/benchmarks bench:many-runs [SPEC [RUNS]]
// RUNS runs of one trace, ten policies times RUNS / 10 sizes of DRAM, as `tierlab compare` makes them: the trace is
// decoded from the native format, runs share passes. Alone, each policy is run in a sweep of its own.
import { expandExperiment, inProcessExecutor, memoryStore, runSweep } from '@tierlab/experiment';
import type { Experiment, ExperimentPolicy, RunPoint } from '@tierlab/experiment';
import { migrationPolicies } from '@tierlab/migration-policies';
import { tinyMemory } from '@tierlab/simulator';
import { generateTrace, openTrace, writeTlt } from '@tierlab/trace';

const spec = process.argv[2] ?? 'zipf:pages=64Ki,theta=0.99,accesses=10M,seed=1';
const runCount = Number(process.argv[3] ?? 1000);

const names =
  'stay-put weighted-interleave preferred linux-numa-balancing tpp damon-tier kleio-history static-hottest window-hottest lru';
const policies: readonly ExperimentPolicy[] = names
  .split(' ')
  .map((name) => ({ policy: migrationPolicies.get(name)! }));

const chunks: Uint8Array[] = [];
for await (const chunk of writeTlt(generateTrace(spec))) chunks.push(chunk.slice());
const source = {
  name: spec,
  async *bytes() {
    yield* chunks;
  },
};
const read = await openTrace(source);
// Every policy can be asked: the accesses are taken as all there are.
const opened = { ...read, declaration: { ...read.declaration, level: 'cpu' as const } };
let pageCount = 0;
let accesses = 0;
for await (const block of opened.blocks()) {
  pageCount += block.newPageNumber.length;
  accesses += block.length;
}
const pageBytes = 2 ** opened.declaration.pageShift;
const sizes = Math.max(1, Math.ceil(runCount / policies.length));
const experiment: Experiment = {
  traces: [{ name: spec, open: () => opened }],
  machines: [
    {
      name: 'two tiers',
      memory: ({ 0: bytes = 0 }) =>
        tinyMemory([
          { pages: bytes / pageBytes, latencyNs: 90, bandwidthMbps: 60_000 },
          { pages: pageCount + 16, latencyNs: 250, bandwidthMbps: 20_000 },
        ]),
    },
  ],
  policies,
  capacities: Array.from({ length: sizes }, (_, i) => ({
    0: Math.ceil((pageCount * (i + 1)) / (sizes + 1)) * pageBytes,
  })),
  seeds: [1],
  tool: { name: 'many-runs', version: '0' },
};

/** Seconds of CPU that runs take, as one sweep. */
async function sweepSeconds(points: readonly RunPoint[]): Promise<number> {
  const before = process.cpuUsage();
  await runSweep({ points, store: memoryStore(), executors: [inProcessExecutor(experiment)] });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function decodeSeconds(): Promise<number> {
  const before = process.cpuUsage();
  for await (const block of opened.blocks()) if (block.length === 0) break;
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const points = expandExperiment(experiment);
process.stdout.write(
  `${spec}: ${accesses} accesses, ${pageCount} pages, ${chunks.reduce((sum, { length }) => sum + length, 0)} bytes\n`,
);
// The code is warm before anything is measured.
await sweepSeconds(points.filter((_, i) => i < policies.length));
process.stdout.write(
  `${'decoding'.padEnd(24)}${Math.min(await decodeSeconds(), await decodeSeconds()).toFixed(3)} s\n`,
);
let alone = 0;
for (const { policy } of policies) {
  const of = points.filter((point) => point.policy === policy.name);
  const one = of[Math.floor(of.length / 2)];
  const seconds = Math.min(await sweepSeconds([one]), await sweepSeconds([one]));
  alone += seconds / policies.length;
  process.stdout.write(`${policy.name.padEnd(24)}${seconds.toFixed(3)} s alone\n`);
}
const seconds = await sweepSeconds(points);
process.stdout.write(
  `${points.length} runs: ${seconds.toFixed(1)} s, ${(seconds / points.length).toFixed(3)} s a run; alone ${alone.toFixed(3)} s: ${((100 * seconds) / points.length / alone).toFixed(0)} %\n`,
);
