import {
  RUN_RECORD_VERSION,
  type NodeMeters,
  type RunInterval,
  type RunRecord,
} from '@tierlab/core';

import type { BesideRecords } from '../src/beside-records.ts';
import { runId } from '../src/run-set.ts';

export interface MadeRun {
  readonly policy: string;
  readonly trace?: string;
  readonly machine?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly groundTruth?: readonly string[];
  readonly relaxes?: readonly string[];
  /** What the policy proved, for a ruler. */
  readonly bound?: RunRecord['bound'];
  readonly seed?: number;
  readonly level?: 'cpu' | 'memory';
  readonly topPages?: number;
  readonly intervals?: number;
  /** Multiplies every time. */
  readonly slower?: number;
}

/** Numbers in [0, 1) from a seed: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A record whose sums hold as the simulator's do, from random figures: three nodes in two tiers, the
 * totals the sums of the intervals.
 */
export function madeRecord(run: MadeRun): RunRecord {
  const seed = run.seed ?? 1;
  const random = seeded(
    seed * 7919 + Array.from(run.policy).reduce((a, c) => a * 31 + c.charCodeAt(0), 7),
  );
  const whole = (max: number): number => Math.floor(random() * max);
  const intervalCount = run.intervals ?? 5;
  const lengthNs = 1e6 * (run.slower ?? 1);
  const intervals: RunInterval[] = Array.from({ length: intervalCount }, (_, i) => {
    const promotedPages = whole(40);
    const demotedPages = whole(30);
    const withinTier = whole(5);
    // Nodes 0 and 1 are the fastest tier, node 2 is the other one.
    const pagesIn = [promotedPages, withinTier, demotedPages];
    const pagesOut = [demotedPages, withinTier, promotedPages];
    const held = 100 + whole(20);
    return {
      startNs: i * lengthNs,
      endNs: (i + 1) * lengthNs,
      promotedPages,
      demotedPages,
      nodes: [0, 1, 2].map((node): NodeMeters => {
        const reads = 500 + whole(4000);
        const writes = whole(2000);
        return {
          reads,
          writes,
          pages: node === 0 ? held : 60,
          pagesIn: pagesIn[node] ?? 0,
          pagesOut: pagesOut[node] ?? 0,
          readBytes: reads * 64 + (pagesOut[node] ?? 0) * 4096,
          writeBytes: writes * 64 + (pagesIn[node] ?? 0) * 4096,
          occupancyNs: (reads + writes) * (90 + node * 80) + whole(1000),
        };
      }),
    };
  });
  const nodes = [0, 1, 2].map((node): NodeMeters => {
    const of = intervals.map((interval) => interval.nodes[node] as NodeMeters);
    const total = (key: keyof NodeMeters): number =>
      of.reduce((sum, meters) => sum + meters[key], 0);
    return {
      reads: total('reads'),
      writes: total('writes'),
      pages: of.at(-1)?.pages ?? 0,
      pagesIn: total('pagesIn'),
      pagesOut: total('pagesOut'),
      readBytes: total('readBytes'),
      writeBytes: total('writeBytes'),
      occupancyNs: total('occupancyNs'),
    };
  });
  const sum = (key: keyof NodeMeters): number => nodes.reduce((all, node) => all + node[key], 0);
  const timeNs = intervalCount * lengthNs;
  const refused = whole(9);
  return {
    schemaVersion: RUN_RECORD_VERSION,
    manifest: {
      tool: { name: 'tierlab', version: '0.1.0' },
      inputs: [
        { role: 'trace', name: run.trace ?? 'xz.trace', sha256: 'ab'.repeat(32) },
        { role: 'machine', name: run.machine ?? 'two-socket-cxl' },
      ],
      trace: {
        format: 'lackey',
        level: run.level ?? 'memory',
        clock: 'instructions',
        pageBytes: 4096,
      },
      policy: {
        name: run.policy,
        params: Object.fromEntries(
          Object.entries(run.params ?? {}).map(([name, value]) => [
            name,
            { value, source: 'flag' as const },
          ]),
        ),
        groundTruth: run.groundTruth ?? [],
        relaxes: run.relaxes ?? [],
      },
      settings: { memoryParallelism: { value: '4', source: 'default' } },
      seed,
    },
    nodes: [0, 1, 2].map((id) => ({
      id,
      tierRank: id === 2 ? 1 : 0,
      capacityPages: id === 0 ? (run.topPages ?? 1000) : 4000,
      readLatencyNs: 90 + id * 80,
      writeLatencyNs: 90 + id * 80,
      readBandwidthMbps: 100_000,
      writeBandwidthMbps: 80_000,
    })),
    totals: {
      accesses: sum('reads') + sum('writes'),
      reads: sum('reads'),
      writes: sum('writes'),
      pages: 300 + whole(100),
      timeNs,
      time: {
        thinkNs: timeNs / 2,
        memoryNs: timeNs / 4,
        faultNs: timeNs / 8,
        moveNs: timeNs / 8,
        sampleNs: 0,
        displacedNs: 0,
      },
      kernelThreadNs: whole(100_000),
      firstTouchNs: timeNs / 64,
      migrationNs: timeNs / 8,
      requests: 120 + refused,
      movedRequests: 120,
      refusedRequests: refused,
      promotedPages: intervals.reduce((all, interval) => all + interval.promotedPages, 0),
      demotedPages: intervals.reduce((all, interval) => all + interval.demotedPages, 0),
      moveOutcome: {
        promotedThenDemotedPages: whole(50),
        demotedThenPromotedPages: whole(40),
        wastedPromotionPages: whole(30),
        unpaidPromotionPages: whole(20),
      },
      nodes,
    },
    intervals,
    vmstat: { pgpromote_success: whole(500) },
    refusals: refused > 0 ? { dst_node_full: refused } : {},
    ...(run.bound && { bound: run.bound }),
  };
}

/** What a command knows of {@link madeSweep} beside its records. */
export function madeBeside(
  records: readonly RunRecord[],
): Required<Omit<BesideRecords, 'refused'>> {
  const groups = new Map<string, RunRecord[]>();
  for (const record of records) {
    const key = JSON.stringify([record.nodes, record.manifest.policy]);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return {
    slowdowns: [...groups.values()].map((group, i) => ({
      runs: group.map(runId),
      mean: 1 + i / 10,
      low: 1 + i / 10 - 0.05,
      high: 1 + i / 10 + 0.06,
    })),
    costs: {
      currency: 'USD',
      expression: 'dram * dramPrice + cxl * cxlPrice',
      quantities: { dramPrice: '4 USD/GiB', cxlPrice: '2 USD/GiB' },
      cost: Object.fromEntries(records.map((record, i) => [runId(record), 10 + i / 3])),
    },
  };
}

/** Five policies on one trace and machine, at two capacities and two seeds. */
export function madeSweep(): RunRecord[] {
  return [500, 1000].flatMap((topPages) =>
    [1, 2].flatMap((seed) => [
      madeRecord({ policy: 'all-fast', relaxes: ['capacity'], slower: 0.8, seed, topPages }),
      madeRecord({
        policy: 'clairvoyant',
        groundTruth: ['nextUse'],
        relaxes: ['moveCost'],
        slower: 0.85,
        // Proved to be met at one of the capacities.
        bound: { placementNs: 8e5 + topPages, attained: topPages === 500 },
        seed,
        topPages,
      }),
      madeRecord({ policy: 'stay-put', slower: 1.3, seed, topPages }),
      madeRecord({ policy: 'hot-threshold', slower: 1.1, seed, topPages }),
      madeRecord({
        policy: 'hot-threshold',
        params: { hotAccesses: '8' },
        slower: 1.05,
        seed,
        topPages,
      }),
    ]),
  );
}
