import { bootMemory, bytes, megabytesPerSecond, nanoseconds, nodeDistance } from '@tierlab/core';
import type { Bytes, Machine, NodeId } from '@tierlab/core';
import type { Watermarks } from '@tierlab/policy';
import { SimulatorError } from './errors.ts';
import type { LatencyCurve } from './latency-curve.ts';
import type { MemoryPath, MemorySystem } from './memory-system.ts';
import { linuxWatermarks, NO_WATERMARKS } from './watermarks.ts';

/** Where the kernel put a node: what its tiering policies say. */
export interface NodeTier {
  readonly id: NodeId;
  /** Rank of its tier: 0 is the fastest. */
  readonly tierRank: number;
  readonly topTier: boolean;
  readonly preferredTargets: readonly NodeId[];
  readonly fallbackTargets: readonly NodeId[];
}

/** What a machine and its tiers leave open. */
export interface MemoryOptions {
  /** 4 KiB if absent; the page size of the trace. */
  readonly pageBytes?: Bytes;
  /** Less memory than the machine has, or memory that it only gets later, by node. */
  readonly capacity?: ReadonlyMap<NodeId, Bytes>;
  /** `linux` by default; `none` lets the last page of a node be allocated. */
  readonly watermarks?: 'linux' | 'none';
  /** Latency under load, by node; for the others what the machine says, else `curve`, which is flat by default. */
  readonly curves?: ReadonlyMap<NodeId, LatencyCurve>;
  readonly curve?: LatencyCurve;
}

/** A memory system, and what had to be assumed of it because nobody told. */
export interface DescribedMemory {
  readonly memory: MemorySystem;
  readonly assumed: readonly string[];
}

/**
 * What is assumed of an initiator's own memory where no figure is known: a recent server's DRAM. Of
 * farther nodes the SLIT's distances are assumed to be what ACPI defines them as, relative latencies.
 *
 * Source: published measurements of local DRAM, 80 to 120 ns and 52 to 81 GB/s; ACPI 6.5, 5.2.17.
 */
const ASSUMED_LOCAL = { latencyNs: 100, bandwidthMbps: 60_000 };

/**
 * The memory of `machine` as a run needs it, in the tiers that `tiers` names.
 *
 * @throws {SimulatorError} `SIM_BAD_MEMORY`: no tier has memory, or a capacity is not the machine's.
 */
export function memorySystem(
  machine: Machine,
  tiers: readonly NodeTier[],
  options: MemoryOptions = {},
): DescribedMemory {
  const pageBytes = options.pageBytes ?? bytes(4096);
  const placed = tiers.toSorted((a, b) => a.id - b.id);
  const capacityPages = placed.map(({ id }) =>
    Math.floor(capacityOf(machine, id, options) / pageBytes),
  );
  const initiators = machine.nodes.filter((node) => node.online && node.cpus.length > 0);
  const assumed: string[] = [];
  const marks = watermarksOf(options, capacityPages, pageBytes);
  const memory: MemorySystem = {
    pageBytes,
    nodes: placed.map((tier, i) => ({
      ...tier,
      hasCpus: initiators.some((node) => node.id === tier.id),
      capacityPages: capacityPages[i],
      watermarks: marks[i],
      curve:
        options.curves?.get(tier.id) ?? measuredCurve(machine, tier.id) ?? options.curve ?? FLAT,
    })),
    initiators: initiators.map(({ id }) => ({
      id,
      paths: placed.map((tier) => pathOf(machine, id, tier.id, assumed)),
    })),
  };
  return { memory, assumed };
}

const FLAT: LatencyCurve = { kind: 'flat' };

function measuredCurve({ loadedLatencies }: Machine, node: NodeId): LatencyCurve | undefined {
  const loaded = loadedLatencies?.find((each) => each.node === node);
  return loaded && { kind: 'points', points: loaded.points };
}

function capacityOf(machine: Machine, node: NodeId, options: MemoryOptions): number {
  const has = bootMemory(machine, node);
  const wanted = options.capacity?.get(node);
  if (wanted === undefined) return has;
  if (has > 0 && wanted > has) {
    throw new SimulatorError(
      'SIM_BAD_MEMORY',
      `node ${node}: a capacity of ${wanted} bytes, but the machine has ${has}; give less, or describe a larger machine`,
    );
  }
  return wanted;
}

function watermarksOf(
  options: MemoryOptions,
  capacityPages: readonly number[],
  pageBytes: number,
): readonly Watermarks[] {
  if (options.watermarks === 'none') return capacityPages.map(() => NO_WATERMARKS);
  return linuxWatermarks(capacityPages, pageBytes);
}

/** What `initiator` sees of `target`: measured for the pair, else for the target's nearest initiator, else assumed. */
function pathOf(
  machine: Machine,
  initiator: NodeId,
  target: NodeId,
  assumed: string[],
): MemoryPath {
  const distance = nodeDistance(machine, initiator, target);
  const known =
    machine.hmat?.performance.find((pair) => pair.initiator === initiator && pair.target === target)
      ?.coordinate ??
    machine.hmat?.targets.find((entry) => entry.node === target)?.access[1].coordinate;
  const local = nodeDistance(machine, initiator, initiator);
  const latencyNs = (ASSUMED_LOCAL.latencyNs * distance) / local;
  const bandwidthMbps = (ASSUMED_LOCAL.bandwidthMbps * local) / distance;
  const path = {
    readLatency: known?.readLatency || nanoseconds(latencyNs),
    writeLatency: known?.writeLatency || nanoseconds(latencyNs),
    readBandwidth: known?.readBandwidth || megabytesPerSecond(bandwidthMbps),
    writeBandwidth: known?.writeBandwidth || megabytesPerSecond(bandwidthMbps),
    distance,
  };
  const missing = (
    ['readLatency', 'writeLatency', 'readBandwidth', 'writeBandwidth'] as const
  ).filter((name) => !known?.[name]);
  if (missing.length > 0) {
    const values = missing.map((name) => `${name} ${path[name]}`).join(', ');
    assumed.push(
      `node ${target} from node ${initiator}: ${values}, from distance ${distance}: the machine does not say`,
    );
  }
  return path;
}
