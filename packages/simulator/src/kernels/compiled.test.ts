import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { bytes, megabytesPerSecond, nanoseconds, nodeId, randomShares } from '@tierlab/core';
import type { RunRecord } from '@tierlab/core';
import { defineMigrationPolicy } from '@tierlab/policy';
import type {
  EpochBase,
  ExclusiveCache,
  MigrationContext,
  MigrationHooks,
  MigrationPolicy,
  Signal,
} from '@tierlab/policy';
import type { AccessBlock, AccessTrace } from '@tierlab/trace';
import { expect, test } from 'vitest';
import { replay } from '../index.ts';
import type { GivenSettings, MemorySystem } from '../index.ts';
import { KERNELS_SOURCE_SHA256 } from '../kernels.generated.ts';
import { createColumnMemory } from './column-memory.ts';

type Random = () => number;

test('the kernels were compiled from the sources beside them', () => {
  const folder = new URL('../../assembly/', import.meta.url);
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).toSorted()) {
    if (name.endsWith('.ts')) hash.update(`${name}\n`).update(readFileSync(new URL(name, folder)));
  }
  expect(hash.digest('hex'), 'run: pnpm --filter @tierlab/simulator build:kernels').toBe(
    KERNELS_SOURCE_SHA256,
  );
});

test('columns keep what they hold while they grow, and what is new is 0', () => {
  const memory = createColumnMemory();
  const random = randomShares(1);
  const views: Uint32Array[] = [];
  const columns = [0, 1, 2, 3].map((i) => memory.add(Uint32Array, 0, (view) => (views[i] = view)));
  const expected: number[][] = [[], [], [], []];
  for (let step = 0; step < 100; step++) {
    const which = [0, 1, 2, 3].filter(() => random() < 0.4);
    const length = Math.floor(8000 * random() ** 3);
    memory.lengthen(
      which.map((i) => columns[i]),
      length,
    );
    for (const i of which) while (expected[i].length < length) expected[i].push(0);
    for (let i = 0; i < 4; i++) {
      expect(views[i].join()).toBe(expected[i].join());
      if (expected[i].length === 0) continue;
      const at = Math.floor(random() * expected[i].length);
      // A few, or more than are moved at once.
      const end = Math.min(expected[i].length, at + (random() < 0.8 ? 2 : 3000));
      for (let k = at; k < end; k++) views[i][k] = expected[i][k] = 2 ** 32 - 1 - step;
    }
  }
});

/** Two initiators that see three nodes differently; some of the ids are beyond those that a group of accesses counts in a register. */
function drawMemory(random: Random, pageCount: number): MemorySystem {
  const ids = [nodeId(0), nodeId(2), nodeId(random() < 0.7 ? 5 : 8)];
  const initiatorCount = random() < 0.5 ? 1 : 2;
  return {
    pageBytes: bytes(4096),
    nodes: ids.map((id, i) => ({
      id,
      tierRank: i,
      topTier: i === 0,
      hasCpus: i < 2,
      capacityPages: i === 2 ? pageCount + 8 : Math.ceil(pageCount * random()) + 2,
      watermarks: { minPages: 0, lowPages: 1, highPages: 1, promoPages: 1 },
      curve: random() < 0.5 ? { kind: 'flat' } : { kind: 'knee', knee: 0.2, saturation: 4 },
      preferredTargets: ids.slice(i + 1, i + 2),
      fallbackTargets: ids.slice(i + 1),
    })),
    initiators: ids.slice(0, initiatorCount).map((id, k) => ({
      id,
      paths: ids.map((_, i) => ({
        readLatency: nanoseconds(80 + 90 * Math.abs(i - k)),
        writeLatency: nanoseconds(85 + 130 * Math.abs(i - k)),
        readBandwidth: megabytesPerSecond(3000 + 30_000 * random()),
        writeBandwidth: megabytesPerSecond(2000 + 20_000 * random()),
        distance: 10 + 10 * Math.abs(i - k),
      })),
    })),
  };
}

interface Shape {
  readonly timed: boolean;
  readonly threaded: boolean;
  readonly weighted: boolean;
}

const drawShape = (random: Random): Shape => ({
  timed: random() < 0.4,
  threaded: random() < 0.4,
  weighted: random() < 0.2,
});

/** As the recorder's traces. */
const TIMED_THREADS: Shape = { timed: true, threaded: true, weighted: false };

/** The threads of block `b`: several in no order, one, or one and then another. */
function drawThreads(random: Random, b: number): (unused: number, i: number) => number {
  const draw = (): number => Math.floor((b + 1) * random());
  const kind = random();
  if (kind < 0.4) return draw;
  const [first, second, change] = [draw(), draw(), 3000 * random()];
  return (_, i) => (kind < 0.8 || i < change ? first : second);
}

/** Random accesses with or without times, threads and weights; pages appear all along, some before an access to them. */
function drawTrace(random: Random, pageCount: number, shape: Shape): AccessTrace {
  const { timed, threaded, weighted } = shape;
  const clocks = ['instructions', 'nanoseconds'] as const;
  const clock = clocks[Math.floor(2 * random())];
  const skew = 1 + 3 * random();
  const blocks: AccessBlock[] = [];
  const tick = random() < 0.3 ? 100_000 : 1;
  let known = 0;
  let now = 0;
  const blockCount = 1 + Math.floor(12 * random());
  for (let b = 0; b < blockCount; b++) {
    const length = Math.floor(3000 * random());
    const newPageFirst = known;
    const page = new Uint32Array(length);
    const threadOf = drawThreads(random, b);
    for (let i = 0; i < length; i++) {
      if (known < pageCount && random() < 0.002) known++;
      const drawn = Math.floor(pageCount * random() ** skew);
      page[i] = Math.min(drawn, known);
      if (page[i] === known) known++;
    }
    blocks.push({
      length,
      page,
      write: page.map(() => (random() < 0.3 ? 1 : 0)) as unknown as Uint8Array,
      newPageFirst,
      newPageNumber: Float64Array.from(
        { length: known - newPageFirst },
        (_, i) => 7 * (newPageFirst + i),
      ),
      ...(timed && {
        time: Float64Array.from(page, () => {
          now += Math.floor(400 * random() ** 4);
          return now - (now % tick);
        }),
      }),
      ...(threaded && { thread: Uint16Array.from(page, threadOf) }),
      ...(weighted && { weight: Uint32Array.from(page, () => Math.floor(5 * random())) }),
    });
  }
  return {
    declaration: {
      format: 'drawn',
      level: 'cpu',
      addressSpace: 'virtual',
      clock: timed ? clock : 'accesses',
      pageShift: 12,
      threads: threaded,
      writes: true,
    },
    async *blocks() {
      yield* blocks;
    },
  };
}

function policyOf<const S extends readonly Signal[]>(
  signals: S,
  create: (context: MigrationContext<S[number]>) => MigrationHooks<S[number]>,
): MigrationPolicy {
  return defineMigrationPolicy({ name: signals.join('.').toLowerCase(), doc: '', signals, create });
}

/** Moves the pages that an epoch touched, up and down. */
const shuffle =
  ({ memory, moves, random }: Pick<MigrationContext, 'memory' | 'moves' | 'random'>) =>
  ({ touched, touchedCount }: EpochBase): void => {
    for (let i = 0; i < touchedCount; i++) {
      const { id } = memory.nodes[Math.floor(memory.nodes.length * random())];
      if (random() < 0.3) moves.request(touched[i], id);
    }
  };

/** Runs the fastest node as a cache, and now and then moves pages past it. */
const cacheOf = (order: ExclusiveCache['order']): MigrationPolicy =>
  policyOf(['accessStream'], ({ clock, pages, moves, memory, random }) => {
    clock.every(60_000, () => {
      for (let k = 0; k < 5 && pages.pageCount > 0; k++) {
        const { id } = memory.nodes[Math.floor(memory.nodes.length * random())];
        moves.request(Math.floor(pages.pageCount * random()), id);
      }
    });
    const [{ id, capacityPages }] = memory.nodes;
    return { cache: { order, pages: Math.ceil(capacityPages * random()), nodes: [id] } };
  });

const policies: readonly MigrationPolicy[] = [
  defineMigrationPolicy({ name: 'stay-put', doc: '', create: () => ({}) }),
  policyOf(['accesses'], (context) => ({ epoch: shuffle(context) })),
  policyOf(['writes'], (context) => ({ epoch: shuffle(context) })),
  policyOf(['accesses', 'writes'], (context) => ({ epoch: shuffle(context) })),
  policyOf(['accessedBits', 'pressure'], ({ signals, clock, cpu, pages, moves, memory }) => {
    const bits = new Uint8Array(1000);
    clock.every(50_000, () => {
      for (let thread = 0; thread < cpu.threadCount; thread++)
        cpu.charge(cpu.runtimeNs(thread) % 1000);
      for (const { id } of memory.nodes) signals.accessedBits.readNode(id, 3, bits);
      for (let page = 0; page < pages.pageCount; page += 7) {
        if (bits[page] & 2) moves.enqueueTransaction(page, memory.nodes[0].id, true);
      }
    });
    return {};
  }),
  policyOf(
    ['hintFaults', 'accesses', 'allocation'],
    ({ signals, clock, pages, random, memory, moves }) => {
      clock.every(30_000, () => {
        for (let k = 0; k < 20; k++) {
          if (pages.pageCount > 0)
            signals.hintFaults.protect(Math.floor(pages.pageCount * random()));
        }
      });
      return {
        mapped: () => {},
        hintFault: ({ page, protectedNs, timeNs }) => {
          if (timeNs - protectedNs < 40_000) moves.request(page, memory.nodes[0].id);
        },
      };
    },
  ),
  policyOf(['samples'], ({ signals, clock, moves, memory }) => {
    const sampler = signals.samples.open({ event: 'all', period: 13 });
    clock.every(20_000, () => {
      const { length, page } = sampler.drain();
      for (let i = 0; i < length; i += 5) moves.request(page[i], memory.nodes[1].id);
    });
    return {};
  }),
  cacheOf('recency'),
  cacheOf('arrival'),
  cacheOf('second-chance'),
];

test('the compiled loop and the one in TypeScript make the same record, to the bit', async () => {
  let moved = 0;
  let refused = 0;
  for (let seed = 1; seed <= 90; seed++) {
    const { totals } = await compare(seed, drawShape, policies[seed % policies.length]);
    moved += totals.movedRequests;
    refused += totals.refusedRequests;
  }
  expect(moved).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(100);
});

test('so they do for threads with a clock, whatever columns the policy wants', async () => {
  let moved = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const { totals } = await compare(seed, () => TIMED_THREADS, policies[seed % 6]);
    moved += totals.movedRequests;
  }
  expect(moved).toBeGreaterThan(100);
});

/** Holds the run of one seed to the same run in TypeScript. */
async function compare(
  seed: number,
  shapeOf: (random: Random) => Shape,
  policy: MigrationPolicy,
): Promise<RunRecord> {
  const random = randomShares(seed);
  const pageCount = 2 + Math.floor(800 * random());
  const memory = drawMemory(random, pageCount);
  const trace = drawTrace(random, pageCount, shapeOf(random));
  const settings: GivenSettings = {
    epochAccesses: 20 + Math.floor(4000 * random()),
    contentionWindow: 500 + Math.floor(50_000 * random()),
    intervalLength: 3000 + Math.floor(300_000 * random()),
    intervalsMax: 5,
    memoryParallelism: 1 + 6 * random(),
    idleCores: random() < 0.5 ? 0 : 1,
    fault: random() < 0.2 ? 0 : Math.floor(3000 * random()),
    loop: trace.declaration.clock !== 'accesses' && random() < 0.3 ? 'open' : 'closed',
  };
  const initiatorOf = [0, memory.initiators.length - 1];
  const request = { policy, memory, trace, settings, seed, initiatorOf };
  const compiled = await replay(request);
  expect(compiled, `seed ${seed}`).toEqual(await replay({ ...request, interpreted: true }));
  return compiled;
}
