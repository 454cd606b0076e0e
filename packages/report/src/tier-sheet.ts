import type { RunRecord } from '@tierlab/core';

/** The tiers of a machine, fastest first, as a report shows them. */
export interface TierSheet {
  readonly machine: string;
  /** The kernel whose tiers they are. */
  readonly kernel?: string;
  readonly tiers: readonly SheetTier[];
  /** What decided, in order. */
  readonly notes: readonly string[];
}

export interface SheetTier {
  /** As the kernel names it: `memory_tier4`. */
  readonly name: string;
  readonly nodes: readonly SheetNode[];
}

export interface SheetNode {
  readonly id: number;
  readonly memoryBytes?: number;
  /** Node or CPU list; empty for a node without CPUs. */
  readonly cpus?: string;
  readonly adistance?: number;
  /** The tiering policy that answered for the node. */
  readonly answeredBy?: string;
  readonly readLatencyNs?: number;
  readonly readBandwidthMbps?: number;
  /** Preferred demotion targets as a node list. */
  readonly demotion?: string;
  /** Why the node is where it is. */
  readonly reasons: readonly string[];
}

/** What a run record alone knows of its machine: ranks, capacities and speeds, no reasons. */
export function sheetOfRecord(record: RunRecord, machine: string): TierSheet {
  const ranks = [...new Set(record.nodes.map((node) => node.tierRank))].toSorted((a, b) => a - b);
  return {
    machine,
    notes: [],
    tiers: ranks.map((rank) => ({
      name: `tier ${rank}`,
      nodes: record.nodes
        .filter((node) => node.tierRank === rank)
        .map((node) => ({
          id: node.id,
          memoryBytes: node.capacityPages * record.manifest.trace.pageBytes,
          readLatencyNs: node.readLatencyNs,
          readBandwidthMbps: node.readBandwidthMbps,
          reasons: [],
        })),
    })),
  };
}
