import { holds, type KernelVersion } from '../kernel.ts';
import type { NodeId } from '../units.ts';
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

function nearest(
  state: TierState,
  from: TierNode,
  candidates: readonly NodeId[],
): NodeId | undefined {
  const distance = (to: NodeId): number =>
    from.distances[state.nodes.findIndex(({ id }) => id === to)] ?? Infinity;
  return candidates.toSorted((a, b) => distance(a) - distance(b) || a - b)[0];
}
