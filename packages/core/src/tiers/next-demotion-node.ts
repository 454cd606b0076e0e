import { holds, type KernelVersion } from '../kernel.ts';
import { REMOTE_DISTANCE } from '../machine.ts';
import type { NodeId } from '../units.ts';
import { rankNodes } from './demotion.ts';
import { ALLOWED_DEMOTION } from './rules.ts';
import type { TierNode, TierState } from './state.ts';

/**
 * The node that a page of `node` is demoted to: drawn at random from the preferred targets.
 * `random` gives numbers in [0, 1). `undefined`: there is none.
 *
 * From Linux 7.0 on only `allowed` nodes count, and if no preferred one is allowed, the nearest
 * allowed node of the lower tiers is taken; before, `allowed` is not looked at.
 * Source: Linux mm/memory-tiers.c next_demotion_node; rule `allowed-demotion`.
 */
export function nextDemotionNode(
  state: TierState,
  node: NodeId,
  allowed: ReadonlySet<NodeId> | undefined,
  random: () => number,
  kernel: KernelVersion,
): NodeId | undefined {
  const from = state.nodes.find(({ id }) => id === node);
  if (!from) return undefined;
  const { preferred, fallback } = from.demotion;
  if (!allowed || !holds(ALLOWED_DEMOTION, kernel)) return draw(preferred, random);
  const allowedPreferred = preferred.filter((target) => allowed.has(target));
  if (allowedPreferred.length > 0) return draw(allowedPreferred, random);
  const allowedFallback = fallback.filter((target) => allowed.has(target));
  return nearest(state, from, allowedFallback);
}

function draw(nodes: readonly NodeId[], random: () => number): NodeId | undefined {
  return nodes[Math.floor(random() * nodes.length)];
}

/** By the order in which zonelists are built: distance with its penalties, then load, then id. */
function nearest(
  { nodes }: TierState,
  from: TierNode,
  candidates: readonly NodeId[],
): NodeId | undefined {
  const distances = new Map(nodes.map(({ id }, i) => [id, from.distances[i] ?? REMOTE_DISTANCE]));
  const ranked = rankNodes(from.id, candidates, {
    distance: (_, to) => distances.get(to) ?? REMOTE_DISTANCE,
    memoryNodes: candidates,
    withCpus: new Set(nodes.filter((node) => node.hasCpu).map((node) => node.id)),
    nodeLoad: new Map(nodes.map((node) => [node.id, node.nodeLoad])),
  });
  return ranked[0]?.node;
}
