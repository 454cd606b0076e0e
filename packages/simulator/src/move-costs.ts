import { knownNode } from './engine.ts';
import type { Engine } from './engine.ts';
import { SAME_TIER } from './move-judge.ts';
import { timeSteps } from './time.ts';
import { bestPath } from './traffic.ts';

/** What moves cost in a run, and what they save. */
export interface MoveCosts {
  /** Time to copy `pageCount` base pages from one node to another. */
  readonly copyNs: (from: number, to: number, pageCount: number) => number;
  /** CPU time of moving a folio of `pageCount` base pages, without the copy. */
  readonly workNs: (pageCount: number) => number;
  /**
   * Accesses that pay for the promotion of one base page of such a folio between these nodes, 0 if it
   * is not to be judged; -1 for a demotion, {@link SAME_TIER} within a tier.
   */
  readonly hitsDue: (from: number, to: number, pageCount: number) => number;
  /** What is the same of all moves between two nodes. */
  readonly routeOf: (from: number, to: number) => MoveRoute;
}

/** From one node to another. */
export interface MoveRoute {
  readonly promotes: boolean;
  readonly demotes: boolean;
  readonly intoTopTier: boolean;
  /** CPU time of moving a base page, with the copy, in time steps; 0 where moves are free. */
  readonly pageMoveNs: number;
  /** `hitsDue` of a base page. */
  readonly pageHitsDue: number;
}

/** The costs of a run's moves, or of one where moves are free. */
export function createMoveCosts(engine: Engine, charged: boolean): MoveCosts {
  const { costs } = engine;
  const { nodes } = engine.memory;
  const { nodeSlots } = engine.traffic;
  const pageCopyNs = pageCopyTimes(engine);
  const savedNs = savedTimes(engine);
  const copyNs = (from: number, to: number, count: number): number =>
    count * pageCopyNs[from * nodeSlots + to];
  const workNs = (count: number): number => (count === 1 ? costs.movePageNs : costs.moveHugePageNs);
  const hitsDue = (from: number, to: number, count: number): number => {
    const ranks = knownNode(engine, from).tierRank - knownNode(engine, to).tierRank;
    if (ranks <= 0) return ranks < 0 ? -1 : SAME_TIER;
    const pageNs = charged ? workNs(count) / count + copyNs(from, to, 1) : 0;
    const saved = savedNs[from * nodeSlots + to];
    return saved > 0 ? Math.min(Math.ceil(pageNs / saved), 2 ** 31 - 1) : 0;
  };
  const routes: MoveRoute[] = [];
  for (const from of nodes) {
    for (const to of nodes) {
      routes[from.id * nodeSlots + to.id] = {
        promotes: to.tierRank < from.tierRank,
        demotes: to.tierRank > from.tierRank,
        intoTopTier: to.topTier && !from.topTier,
        pageMoveNs: charged ? timeSteps(workNs(1) + copyNs(from.id, to.id, 1)) : 0,
        pageHitsDue: hitsDue(from.id, to.id, 1),
      };
    }
  }
  return { copyNs, workNs, hitsDue, routeOf: (from, to) => routes[from * nodeSlots + to] };
}

/** Time to copy a base page from one node to another, at `from * nodeSlots + to`. */
function pageCopyTimes(engine: Engine): Float64Array {
  const { nodes } = engine.memory;
  const { nodeSlots } = engine.traffic;
  const times = new Float64Array(nodeSlots * nodeSlots);
  for (const from of nodes) {
    for (const to of nodes) {
      times[from.id * nodeSlots + to.id] = pageCopyTime(engine, from.id, to.id);
    }
  }
  return times;
}

/** Time to copy a base page from one node to another: as fast as both and a core can. */
export function pageCopyTime({ memory, settings }: Engine, from: number, to: number): number {
  const indexOf = (id: number): number => memory.nodes.findIndex((node) => node.id === id);
  const copyMbps = Math.min(
    bestPath(memory, indexOf(from)).readBandwidth,
    bestPath(memory, indexOf(to)).writeBandwidth,
    settings.copyBandwidth / 1e6,
  );
  return (memory.pageBytes / copyMbps) * 1e3;
}

/**
 * Time that an access saves the application on the one node instead of the other, unloaded, at `from * nodeSlots + to`.
 * Hits times this, against the time of the move, is what a promotion comes to.
 *
 * Source: the utility of a hot page in HSCC (ICS 2017): hits times the latency saved, less the cost of its migration.
 */
function savedTimes({ memory, settings, traffic }: Engine): Float64Array {
  const { nodeSlots } = traffic;
  const times = new Float64Array(nodeSlots * nodeSlots);
  const latencyNs = memory.nodes.map((_, i) => bestPath(memory, i).readLatency);
  memory.nodes.forEach((from, i) => {
    memory.nodes.forEach((to, k) => {
      times[from.id * nodeSlots + to.id] =
        (latencyNs[i] - latencyNs[k]) / settings.memoryParallelism;
    });
  });
  return times;
}
