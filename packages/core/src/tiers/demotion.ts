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

/**
 * The next best of `candidates` for memory of `node`: by distance, one worse for a node of lower
 * id, one worse for a node with CPUs; between equals by load, then by id.
 * `candidates` is ascending. Source: Linux mm/page_alloc.c find_next_best_node.
 */
export function nextBestNode(
  node: NodeId,
  candidates: readonly NodeId[],
  { distance, withCpus, nodeLoad }: NodeOrder,
): NodeId | undefined {
  let best: NodeId | undefined;
  let bestScore = Infinity;
  for (const candidate of candidates) {
    const penalty = Number(candidate < node) + Number(withCpus.has(candidate));
    const score =
      (distance(node, candidate) + penalty) * MAX_NUMNODES + (nodeLoad.get(candidate) ?? 0);
    if (score >= bestScore) continue;
    best = candidate;
    bestScore = score;
  }
  return best;
}

/**
 * How often each node heads a group of equally distant ones in other nodes' zonelists. Built for
 * every possible node in turn, each walk with the loads of those before.
 * Source: Linux mm/page_alloc.c build_zonelists.
 */
export function buildNodeLoad(
  possibleNodes: readonly NodeId[],
  order: Omit<NodeOrder, 'nodeLoad'>,
): Map<NodeId, number> {
  const nodeLoad = new Map<NodeId, number>();
  for (const node of possibleNodes) {
    const left = [...order.memoryNodes];
    let previous = node;
    while (left.length > 0) {
      const next = left.includes(node) ? node : nextBestNode(node, left, { ...order, nodeLoad })!;
      left.splice(left.indexOf(next), 1);
      if (order.distance(node, next) !== order.distance(node, previous))
        nodeLoad.set(next, (nodeLoad.get(next) ?? 0) + 1);
      previous = next;
    }
  }
  return nodeLoad;
}

/**
 * The nodes of the next tier that `node` demotes to: in order of score, as long as the raw distance
 * stays that of the first. Ties share demotion: one of them is drawn per page.
 * Source: Linux mm/memory-tiers.c establish_demotion_targets.
 */
export function preferredTargets(
  node: NodeId,
  nextTier: readonly NodeId[],
  order: NodeOrder,
): NodeId[] {
  const preferred: NodeId[] = [];
  const left = [...nextTier];
  while (left.length > 0) {
    const next = nextBestNode(node, left, order)!;
    const first = preferred[0] ?? next;
    if (order.distance(node, next) !== order.distance(node, first)) break;
    preferred.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return preferred.sort((a, b) => a - b);
}
