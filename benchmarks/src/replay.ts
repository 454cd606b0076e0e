// How fast the simulator replays: CPU time of one core, least and median of the repetitions, beside an in-process
// calibrator that tells one machine's day from another's. Usage: pnpm --filter @tierlab/benchmarks bench:replay [SPEC [N]]
import { migrationPolicies } from '@tierlab/migration-policies';
import { defineMigrationPolicy } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { replayMany, tinyMemory } from '@tierlab/simulator';
import { generateTrace } from '@tierlab/trace';
import type { AccessBlock, AccessTrace } from '@tierlab/trace';

const spec = process.argv[2] ?? 'zipf:pages=1Mi,theta=0.99,accesses=10M,seed=1';
const repetitions = Number(process.argv[3] ?? 5);

/** A policy that counts in its own loop, as a user's would through the block interface. */
const counting = defineMigrationPolicy({
  name: 'user-block-policy',
  doc: 'Counts accesses by page and moves nothing.',
  signals: ['accessStream'],
  create() {
    let count = new Uint32Array(1 << 21);
    return {
      block({ page, length }) {
        for (let i = 0; i < length; i++) {
          if (page[i] >= count.length) count = grown(count, page[i] + 1);
          count[page[i]]++;
        }
      },
    };
  },
});

function grown(column: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(Math.max(length, 2 * column.length));
  next.set(column);
  return next;
}

/** The trace in memory, decoded, without columns that a plain replay does not need. */
async function held(trace: AccessTrace): Promise<readonly AccessBlock[]> {
  const blocks: AccessBlock[] = [];
  for await (const { length, page, write, newPageFirst, newPageNumber } of trace.blocks()) {
    blocks.push({
      length,
      page: page.slice(0, length),
      write: write.slice(0, length),
      newPageFirst,
      newPageNumber: newPageNumber.slice(),
    });
  }
  return blocks;
}

/** Seconds of CPU that `work` takes. */
async function cpuSeconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** A histogram of the same pages: what the machine gives a plain loop today. */
function calibrate(blocks: readonly AccessBlock[], pageCount: number): void {
  const count = new Uint32Array(pageCount);
  for (const { page, length } of blocks) for (let i = 0; i < length; i++) count[page[i]]++;
}

const source = generateTrace(spec);
const blocks = await held(source);
const last = blocks.at(-1)!;
const pageCount = last.newPageFirst + last.newPageNumber.length;
const accesses = blocks.reduce((sum, block) => sum + block.length, 0);
const trace: AccessTrace = {
  declaration: { ...source.declaration, clock: 'accesses', level: 'cpu' },
  async *blocks() {
    yield* blocks;
  },
};
const memory = tinyMemory([
  { pages: Math.ceil(pageCount / 10), latencyNs: 90, bandwidthMbps: 60_000 },
  { pages: pageCount + 16, latencyNs: 250, bandwidthMbps: 20_000 },
]);

process.stdout.write(
  `${spec}: ${accesses} accesses, ${pageCount} pages, ${repetitions} repetitions\n`,
);
process.stdout.write('M accesses/s of CPU time: best, median; times the calibrator\n');
const policies: readonly MigrationPolicy[] = [
  ...['stay-put', 'kleio-history', 'fifo', 'clock', 'lru'].map((name) =>
    migrationPolicies.get(name)!,
  ),
  counting,
];
for (const policy of policies) {
  const seconds: number[] = [];
  const ratios: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const plain = await cpuSeconds(() => calibrate(blocks, pageCount));
    seconds.push(await cpuSeconds(() => replayMany(trace, [{ policy, memory }])));
    ratios.push(seconds.at(-1)! / plain);
  }
  const rate = (time: number): string => (accesses / time / 1e6).toFixed(1).padStart(7);
  process.stdout.write(
    `${policy.name.padEnd(24)}${rate(Math.min(...seconds))}${rate(middle(seconds))}${middle(ratios).toFixed(1).padStart(8)}\n`,
  );
}
