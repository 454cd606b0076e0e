// What a second worker thread is worth: wall-clock time of the same runs on one and on two, as `--jobs` makes them.
//   pnpm --filter @tierlab/benchmarks bench:workers [RUNS [SPEC]]
// It means something on an idle machine only; it says how busy this one is. Run it after pnpm build.
import { cpus, loadavg } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import {
  expandExperiment,
  inProcessExecutor,
  memoryStore,
  portExecutor,
  runSweep,
  serveExecutor,
} from '../../packages/experiment/dist/index.js';
import { migrationPolicies } from '../../packages/migration-policies/dist/index.js';
import { tinyMemory } from '../../packages/simulator/dist/index.js';
import { generateTrace } from '../../packages/trace/dist/index.js';

const runCount = Number(process.argv[2] ?? 16);
const spec = process.argv[3] ?? 'zipf:pages=64Ki,theta=0.99,accesses=10M,seed=1';
const PAGE_BYTES = 4096;
const PAGES = 65_536;

const experiment = {
  traces: [{ name: spec, open: () => generateTrace(spec) }],
  machines: [
    {
      name: 'two tiers',
      memory: ({ 0: bytes = 0 }) =>
        tinyMemory([
          { pages: bytes / PAGE_BYTES, latencyNs: 90, bandwidthMbps: 60_000 },
          { pages: PAGES + 16, latencyNs: 250, bandwidthMbps: 20_000 },
        ]),
    },
  ],
  policies: [{ policy: migrationPolicies.get('lru') }],
  capacities: Array.from({ length: runCount }, (_, i) => ({
    0: Math.ceil((PAGES * (i + 1)) / (runCount + 1)) * PAGE_BYTES,
  })),
  seeds: [1],
  tool: { name: 'workers', version: '0' },
};

/** Seconds that all runs take on `count` threads that have started. */
async function seconds(count) {
  const workers = Array.from(
    { length: count },
    () => new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) }),
  );
  const executors = workers.map((worker) => portExecutor(worker));
  const points = expandExperiment(experiment);
  // Each thread's code is warm before the clock starts.
  await Promise.all(executors.map((executor) => executor.execute(points.slice(0, 1))));
  const start = performance.now();
  await runSweep({ points, store: memoryStore(), executors });
  const spent = (performance.now() - start) / 1000;
  await Promise.all(workers.map((worker) => worker.terminate()));
  return spent;
}

if (isMainThread) {
  const busy = loadavg()[0];
  let [one, two] = [Infinity, Infinity];
  for (let repetition = 0; repetition < 3; repetition++) {
    one = Math.min(one, await seconds(1));
    two = Math.min(two, await seconds(2));
  }
  process.stdout.write(
    `${runCount} runs: ${one.toFixed(2)} s on one thread, ${two.toFixed(2)} s on two: ${(one / two).toFixed(2)} times\n` +
      `${cpus().length} CPUs, on which ${busy.toFixed(1)} threads were running before: ${busy < 0.3 ? 'idle' : 'busy, so that this says little'}\n`,
  );
} else {
  serveExecutor(parentPort, inProcessExecutor(experiment));
}
