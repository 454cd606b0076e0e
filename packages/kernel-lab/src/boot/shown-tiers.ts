import { nodeList, type TierState } from '@tierlab/core';

/** Tiers as a kernel shows them in sysfs and logs their demotion targets. */
export interface ShownTiers {
  /** Node list by tier id, e.g. `{ '4': '0-1', '27': '2' }`. */
  readonly tiers: Readonly<Record<string, string>>;
  /** By node: node lists, `null` where there is no target. */
  readonly demotion: Readonly<Record<string, ShownDemotion>>;
  /** By node, then `access0` or `access1`: what `nodeN/accessC/initiators` shows. */
  readonly access: Readonly<Record<string, Readonly<Record<string, ShownCoordinate>>>>;
  /** By node, then class: the initiators linked there. */
  readonly initiators: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  /** By node: `nodeN/distance`. */
  readonly distances: Readonly<Record<string, readonly number[]>>;
}

export interface ShownDemotion {
  readonly preferred: string | null;
  readonly fallback: string | null;
}

/** ns and MB/s, under the names of the files in sysfs. */
export interface ShownCoordinate {
  readonly read_latency: number;
  readonly write_latency: number;
  readonly read_bandwidth: number;
  readonly write_bandwidth: number;
}

/** One thing of which two kernels, or a kernel and the model, show different values. */
export interface TierDifference {
  /** Where it is, e.g. `tiers 27` or `access 1 access0 read_latency`. */
  readonly where: string;
  /** As shown; absent where that side has nothing there. */
  readonly ours?: string;
  readonly theirs?: string;
}

/** What Linux would show of `state`. */
export function shownTiers({ tiers, nodes }: TierState): ShownTiers {
  const access: Record<string, Record<string, ShownCoordinate>> = {};
  const initiators: Record<string, Record<string, readonly number[]>> = {};
  for (const node of nodes) {
    if (node.access === undefined) continue;
    access[node.id] = {};
    initiators[node.id] = {};
    for (const [i, { coordinate, initiators: nearest }] of node.access.entries()) {
      access[node.id][`access${i}`] = {
        read_latency: coordinate.readLatency,
        write_latency: coordinate.writeLatency,
        read_bandwidth: coordinate.readBandwidth,
        write_bandwidth: coordinate.writeBandwidth,
      };
      initiators[node.id][`access${i}`] = [...nearest];
    }
  }
  const withMemory = nodes.filter((node) => node.hasMemory);
  return {
    tiers: Object.fromEntries(tiers.map((tier) => [tier.id, nodeList(tier.nodes)])),
    demotion: Object.fromEntries(
      withMemory.map(({ id, demotion: { preferred, fallback } }) => [
        id,
        preferred.length === 0
          ? { preferred: null, fallback: null }
          : { preferred: nodeList(preferred), fallback: nodeList(fallback) },
      ]),
    ),
    access,
    initiators,
    distances: Object.fromEntries(nodes.map((node) => [node.id, [...node.distances]])),
  };
}

const parts = ['tiers', 'demotion', 'access', 'initiators', 'distances'] as const;

/**
 * Everything that `ours` and `theirs` show differently, in the order of their parts. Demotion targets
 * are left out where `theirs` logged none at all: Linux 6.1 does not.
 */
export function tierDifferences(ours: ShownTiers, theirs: ShownTiers): readonly TierDifference[] {
  const compared = parts.filter(
    (part) => part !== 'demotion' || Object.keys(theirs.demotion).length > 0,
  );
  return compared.flatMap((part) => {
    const left = new Map(leavesOf(part, ours[part]));
    const right = new Map(leavesOf(part, theirs[part]));
    const places = [...new Set([...left.keys(), ...right.keys()])];
    return places
      .filter((where) => left.get(where) !== right.get(where))
      .map((where) => difference(where, left.get(where), right.get(where)));
  });
}

const difference = (where: string, ours?: string, theirs?: string): TierDifference => ({
  where,
  ...(ours === undefined ? {} : { ours }),
  ...(theirs === undefined ? {} : { theirs }),
});

/** Every value of a nested record by the words that lead to it; a list is one value. */
function leavesOf(where: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === null || typeof value !== 'object') return [[where, String(value)]];
  if (Array.isArray(value)) return [[where, value.join(' ')]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(`${where} ${key}`, inner));
}
