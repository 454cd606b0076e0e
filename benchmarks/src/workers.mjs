// What a second worker thread is worth: wall-clock time of the same runs on one and on two, as `--jobs` makes them,
// beside what this machine gives two threads that have nothing to do with each other.
//   pnpm --filter @tierlab/benchmarks bench:workers [RUNS [TRACES [PAGES [ACCESSES]]]]
// RUNS runs of `lru` on each of TRACES traces in the native format: a pass for each trace. Least of five, by turns. Each
// thread is warm before the clock starts. Run it after pnpm build.
import { cpus, loadavg } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
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
import { generateTrace, openTrace, writeTlt } from '../../packages/trace/dist/index.js';

const [runCount, traceCount, pageCount, accesses] = [8, 4, 65_536, 5_000_000].map((usual, i) =>
  Number(process.argv[2 + i] ?? usual),
);
const REPETITIONS = 5;
const PAGE_BYTES = 4096;
/** Steps of arithmetic that a thread makes for the calibrator: half a second. */
const STEPS = 5e8;

/** Of traces given as files in the native format. */
async function experimentOf(files) {
  const traces = await Promise.all(
    files.map(async (bytes, i) => {
      const name = `trace ${i}`;
      const source = {
        name,
        async *bytes() {
          yield bytes;
        },
      };
      const trace = await openTrace(source);
      return { name, open: () => trace };
    }),
  );
  return {
    traces,
    machines: [
      {
        name: 'two tiers',
        memory: ({ 0: bytes = 0 }) =>
          tinyMemory([
            { pages: bytes / PAGE_BYTES, latencyNs: 90, bandwidthMbps: 60_000 },
            { pages: pageCount + 16, latencyNs: 250, bandwidthMbps: 20_000 },
          ]),
      },
    ],
    policies: [{ policy: migrationPolicies.get('lru') }],
    capacities: Array.from({ length: runCount }, (_, i) => ({
      0: Math.ceil((pageCount * (i + 1)) / (runCount + 1)) * PAGE_BYTES,
    })),
    seeds: [1],
    tool: { name: 'workers', version: '0' },
  };
}

/** The bytes of each trace, in memory that threads share. */
async function writeTraces() {
  const files = [];
  for (let seed = 1; seed <= traceCount; seed++) {
    const spec = `zipf:pages=${pageCount},theta=0.99,accesses=${accesses},seed=${seed}`;
    const chunks = [];
    for await (const chunk of writeTlt(generateTrace(spec), { codec: 'replay' })) {
      chunks.push(chunk.slice());
    }
    const whole = Buffer.concat(chunks);
    const shared = new Uint8Array(new SharedArrayBuffer(whole.length));
    shared.set(whole);
    files.push(shared);
  }
  return files;
}

/** As an executor of no runs. */
function spin() {
  let state = 1;
  for (let i = 0; i < STEPS; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  // Of no runs, but not before the state is known.
  return [state].slice(1);
}

/** A thread that makes runs of the traces it is given, or spins. */
function start(data) {
  return new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), workerData: data });
}

/** What each of some works takes at least, in seconds of the clock and of CPU, by turns. */
async function measure(works) {
  const least = works.map(() => ({ seconds: Infinity, cpuSeconds: Infinity }));
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    for (const [i, work] of works.entries()) {
      const [start, cpu] = [performance.now(), process.cpuUsage()];
      await work();
      const { user, system } = process.cpuUsage(cpu);
      least[i].seconds = Math.min(least[i].seconds, (performance.now() - start) / 1e3);
      least[i].cpuSeconds = Math.min(least[i].cpuSeconds, (user + system) / 1e6);
    }
  }
  return least;
}

async function report() {
  const busy = loadavg()[0];
  const files = await writeTraces();
  const workers = [files, files, 'spin', 'spin'].map(start);
  const served = workers.map((worker) => portExecutor(worker));
  const [executors, spinners] = [served.slice(0, 2), served.slice(2)];
  const points = expandExperiment(await experimentOf(files));
  const sweep = (some) => runSweep({ points, store: memoryStore(), executors: some });
  await Promise.all(executors.map((executor) => sweep([executor])));

  await Promise.all(spinners.map((spinner) => spinner.execute([])));

  const [one, two, each, spinOne, spinEach] = await measure([
    () => sweep(executors.slice(0, 1)),
    () => sweep(executors),
    () => Promise.all(executors.map((executor) => sweep([executor]))),
    () => spinners[0].execute([]),
    () => Promise.all(spinners.map((spinner) => spinner.execute([]))),
  ]);
  await Promise.all(workers.map((worker) => worker.terminate()));

  const pool = one.seconds / two.seconds;
  const apart = (2 * one.seconds) / each.seconds;
  const arithmetic = (2 * spinOne.seconds) / spinEach.seconds;
  process.stdout.write(
    `${points.length} runs of ${traceCount} traces: ${one.seconds.toFixed(2)} s on one thread, ${two.seconds.toFixed(2)} s on two: ${pool.toFixed(2)} times as fast\n` +
      `two threads that each make all of these runs: ${apart.toFixed(2)} times the work of one; of that the pool reaches ${((100 * pool) / apart).toFixed(0)} %\n` +
      `two threads of arithmetic alone: ${arithmetic.toFixed(2)} times the work of one\n` +
      `CPU time of all runs: ${one.cpuSeconds.toFixed(2)} s on one thread, ${two.cpuSeconds.toFixed(2)} s on two, ${(each.cpuSeconds / 2).toFixed(2)} s on each of two that make all\n` +
      `${cpus().length} CPUs, on which ${busy.toFixed(1)} threads were running before: ${busy < 0.3 ? 'idle' : 'busy, so that the times of the clock say little'}\n`,
  );
}

if (isMainThread) await report();
else if (workerData === 'spin') serveExecutor(parentPort, { execute: async () => spin() });
else serveExecutor(parentPort, inProcessExecutor(await experimentOf(workerData)));
