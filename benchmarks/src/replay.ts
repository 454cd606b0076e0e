// How fast the simulator replays, in CPU time of one core: median of the repetitions and their spread, and as a ratio
// to two calibrators that run between them, which tell one machine's day from another's: a histogram of the pages, and
// the same compiled. For scale, an LRU list that moves no page; and libCacheSim's LRU, FIFO and CLOCK where its
// `cachesim` is on the PATH.
//   pnpm --filter @tierlab/benchmarks bench:replay [REPETITIONS [ACCESSES [sweep]]]
// With `sweep`, what many configurations cost in one pass, and nothing else.
// Two classes of trace: `zipf1m`, Zipf(0.99) over 1 Mi pages, and `loadstore`, which lives in 2,583 pages in runs of
// neighbours, as a recording of every load and store does. Epochs are of 1 M accesses, and of 100 K where a row says so.
import { migrationPolicies } from '@tierlab/migration-policies';
import { defineMigrationPolicy } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { replayMany, tinyMemory } from '@tierlab/simulator';
import type { GivenSettings, MemorySystem } from '@tierlab/simulator';
import { generateTrace } from '@tierlab/trace';
import type { AccessBlock, AccessTrace } from '@tierlab/trace';
import {
  compiledHistogram,
  cpuSeconds,
  histogram,
  libCacheSimSeconds,
  lruList,
} from './calibrators.ts';
import type { Blocks } from './calibrators.ts';
import { loadStore } from './load-store.ts';

const repetitions = Number(process.argv[2] ?? 5);
const accessesMax = Number(process.argv[3] ?? 20_000_000);

/** A policy that counts in its own loop, as a user's would through the block interface. */
function counting(name: string): MigrationPolicy {
  return defineMigrationPolicy({
    name,
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
}

/** Protects a thousand pages and reads the accessed bits of two thousand every ten simulated milliseconds. */
const scanning = defineMigrationPolicy({
  name: 'faults-and-bits',
  doc: 'Hint faults and accessed bits at the pace of a scanner; moves nothing.',
  signals: ['hintFaults', 'accessedBits'],
  create({ clock, pages, signals }) {
    const bits = new Uint8Array(2000);
    let next = 0;
    clock.every(10e6, () => {
      const scanned = Array.from({ length: 2000 }, (_, i) => (next + i) % pages.pageCount);
      signals.accessedBits.readMany(scanned, 3, bits);
      for (const page of scanned.slice(0, 1000)) signals.hintFaults.protect(page);
      next += 2000;
    });
    return { hintFault: () => {} };
  },
});

/** A policy that sees the exact counts of an epoch and moves nothing: the engine's own part of one. */
const watching = defineMigrationPolicy({
  name: 'epoch-counts',
  doc: 'Reads the counts of each epoch and moves nothing.',
  signals: ['accesses'],
  create: () => ({
    epoch({ accesses, touched, touchedCount }) {
      let sum = 0;
      for (let i = 0; i < touchedCount; i++) sum += accesses[touched[i]];
      if (sum < 0) throw new Error('counts went wrong');
    },
  }),
});

function grown(column: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(Math.max(length, 2 * column.length));
  next.set(column);
  return next;
}

/** The trace in memory, decoded: these figures are of the replay alone. */
interface Held extends Blocks {
  readonly name: string;
  readonly trace: AccessTrace;
  readonly accesses: number;
}

async function held(name: string, source: AsyncIterable<AccessBlock>): Promise<Held> {
  const blocks: AccessBlock[] = [];
  for await (const { length, page, write, newPageFirst, newPageNumber } of source) {
    blocks.push({
      length,
      page: page.slice(0, length),
      write: write.slice(0, length),
      newPageFirst,
      newPageNumber: newPageNumber.slice(),
    });
  }
  const last = blocks.at(-1)!;
  return {
    name,
    blocks,
    accesses: blocks.reduce((sum, block) => sum + block.length, 0),
    pageCount: last.newPageFirst + last.newPageNumber.length,
    trace: {
      declaration: {
        format: name,
        level: 'cpu',
        addressSpace: 'virtual',
        clock: 'accesses',
        pageShift: 12,
        threads: false,
        writes: true,
      },
      async *blocks() {
        yield* blocks;
      },
    },
  };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function memoryOf(pageCount: number, share: number): MemorySystem {
  return tinyMemory([
    { pages: Math.ceil(pageCount * share), latencyNs: 90, bandwidthMbps: 60_000 },
    { pages: pageCount + 16, latencyNs: 250, bandwidthMbps: 20_000 },
  ]);
}

interface Row {
  readonly name: string;
  readonly seconds: readonly number[];
  /** Over a histogram run just before, and a compiled one. */
  readonly ratios: readonly number[];
  readonly compiledRatios: readonly number[];
}

async function measure(name: string, input: Held, work: () => unknown): Promise<Row> {
  const seconds: number[] = [];
  const ratios: number[] = [];
  const compiledRatios: number[] = [];
  for (let repetition = 0; repetition <= repetitions; repetition++) {
    const plain = await cpuSeconds(() => histogram(input));
    const compiled = await cpuSeconds(() => compiledHistogram(input));
    const spent = await cpuSeconds(work);
    // The first one warms up.
    if (repetition === 0) continue;
    seconds.push(spent);
    ratios.push(spent / plain);
    compiledRatios.push(spent / compiled);
  }
  return { name, seconds, ratios, compiledRatios };
}

function show({ name, seconds, ratios, compiledRatios }: Row, accesses: number): void {
  const rate = (time: number): string => (accesses / time / 1e6).toFixed(1).padStart(8);
  process.stdout.write(
    `${name.padEnd(28)}${rate(middle(seconds))}${rate(Math.max(...seconds))}${rate(Math.min(...seconds))}${middle(ratios).toFixed(2).padStart(10)}${middle(compiledRatios).toFixed(1).padStart(10)}\n`,
  );
}

function named(name: string): MigrationPolicy {
  const policy = migrationPolicies.get(name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

async function measureClass(input: Held): Promise<void> {
  const { pageCount, accesses } = input;
  const memory = memoryOf(pageCount, 0.1);
  process.stdout.write(
    `\n${input.name}: ${accesses} accesses, ${pageCount} pages, 10 % of them fit in node 0\n` +
      `M accesses/s                   median   least    most  times the histogram, the compiled one\n`,
  );
  const user = counting('user-block-policy');
  const six = ['one', 'two', 'three', 'four', 'five', 'six'].map(counting);
  const single = async (policy: MigrationPolicy, settings?: GivenSettings): Promise<Row> =>
    measure(policy.name, input, () =>
      replayMany(input.trace, [{ policy, memory, ...(settings && { settings }) }]),
    );
  const capacity = memory.nodes[0].capacityPages;
  show(await measure('(compiled histogram)', input, () => compiledHistogram(input)), accesses);
  show(await measure('(LRU list, no moves)', input, () => lruList(input, capacity)), accesses);
  for (const policy of [
    named('stay-put'),
    watching,
    named('decayed-frequency'),
    named('kleio-history'),
    scanning,
  ]) {
    show(await single(policy), accesses);
  }
  const short = await single(named('kleio-history'), { epochAccesses: 100_000 });
  show({ ...short, name: 'kleio-history, 100 K epochs' }, accesses);
  for (const name of ['lru', 'fifo', 'clock']) {
    const row = await single(named(name));
    show(row, accesses);
    showPeer(input, name, capacity, middle(row.seconds));
  }
  const alone = await single(user);
  show(alone, accesses);
  for (const policy of six) await replayMany(input.trace, [{ policy, memory }]);
  const among = await single(user);
  show({ ...among, name: 'user-block-policy, after 6' }, accesses);
  process.stdout.write(
    `  with six other policies loaded: ${(middle(among.ratios) / middle(alone.ratios)).toFixed(2)} times its time alone\n`,
  );
}

/** Beside libCacheSim's run of the same accesses, where there is one. */
function showPeer(input: Held, name: string, capacity: number, seconds: number): void {
  const peer = libCacheSimSeconds(input, name, capacity);
  if (peer === undefined) return;
  const rate = (input.accesses / peer / 1e6).toFixed(1);
  process.stdout.write(
    `  libCacheSim ${name}: ${rate} M/s; here ${(peer / seconds).toFixed(1)} times that\n`,
  );
}

/** What the clock costs: a loop that waits for each access, over one whose accesses come when the trace says. */
async function measureClock(input: Held): Promise<void> {
  let now = 0;
  const blocks = input.blocks.map((block) => ({
    ...block,
    time: Float64Array.from(block.page, () => (now += 50)),
  }));
  const trace: AccessTrace = {
    declaration: { ...input.trace.declaration, clock: 'nanoseconds' },
    async *blocks() {
      yield* blocks;
    },
  };
  const memory = memoryOf(input.pageCount, 0.1);
  const nsOf = async (loop: 'open' | 'closed'): Promise<number> => {
    const settings = { loop };
    const { seconds } = await measure(loop, input, () =>
      replayMany(trace, [{ policy: named('stay-put'), memory, settings }]),
    );
    return (Math.min(...seconds) / input.accesses) * 1e9;
  };
  const [open, closed] = [await nsOf('open'), await nsOf('closed')];
  process.stdout.write(
    `  trace with a clock, ns an access, least: open loop ${open.toFixed(2)}, closed loop ${closed.toFixed(2)}\n`,
  );
}

/** Bytes that a period may move, from 5 MB/s to 700 MB/s at the pace of these traces. */
const BUDGETS_MIB = [0.25, 0.5, 1, 2, 4, 8, 16, 32];

const CAPACITY_SHARES = [0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5];

/**
 * 8 capacities by 8 budgets of one epoch policy in one pass, over the one run with the middle ones; epochs long and short. Of a
 * policy whose runs hold decayed scores together, and of one that ranks the pages of each epoch anew and moves more of them.
 * And as many runs that move nothing: what the others' moves come on top of.
 */
async function measureSweep(input: Held): Promise<void> {
  const points = CAPACITY_SHARES.flatMap((share) =>
    BUDGETS_MIB.map((mebibytes) => ({
      memory: memoryOf(input.pageCount, share),
      budget: mebibytes * 2 ** 20,
    })),
  );
  for (const policy of [named('decayed-frequency'), named('kleio-history')]) {
    for (const epochAccesses of [1_000_000, 100_000]) {
      const requests = points.map(({ memory, budget }) => ({
        policy,
        memory,
        params: { budget },
        settings: { epochAccesses },
      }));
      await showSweep(`${policy.name}, epochs of ${epochAccesses}`, input, requests);
    }
  }
  const requests = points.map(({ memory }) => ({ policy: named('stay-put'), memory }));
  await showSweep('stay-put', input, requests);
}

async function showSweep(
  name: string,
  input: Held,
  requests: Parameters<typeof replayMany>[1],
): Promise<void> {
  const oneOf = (): Promise<number> => cpuSeconds(() => replayMany(input.trace, [requests[28]]));
  await oneOf();
  const ones: number[] = [];
  const alls: number[] = [];
  let movedPages = 0;
  for (let repetition = 0; repetition < repetitions; repetition++) {
    ones.push(await oneOf());
    alls.push(
      await cpuSeconds(async () => {
        const records = await replayMany(input.trace, requests);
        movedPages = records.reduce(
          (sum, { totals }) => sum + totals.promotedPages + totals.demotedPages,
          0,
        );
      }),
    );
  }
  const [one, all] = [Math.min(...ones), Math.min(...alls)];
  process.stdout.write(
    `  ${requests.length} configurations of ${name} in one pass: ${(all / one).toFixed(1)} times one of them (${one.toFixed(3)} s, ${(input.accesses / one / 1e6).toFixed(0)} M/s); ${movedPages} pages moved\n`,
  );
}

const zipf = generateTrace(`zipf:pages=1Mi,theta=0.99,accesses=${accessesMax},seed=1`);
for (const input of [
  await held('zipf1m', zipf.blocks()),
  await held('loadstore', loadStore(accessesMax)),
]) {
  if (process.argv[4] === 'sweep') {
    await measureSweep(input);
    continue;
  }
  await measureClass(input);
  await measureClock(input);
}
