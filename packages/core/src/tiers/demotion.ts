import { assert } from '../errors.ts';
import type { NodeId } from '../units.ts';

/** What the order of nodes depends on. */
export interface NodeOrder {
  readonly distance: (from: NodeId, to: NodeId) => number;
  /** Nodes with memory, ascending. */
  readonly memoryNodes: readonly NodeId[];
  readonly withCpus: ReadonlySet<NodeId>;
  readonly nodeLoad: ReadonlyMap<NodeId, number>;
}

/** Largest node count of distribution kernels: distances weigh so much more than load. Source: Linux CONFIG_NODES_SHIFT=10. */
const MAX_NUMNODES = 1024;

/** A candidate of demotion, or of a zonelist. */
export interface RankedNode {
  readonly node: NodeId;
  /** `node_distance` as it is. */
  readonly distance: number;
  /** The distance with its penalties: one for a node of lower id, one for a node with CPUs. */
  readonly penalised: number;
}

function rankNode(
  node: NodeId,
  candidate: NodeId,
  { distance, withCpus }: Omit<NodeOrder, 'nodeLoad'>,
): RankedNode {
  const raw = distance(node, candidate);
  const penalty = Number(candidate < node) + Number(withCpus.has(candidate));
  return { node: candidate, distance: raw, penalised: raw + penalty };
}

/** Lowest is best. */
const scoreOf = (ranked: RankedNode, nodeLoad: NodeOrder['nodeLoad']): number =>
  ranked.penalised * MAX_NUMNODES + (nodeLoad.get(ranked.node) ?? 0);

/**
 * `candidates` as seen from `node`, best first: by penalised distance, between equals by load, then
 * by id. `candidates` is ascending. Source: Linux mm/page_alloc.c find_next_best_node.
 */
export function rankNodes(
  node: NodeId,
  candidates: readonly NodeId[],
  order: NodeOrder,
): RankedNode[] {
  return candidates
    .map((candidate) => rankNode(node, candidate, order))
    .sort((a, b) => scoreOf(a, order.nodeLoad) - scoreOf(b, order.nodeLoad));
}

/**
 * How often each node heads a group of equally distant ones in other nodes' zonelists. Built for
 * every possible node in turn, each walk with the loads of those before, and its own.
 * Source: Linux mm/page_alloc.c build_zonelists.
 */
export function buildNodeLoad(
  possibleNodes: readonly NodeId[],
  order: Omit<NodeOrder, 'nodeLoad'>,
): Map<NodeId, number> {
  const nodeLoad = new Map<NodeId, number>();
  for (const node of possibleNodes) {
    const left = order.memoryNodes
      .filter((other) => other !== node)
      .map((other) => rankNode(node, other, order));
    // A node with memory heads its own list, at no distance from itself.
    let previous: number = order.distance(node, node);
    while (left.length > 0) {
      const next = takeBest(left, nodeLoad);
      if (next.distance !== previous) nodeLoad.set(next.node, (nodeLoad.get(next.node) ?? 0) + 1);
      previous = next.distance;
    }
  }
  return nodeLoad;
}

/** Takes the best out of `left`; loads change between two calls, so that nothing can be sorted ahead. */
function takeBest(left: RankedNode[], nodeLoad: NodeOrder['nodeLoad']): RankedNode {
  let best = 0;
  for (let i = 1; i < left.length; i++)
    if (scoreOf(left[i]!, nodeLoad) < scoreOf(left[best]!, nodeLoad)) best = i;
  const [taken] = left.splice(best, 1);
  assert(taken, 'the best of no nodes');
  return taken;
}

/**
 * Of the ranked nodes of the next tier those that pages are demoted to: from the first on, as long
 * as the raw distance stays the same. Ties share demotion: one of them is drawn per page.
 * Source: Linux mm/memory-tiers.c establish_demotion_targets.
 */
export function preferredTargets(ranked: readonly RankedNode[]): NodeId[] {
  const end = ranked.findIndex(({ distance }) => distance !== ranked[0]!.distance);
  return ranked
    .slice(0, end === -1 ? undefined : end)
    .map(({ node }) => node)
    .sort((a, b) => a - b);
}
