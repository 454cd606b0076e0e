import {
  kernelName,
  nodeList,
  type KernelVersion,
  type Machine,
  type TierHistory,
} from '@tierlab/core';
import type { SheetNode, TierSheet } from '@tierlab/report';
import type { MemorySystem } from '@tierlab/simulator';

import { noteText } from './machine-text.ts';

/** The tiers that `history` ends in as a report shows them, with the rules that decided. */
export function tierSheet(
  name: string,
  kernel: KernelVersion,
  machine: Machine,
  history: TierHistory,
  memory: MemorySystem,
): TierSheet {
  const reasons = [...history.reasons, ...history.steps.flatMap((step) => step.reasons)];
  const { tiers, nodes } = history.final;
  const sheetNode = (id: number): SheetNode => {
    const node = nodes.find((each) => each.id === id);
    const capacityPages = memory.nodes.find((each) => each.id === id)?.capacityPages;
    const access = node?.access?.[1].coordinate;
    return {
      id,
      ...(capacityPages !== undefined && { memoryBytes: capacityPages * memory.pageBytes }),
      cpus: nodeList(machine.nodes.find((each) => each.id === id)?.cpus ?? []),
      ...(node?.adistance !== undefined && { adistance: node.adistance }),
      ...(node?.answeredBy !== undefined && { answeredBy: node.answeredBy }),
      ...(access && {
        readLatencyNs: access.readLatency,
        readBandwidthMbps: access.readBandwidth,
      }),
      demotion: nodeList(node?.demotion.preferred ?? []),
      reasons: reasons
        .filter((reason) => reason.node === id)
        .map(({ rule, text }) => `${rule}: ${text}`),
    };
  };
  return {
    machine: name,
    kernel: kernelName(kernel),
    tiers: tiers.map((tier) => ({
      name: `memory_tier${tier.id}`,
      nodes: tier.nodes.map(sheetNode),
    })),
    notes: [
      ...machine.notes.map(noteText),
      ...reasons
        .filter((reason) => reason.node === undefined)
        .map(({ rule, text }) => `${rule}: ${text}`),
    ],
  };
}
