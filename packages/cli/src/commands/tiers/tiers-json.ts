import {
  kernelName,
  nodeList,
  stepText,
  type KernelVersion,
  type NodeAccess,
  type NodeId,
  type Reason,
  type TierHistory,
  type TierNode,
  type TierState,
} from '@tierlab/core';

/** Version of the form of the objects below. */
export const TIERS_SCHEMA_VERSION = 1;

/** Tiers and nodes of one moment, under the names that sysfs shows. */
export function stateJson(state: TierState): { readonly tiers: object; readonly nodes: object } {
  return {
    tiers: Object.fromEntries(state.tiers.map((tier) => [tier.id, nodeList(tier.nodes)])),
    nodes: Object.fromEntries(state.nodes.map((node) => [node.id, nodeJson(node)])),
  };
}

/** A machine's answer, one object. `notes` are the reasons, as `--explain` prints them. */
export function tiersJson(
  machine: string,
  kernel: KernelVersion,
  history: TierHistory,
  notes: readonly string[],
): object {
  return {
    schemaVersion: TIERS_SCHEMA_VERSION,
    machine,
    kernel: kernelName(kernel),
    ...stateJson(history.boot),
    notes: [...notes, ...history.reasons.map(reasonText)],
    steps: history.steps.map(({ step, refused, reasons, state }) => ({
      step: stepText(step),
      ...(refused !== undefined && { refused }),
      ...stateJson(state),
      notes: reasons.map(reasonText),
    })),
  };
}

/** A reason in one line: `hmat, node 1: ...`. */
export function reasonText({ rule, node, text }: Reason): string {
  return node === undefined ? `${rule}: ${text}` : `${rule}, node ${node}: ${text}`;
}

function nodeJson(node: TierNode): object {
  return {
    adistance: node.adistance ?? null,
    tier: node.tier ?? null,
    answeredBy: node.answeredBy ?? null,
    topTier: node.topTier,
    access0: coordinateJson(node.access?.[0]),
    access1: coordinateJson(node.access?.[1]),
    initiators: {
      access0: nodeListOrNull(node.access?.[0].initiators),
      access1: nodeListOrNull(node.access?.[1].initiators),
    },
    demotion: {
      preferred: nodeListOrNull(node.demotion.preferred),
      fallback: nodeListOrNull(node.demotion.fallback),
    },
    distances: node.distances,
  };
}

function coordinateJson(access: NodeAccess | undefined): object | null {
  return access === undefined ? null : { ...access.coordinate };
}

function nodeListOrNull(nodes: readonly NodeId[] | undefined): string | null {
  return nodes === undefined || nodes.length === 0 ? null : nodeList(nodes);
}
