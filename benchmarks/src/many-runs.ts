// What a run of a sweep costs beside a run alone: CPU time of one core. Usage:
//   pnpm --filter @tierlab/benchmarks bench:many-runs [SPEC [RUNS [POLICY,POLICY...]]]
// RUNS runs of one trace, ten policies times RUNS / 10 sizes of DRAM, as `tierlab compare` makes them: the trace is
// decoded from the native format, runs share passes. Alone, a policy is run at three of the sizes, each in a sweep of its
// own. What a run of one policy costs in the sweep is told by the passes that have runs of this policy only.
import { expandExperiment, inProcessExecutor, memoryStore, runSweep } from '@tierlab/experiment';
import type { Executor, Experiment, ExperimentPolicy, RunPoint } from '@tierlab/experiment';
import { migrationPolicies } from '@tierlab/migration-policies';
import { tinyMemory } from '@tierlab/simulator';
import { generateTrace, openTrace, writeTlt } from '@tierlab/trace';

const spec = process.argv[2] ?? 'zipf:pages=64Ki,theta=0.99,accesses=10M,seed=1';
const runCount = Number(process.argv[3] ?? 1000);

const names =
  process.argv[4] ??
  'stay-put,weighted-interleave,preferred,linux-numa-balancing,tpp,damon-tier,kleio-history,static-hottest,window-hottest,lru';
const policies: readonly ExperimentPolicy[] = names
  .split(',')
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

/** Seconds of CPU that some work took, however many runs it was for. */
interface Spent {
  seconds: number;
  runs: number;
}

async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Carries runs out as they would be, and notes under `inPasses` what each pass of one policy took. */
function watched(inPasses: Map<string, Spent>): Executor {
  const executor = inProcessExecutor(experiment);
  return {
    async execute(pass) {
      let made: Awaited<ReturnType<Executor['execute']>> = [];
      const seconds = await cpuSeconds(async () => (made = await executor.execute(pass)));
      const [{ policy }] = pass;
      if (pass.some((point) => point.policy !== policy)) return made;
      const spent = inPasses.get(policy) ?? { seconds: 0, runs: 0 };
      spent.seconds += seconds;
      spent.runs += pass.length;
      inPasses.set(policy, spent);
      return made;
    },
  };
}

/** Seconds of CPU that runs take, as one sweep. */
function sweepSeconds(
  points: readonly RunPoint[],
  inPasses: Map<string, Spent> = new Map(),
): Promise<number> {
  const executors = [watched(inPasses)];
  return cpuSeconds(() => runSweep({ points, store: memoryStore(), executors }));
}

const decodeSeconds = (): Promise<number> =>
  cpuSeconds(async () => {
    for await (const block of opened.blocks()) if (block.length === 0) break;
  });

const points = expandExperiment(experiment);
process.stdout.write(
  `${spec}: ${accesses} accesses, ${pageCount} pages, ${chunks.reduce((sum, { length }) => sum + length, 0)} bytes\n`,
);
// The code is warm before anything is measured.
await sweepSeconds(points.filter((_, i) => i < policies.length));
process.stdout.write(
  `${'decoding'.padEnd(24)}${Math.min(await decodeSeconds(), await decodeSeconds()).toFixed(3)} s\n`,
);
/** Sizes of DRAM, as shares of the range, whose runs stand for all: what a run costs depends on its size. */
const ALONE_AT = [1 / 6, 1 / 2, 5 / 6];
const alone = new Map<string, number>();
for (const { policy } of policies) {
  const of = points.filter((point) => point.policy === policy.name);
  let sum = 0;
  for (const share of ALONE_AT) {
    const one = of[Math.floor(of.length * share)];
    sum += Math.min(await sweepSeconds([one]), await sweepSeconds([one]));
  }
  alone.set(policy.name, sum / ALONE_AT.length);
}
const inPasses = new Map<string, Spent>();
const seconds = await sweepSeconds(points, inPasses);

const share = (part: number, whole: number): string =>
  `${((100 * part) / whole).toFixed(0).padStart(5)} %`;
process.stdout.write(`seconds a run               alone   in the sweep\n`);
for (const [name, aloneSeconds] of alone) {
  const spent = inPasses.get(name);
  const inSweep = spent === undefined ? undefined : spent.seconds / spent.runs;
  process.stdout.write(
    `${name.padEnd(24)}${aloneSeconds.toFixed(3).padStart(9)}${inSweep === undefined ? '' : `${inSweep.toFixed(3).padStart(15)}${share(inSweep, aloneSeconds)}`}\n`,
  );
}
const meanAlone = [...alone.values()].reduce((sum, each) => sum + each, 0) / alone.size;
const perRun = seconds / points.length;
process.stdout.write(
  `${`all ${points.length} runs`.padEnd(24)}${meanAlone.toFixed(3).padStart(9)}${perRun.toFixed(3).padStart(15)}${share(perRun, meanAlone)}\n`,
);
