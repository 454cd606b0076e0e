import { assert, canonicalJson } from '@tierlab/core';
import type { RunRecord } from '@tierlab/core';
import type { AllocationRequest, MigrationPolicy } from '@tierlab/policy';
import { tinyMemory } from '@tierlab/simulator';
import type { GivenSettings, TinyNode } from '@tierlab/simulator';
import type { AccessTrace } from '@tierlab/trace';
import { drawAccesses, drawSizeFor, nodesMaxFor } from './draw.ts';
import type { DrawnAccesses } from './draw.ts';
import { createRandom } from './random.ts';
import { watchedRun } from './watched-run.ts';
import type { KitRun } from './watched-run.ts';

/*
 * Relations between runs that must hold whatever a policy does: no oracle is needed, and none is
 * wrong. A policy to which a relation does not apply shows that by what it looks at.
 */

const SEEDS = [11, 12];

interface Drawn {
  readonly nodes: readonly TinyNode[];
  readonly accesses: DrawnAccesses;
  readonly settings: GivenSettings & {
    readonly memoryParallelism: number;
    readonly epochAccesses: number;
  };
  readonly seed: number;
}

/** A trace without a clock on nodes without load: what happens follows from the order of accesses alone. */
function drawUnloaded(policy: MigrationPolicy, seed: number): Drawn {
  const random = createRandom(seed);
  const size = drawSizeFor(policy, { pagesMax: 150, accessesMax: 3000 });
  const { time: _, ...accesses } = drawAccesses(random, size);
  const nodeCount = nodesMaxFor(policy) === 2 ? 2 : 2 + Math.floor(2 * random());
  const nodes = Array.from({ length: nodeCount }, (_unused, rank): TinyNode => {
    const isLast = rank === nodeCount - 1;
    return {
      pages: isLast ? accesses.pageCount + 8 : 1 + Math.floor(0.4 * random() * accesses.pageCount),
      latencyNs: 100 * (rank + 1),
      writeLatencyNs: 120 * (rank + 1),
      bandwidthMbps: 8192,
    };
  });
  const settings = {
    memoryParallelism: 2,
    epochAccesses: 100 + Math.floor(200 * random()),
    copyBandwidth: 8.192e9,
    // Long enough that no load is ever seen, and one interval holds the run.
    contentionWindow: 1e12,
    intervalLength: 1e12,
  };
  return { nodes, accesses, settings, seed };
}

const kitRun = (policy: MigrationPolicy, { nodes, accesses, settings, seed }: Drawn): KitRun => ({
  policy,
  accesses,
  memory: tinyMemory(nodes),
  settings,
  seed,
});

/** Every move by page id, which no renaming of pages changes. */
function movesById({ watched = [] }: RunRecord): string {
  return watched.map(({ access, page, from, to }) => `${access} ${page}:${from}>${to}`).join('\n');
}

/**
 * All latencies and costs doubled, all bandwidths halved: the same moves in twice the time, to the
 * last bit. For policies that no clock drives.
 */
async function twiceTheTime(policy: MigrationPolicy): Promise<void> {
  for (const seed of SEEDS) {
    const drawn = drawUnloaded(policy, seed);
    const noticed = noticing(policy);
    const costs = { fault: 1024, shootdown: 512, movePage: 2048, pteScan: 32, sample: 256 };
    const once = await watchedRun(
      kitRun(noticed.policy, { ...drawn, settings: { ...drawn.settings, ...costs } }),
    );
    if (noticed.looked('clock')) return;
    const twice = await watchedRun(
      kitRun(policy, {
        ...drawn,
        nodes: drawn.nodes.map((node) => ({
          ...node,
          latencyNs: 2 * node.latencyNs,
          writeLatencyNs: 2 * node.writeLatencyNs!,
          bandwidthMbps: node.bandwidthMbps! / 2,
        })),
        settings: {
          ...drawn.settings,
          copyBandwidth: 4.096e9,
          ...Object.fromEntries(Object.entries(costs).map(([name, ns]) => [name, 2 * ns])),
        },
      }),
    );
    const where = `${policy.name}, seed ${seed}`;
    assert(movesById(once) === movesById(twice), `${where}: twice as slow, it moves other pages`);
    for (const time of ['timeNs', 'kernelThreadNs', 'migrationNs'] as const) {
      const [a, b] = [once.totals[time], twice.totals[time]];
      assert(b === 2 * a, `${where}: ${time} ${a} of a machine twice as slow is ${b}`);
    }
  }
}

/** Other page numbers, the same pages: for policies that look at no address. */
async function renamedPages(policy: MigrationPolicy): Promise<void> {
  for (const seed of SEEDS) {
    const drawn = drawUnloaded(policy, seed);
    const noticed = noticing(policy);
    const before = await watchedRun(kitRun(noticed.policy, drawn));
    if (noticed.looked('address')) return;
    const renamed = drawn.accesses.numbers.map((number) => (number * 7919 + 1234) % 1_000_003);
    const after = await watchedRun(
      kitRun(policy, { ...drawn, accesses: { ...drawn.accesses, numbers: renamed } }),
    );
    assert(
      movesById(before) === movesById(after),
      `${policy.name}, seed ${seed}: it looks at no address, and moves other pages when they are renamed`,
    );
  }
}

/** A page that exists and is never accessed changes no move and no time. */
async function untouchedPage(policy: MigrationPolicy): Promise<void> {
  for (const seed of SEEDS) {
    const run = kitRun(policy, drawUnloaded(policy, seed));
    const plain = await watchedRun(run);
    const wider = await watchedRun({ ...run, change: withUntouchedPage });
    assert(
      movesById(plain) === movesById(wider) &&
        plain.totals.time.memoryNs === wider.totals.time.memoryNs &&
        plain.totals.pages + 1 === wider.totals.pages,
      `${policy.name}, seed ${seed}: a page that nobody accesses changes its run`,
    );
  }
}

function withUntouchedPage(trace: AccessTrace): AccessTrace {
  return {
    ...trace,
    async *blocks() {
      let pages = 0;
      for await (const block of trace.blocks()) {
        pages = block.newPageFirst + block.newPageNumber.length;
        yield block;
      }
      yield {
        length: 0,
        page: new Uint32Array(0),
        write: new Uint8Array(0),
        newPageFirst: pages,
        newPageNumber: Float64Array.of(5_000_000),
      };
    },
  };
}

/** The whole record, not only the moves, is that of any other blocks. */
async function sameRecord(policy: MigrationPolicy): Promise<void> {
  for (const seed of SEEDS) {
    const run = kitRun(policy, drawUnloaded(policy, seed));
    const [fine, coarse] = [
      await watchedRun({ ...run, blockAccesses: 17 }),
      await watchedRun({ ...run, blockAccesses: 1000 }),
    ];
    assert(
      canonicalJson(fine) === canonicalJson(coarse),
      `${policy.name}, seed ${seed}: its record depends on the size of blocks`,
    );
  }
}

/** Where all nodes are alike, memory takes the same time under every policy, by a formula. */
async function equalNodes(policy: MigrationPolicy): Promise<void> {
  for (const seed of SEEDS) {
    const drawn = drawUnloaded(policy, seed);
    const nodes = drawn.nodes.map((node) => ({ ...node, latencyNs: 200, writeLatencyNs: 300 }));
    const { totals } = await watchedRun(kitRun(policy, { ...drawn, nodes }));
    const expected = (200 * totals.reads + 300 * totals.writes) / drawn.settings.memoryParallelism;
    assert(
      totals.time.memoryNs === expected,
      `${policy.name}, seed ${seed}: ${totals.time.memoryNs} ns of memory time on equal nodes, expected ${expected}`,
    );
  }
}

type Sight = 'clock' | 'address';

/** `policy`, and what it has looked at so far that a relation may depend on. */
function noticing(policy: MigrationPolicy): {
  readonly policy: MigrationPolicy;
  looked(what: Sight): boolean;
} {
  const seen = new Set<Sight>();
  const watch = <T extends object>(source: T, what: Sight, names?: readonly string[]): T =>
    new Proxy(source, {
      get(target, name) {
        if (names === undefined || names.includes(String(name))) seen.add(what);
        return Reflect.get(target, name) as unknown;
      },
    });
  return {
    looked: (what) => seen.has(what),
    policy: {
      ...policy,
      create(context) {
        const hooks = policy.create({
          ...context,
          clock: watch(context.clock, 'clock'),
          pages: watch(context.pages, 'address', ['at', 'inRange', 'pageNumber']),
        });
        if (hooks.allocate === undefined) return hooks;
        return {
          ...hooks,
          allocate: (request: AllocationRequest) =>
            hooks.allocate?.(watch(request, 'address', ['pageNumber'])),
        };
      },
    },
  };
}

/** The relations, as cases of the conformance suite. */
export const METAMORPHIC: readonly {
  readonly name: string;
  readonly check: (policy: MigrationPolicy) => Promise<void>;
}[] = [
  { name: 'everything twice as slow takes twice the time', check: twiceTheTime },
  { name: 'renamed pages move alike', check: renamedPages },
  { name: 'a page that is never accessed changes nothing', check: untouchedPage },
  { name: 'the record is that of any other blocks', check: sameRecord },
  { name: 'on equal nodes placement does not matter', check: equalNodes },
];
