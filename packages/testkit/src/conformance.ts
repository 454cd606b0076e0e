import { assert } from '@tierlab/core';
import { gateMoves, PolicyError, resolveParams } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { replayMany, tinyMemory } from '@tierlab/simulator';
import {
  drawAccesses,
  drawMemory,
  drawSettings,
  drawSizeFor,
  nodesMaxFor,
  traceOf,
} from './draw.ts';
import type { DrawnAccesses } from './draw.ts';
import { guarded } from './guarded.ts';
import { METAMORPHIC } from './metamorphic.ts';
import { createRandom } from './random.ts';
import { showMoves, watchedRun } from './watched-run.ts';
import type { KitRun } from './watched-run.ts';

/** One thing that every migration policy must hold to. */
export interface ConformanceCase {
  readonly name: string;
  /** Rejects with an AssertionError that says what the policy did. */
  readonly check: (policy: MigrationPolicy) => Promise<void>;
}

const isWrite = (): boolean => false;
const SEEDS = [1, 2, 3, 4];

function drawKitRun(policy: MigrationPolicy, seed: number): KitRun {
  const random = createRandom(seed);
  const drawn = drawAccesses(random, drawSizeFor(policy, { pagesMax: 200, accessesMax: 4000 }));
  const memory = drawMemory(random, drawn.pageCount, false, nodesMaxFor(policy));
  const settings = drawSettings(random, drawn.time !== undefined, false);
  return { policy, accesses: drawn, memory, settings, seed };
}

async function sameMoves(what: string, a: KitRun, b: KitRun): Promise<void> {
  const [first, second] = [await watchedRun(a), await watchedRun(b)];
  assert(
    showMoves(first) === showMoves(second),
    `${a.policy.name}, seed ${a.seed}: ${what} changes its moves`,
  );
}

async function sameSeed(policy: MigrationPolicy): Promise<void> {
  for (const seed of SEEDS) {
    const run = drawKitRun(policy, seed);
    await sameMoves('running it again', run, run);
  }
}

async function anyBlockSize(policy: MigrationPolicy): Promise<void> {
  for (const seed of SEEDS) {
    const run = drawKitRun(policy, seed);
    await sameMoves('the size of blocks', { ...run, blockAccesses: 13 }, run);
  }
}

async function sideBySide(policy: MigrationPolicy): Promise<void> {
  for (const seed of SEEDS.slice(0, 3)) {
    const { accesses, memory, settings } = drawKitRun(policy, seed);
    const watchedPages = Array.from(new Set(accesses.numbers));
    const requests = [seed, seed + 100].map((runSeed) => ({
      policy,
      memory,
      watchedPages,
      seed: runSeed,
      ...(settings && { settings }),
    }));
    const together = await replayMany(traceOf(accesses, 31), requests);
    for (const [i, request] of requests.entries()) {
      const [alone] = await replayMany(traceOf(accesses, 31), [request]);
      assert(
        showMoves(alone) === showMoves(together[i]),
        `${policy.name}, seed ${seed}: another run beside it changes its moves: state outside create`,
      );
    }
  }
}

async function keepsToItsViews(policy: MigrationPolicy): Promise<void> {
  for (const seed of SEEDS) await watchedRun(drawKitRun(guarded(policy), seed));
}

async function survivesRefusals(policy: MigrationPolicy): Promise<void> {
  for (const share of [0, 0.5]) {
    for (const seed of SEEDS.slice(0, 3)) {
      const random = createRandom(seed);
      const refused: MigrationPolicy = {
        ...policy,
        create: (context) =>
          policy.create({ ...context, moves: gateMoves(context.moves, () => random() < share) }),
      };
      await watchedRun(drawKitRun(refused, seed));
    }
  }
}

async function oneTier(policy: MigrationPolicy): Promise<void> {
  const run = drawKitRun(policy, 1);
  const memory = tinyMemory([{ pages: run.accesses.pageCount, latencyNs: 100 }]);
  const record = await watchedRun({ ...run, memory });
  assert(record.totals.movedRequests === 0, `${policy.name} moves pages on a machine of one tier`);
}

async function edges(policy: MigrationPolicy): Promise<void> {
  const memory = tinyMemory([
    { pages: 1, latencyNs: 100 },
    { pages: 1 << 17, latencyNs: 300 },
  ]);
  const many = Array.from({ length: 1 << 17 }, (_, i) => i);
  const cases: DrawnAccesses[] = [
    { numbers: [], pageCount: 0, isWrite },
    { numbers: [7], pageCount: 1, isWrite },
    { numbers: Array.from({ length: 5000 }, () => 7), pageCount: 1, isWrite },
    { numbers: Array.from({ length: 5000 }, (_, i) => i % 2), pageCount: 2, isWrite },
    { numbers: many, pageCount: many.length, isWrite },
  ];
  for (const accesses of cases) {
    const settings = { epochAccesses: 50_000 };
    await replayMany(traceOf(accesses), [{ policy, memory, settings }]);
  }
}

/** Parameters out of range are told with the names of policy and parameter. */
function badParams(policy: MigrationPolicy): Promise<void> {
  for (const [name, param] of Object.entries(policy.params)) {
    for (const value of ['-1', 'no such value', -1, Number.NaN]) {
      let told: unknown;
      try {
        resolveParams(policy.name, policy.params, { [name]: value });
      } catch (error) {
        told = error;
      }
      const parsed = typeof value === 'string' ? param.parse(value) : undefined;
      if (typeof param.default === 'string' && parsed !== undefined && 'value' in parsed) continue;
      assert(
        told instanceof PolicyError &&
          told.code === 'POLICY_BAD_PARAM' &&
          told.message.startsWith(`${policy.name}: ${name}: `),
        `${policy.name}: ${name} takes ${JSON.stringify(value)}`,
      );
    }
  }
  return Promise.resolve();
}

/** No run is faster than its accesses served by the fastest memory, unloaded. */
async function bracket(policy: MigrationPolicy): Promise<void> {
  for (const seed of SEEDS) {
    const run = drawKitRun(policy, seed);
    const { totals, nodes } = await watchedRun(run);
    const fastest = (kind: 'readLatencyNs' | 'writeLatencyNs'): number =>
      Math.min(...nodes.map((node) => node[kind]));
    const parallelism = Number(run.settings?.memoryParallelism);
    const bound =
      (totals.reads * fastest('readLatencyNs') + totals.writes * fastest('writeLatencyNs')) /
      parallelism;
    // A charge is rounded down to 1/256 ns.
    assert(
      totals.time.memoryNs >= bound - totals.accesses / 256,
      `${policy.name}, seed ${seed}: ${totals.time.memoryNs} ns of memory time, all-fast ${bound}`,
    );
  }
}

/**
 * Pages that are equally hot are treated alike, whatever their ids: over many runs in which fewer
 * pages can move than would, the ids of those that first move up must have the mean of all.
 */
async function noPageFavoured(policy: MigrationPolicy): Promise<void> {
  const pageCount = 120;
  const room = 12;
  const watermarks = { minPages: 0, lowPages: room, highPages: room, promoPages: room };
  const memory = tinyMemory([
    // First touch stops at the low watermark; moves may use the rest.
    { pages: 2 * room, latencyNs: 100, watermarks },
    { pages: pageCount, latencyNs: 300 },
  ]);
  let sum = 0;
  let moved = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const accesses = equallyHot(pageCount, createRandom(seed));
    const settings = { epochAccesses: accesses.numbers.length };
    const { watched = [] } = await watchedRun({ policy, accesses, memory, settings, seed });
    for (const { page, from, to } of watched) {
      if (to >= from || page < room) continue;
      sum += page;
      moved++;
    }
  }
  // Fewer than this say nothing: a policy that moves no page of a tie has nothing to be biased in.
  if (moved < 100) return;
  const mean = (room + pageCount - 1) / 2;
  const deviation = (pageCount - room) / Math.sqrt(12 * moved);
  const distance = Math.abs(sum / moved - mean) / deviation;
  assert(
    distance < 5,
    `${policy.name} favours pages for their ids: those moved up have mean id ${sum / moved}, all candidates ${mean} (${distance} deviations); rank them with hottest()`,
  );
}

/** First touches in order of id, then every page ten times in an order of its own. */
function equallyHot(pageCount: number, random: () => number): DrawnAccesses {
  const numbers = Array.from({ length: pageCount }, (_, page) => page);
  for (let round = 0; round < 10; round++) {
    const order = Array.from({ length: pageCount }, (_, page) => page);
    for (let i = pageCount - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    numbers.push(...order);
  }
  return { numbers, pageCount, isWrite: () => false };
}

/** What `describeMigrationPolicy` checks, in order. */
export const MIGRATION_CONFORMANCE: readonly ConformanceCase[] = [
  { name: 'the same seed gives the same moves', check: sameSeed },
  { name: 'the size of blocks is invisible', check: anyBlockSize },
  { name: 'two runs side by side are two runs apart', check: sideBySide },
  { name: 'it reads what it declared and writes to nothing it is shown', check: keepsToItsViews },
  { name: 'it survives refusals', check: survivesRefusals },
  { name: 'nothing moves on a machine of one tier', check: oneTier },
  { name: 'empty, tiny and wide traces', check: edges },
  { name: 'parameters out of range are told', check: badParams },
  { name: 'no run beats the fastest memory', check: bracket },
  { name: 'equally hot pages are treated alike', check: noPageFavoured },
  ...METAMORPHIC,
];
