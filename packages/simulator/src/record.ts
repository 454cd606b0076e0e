import { RUN_RECORD_VERSION } from '@tierlab/core';
import type {
  MoveOutcome,
  RunInterval,
  RunManifest,
  RunNode,
  RunRecord,
  RunTotals,
} from '@tierlab/core';
import { GROUND_TRUTH, PolicyError } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import type { SourceDeclaration } from '@tierlab/trace';
import type { Engine } from './engine.ts';
import { CLOCK_NS, THINK_NS } from './kernels/span.ts';
import { nodeMeters } from './meters.ts';
import { bestPath } from './traffic.ts';

/** The parts of a manifest that the caller of a run knows. */
export interface GivenManifest {
  readonly tool: RunManifest['tool'];
  readonly inputs: RunManifest['inputs'];
  readonly params: RunManifest['policy']['params'];
  readonly settings: RunManifest['settings'];
}

/** What is known of a run only when it is over. */
export interface SettledRun {
  readonly intervals: readonly RunInterval[];
  readonly outcome: MoveOutcome;
}

/** The record of a run that is over. */
export function makeRecord(
  engine: Engine,
  policy: MigrationPolicy,
  declaration: SourceDeclaration,
  seed: number,
  given: GivenManifest,
  { intervals, outcome }: SettledRun,
): RunRecord {
  const bound = engine.hooks.bound?.();
  if (bound !== undefined && !(bound.placementNs >= 0)) {
    throw new PolicyError(
      'POLICY_BAD_HOOKS',
      `${policy.name}: hook bound: expected a time, got ${bound.placementNs} ns`,
    );
  }
  const placement = engine.placement?.outcome();
  return {
    schemaVersion: RUN_RECORD_VERSION,
    manifest: {
      tool: given.tool,
      inputs: given.inputs,
      trace: {
        format: declaration.format,
        level: declaration.level,
        clock: declaration.clock,
        pageBytes: engine.memory.pageBytes,
        ...(declaration.samplePeriod !== undefined && { samplePeriod: declaration.samplePeriod }),
        ...(declaration.countedBy && { countedBy: declaration.countedBy }),
        ...(declaration.addressSpace !== 'virtual' && { addressSpace: declaration.addressSpace }),
      },
      policy: {
        name: policy.name,
        params: given.params,
        groundTruth: policy.signals.filter((signal) => GROUND_TRUTH.includes(signal)),
        relaxes: policy.relaxes,
      },
      settings: given.settings,
      seed,
    },
    nodes: runNodes(engine),
    totals: { ...runTotals(engine), moveOutcome: outcome },
    intervals,
    vmstat: sortedObject(vmstatOf(engine)),
    refusals: sortedObject(engine.refusals),
    ...(engine.watchedNumbers.size > 0 && { watched: engine.watched }),
    ...(bound && { bound }),
    ...(placement && placement.namedPages > 0 && { placement }),
  };
}

function runNodes(engine: Engine): RunNode[] {
  const { memory } = engine;
  return memory.nodes.map((node, i) => {
    const path = bestPath(memory, i);
    return {
      id: node.id,
      tierRank: node.tierRank,
      capacityPages: node.capacityPages,
      readLatencyNs: path.readLatency,
      writeLatencyNs: path.writeLatency,
      readBandwidthMbps: path.readBandwidth,
      writeBandwidthMbps: path.writeBandwidth,
    };
  });
}

function runTotals(engine: Engine): RunTotals {
  const nodes = nodeMeters(engine);
  const { registers } = engine.span;
  let refusedRequests = 0;
  for (const count of engine.refusals.values()) refusedRequests += count;
  return {
    accesses: engine.accessCount,
    reads: nodes.reduce((sum, node) => sum + node.reads, 0),
    writes: nodes.reduce((sum, node) => sum + node.writes, 0),
    pages: engine.pages.count,
    timeNs: registers[CLOCK_NS],
    time: {
      thinkNs: registers[THINK_NS],
      memoryNs: engine.traffic.memoryNs,
      faultNs: engine.time.faultNs,
      moveNs: engine.time.moveNs,
      sampleNs: engine.time.sampleNs,
      displacedNs: engine.time.displacedNs,
    },
    kernelThreadNs: engine.kernelThreadNs,
    migrationNs: engine.migrationNs,
    firstTouchNs: engine.firstTouchNs,
    requests: engine.requests,
    movedRequests: engine.movedRequests,
    refusedRequests,
    promotedPages: engine.promotedPages,
    demotedPages: engine.demotedPages,
    nodes,
  };
}

/** What never happened is not there, unless a policy says that it did not. */
function vmstatOf({ events, vmstat }: Engine): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [name, { count }] of vmstat) counts.set(name, count);
  for (const [name, count] of Object.entries(events))
    if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
  return counts;
}

function sortedObject(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
