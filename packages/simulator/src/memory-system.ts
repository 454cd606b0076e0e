import type { Bytes, MegabytesPerSecond, Nanoseconds, NodeId } from '@tierlab/core';
import type { Watermarks } from '@tierlab/policy';
import { SimulatorError } from './errors.ts';
import { checkCurve } from './latency-curve.ts';
import type { LatencyCurve } from './latency-curve.ts';

/** The memory that a run is replayed on: nodes in tiers, and how fast each is from where. */
export interface MemorySystem {
  readonly pageBytes: Bytes;
  /** Nodes with memory, by ascending id; ids are below 255. */
  readonly nodes: readonly MemoryNode[];
  /** Nodes that accesses come from, and what they see of each memory node; at least one. */
  readonly initiators: readonly Initiator[];
}

export interface MemoryNode {
  readonly id: NodeId;
  /** Rank of its tier: 0 is the fastest; nodes of one tier share a rank. */
  readonly tierRank: number;
  /** Whether the kernel counts its tier as top tier. */
  readonly topTier: boolean;
  readonly hasCpus: boolean;
  readonly capacityPages: number;
  readonly watermarks: Watermarks;
  readonly curve: LatencyCurve;
  /** The kernel's demotion targets. */
  readonly preferredTargets: readonly NodeId[];
  readonly fallbackTargets: readonly NodeId[];
}

export interface Initiator {
  readonly id: NodeId;
  /** One path a memory node, in the order of {@link MemorySystem.nodes}. */
  readonly paths: readonly MemoryPath[];
}

/** What one initiator sees of one memory node, unloaded. */
export interface MemoryPath {
  readonly readLatency: Nanoseconds;
  readonly writeLatency: Nanoseconds;
  readonly readBandwidth: MegabytesPerSecond;
  readonly writeBandwidth: MegabytesPerSecond;
  /** SLIT distance. */
  readonly distance: number;
}

/**
 * Checks a memory system that a user described.
 *
 * @throws {SimulatorError} `SIM_BAD_MEMORY`, `SIM_BAD_CURVE`.
 */
export function checkMemorySystem(memory: MemorySystem): void {
  if (memory.nodes.length === 0) bad('no node has memory');
  if (memory.initiators.length === 0) bad('no node has CPUs: accesses come from nowhere');
  let before = -1;
  for (const node of memory.nodes) {
    const where = `node ${node.id}`;
    if (!(Number.isInteger(node.id) && node.id > before && node.id < 255)) {
      bad(`${where}: expected whole ids below 255, ascending`);
    }
    before = node.id;
    if (!(Number.isSafeInteger(node.capacityPages) && node.capacityPages >= 0)) {
      bad(`${where}: capacity of ${node.capacityPages} pages: expected a whole number`);
    }
    checkWatermarks(where, node);
    checkCurve(where, node.curve);
  }
  for (const initiator of memory.initiators) {
    if (initiator.paths.length !== memory.nodes.length) {
      bad(
        `initiator ${initiator.id}: ${initiator.paths.length} paths to ${memory.nodes.length} nodes`,
      );
    }
    initiator.paths.forEach((path, i) => checkPath(initiator.id, memory.nodes[i].id, path));
  }
}

function bad(message: string): never {
  throw new SimulatorError('SIM_BAD_MEMORY', message);
}

function checkWatermarks(where: string, { watermarks, capacityPages }: MemoryNode): void {
  const { minPages, lowPages, highPages, promoPages } = watermarks;
  const ascending =
    minPages >= 0 && lowPages >= minPages && highPages >= lowPages && promoPages >= highPages;
  if (!ascending || (minPages > 0 && minPages >= capacityPages)) {
    bad(
      `${where}: watermarks ${minPages}, ${lowPages}, ${highPages}, ${promoPages} of ${capacityPages} pages: expected ascending marks below the capacity`,
    );
  }
}

function checkPath(initiator: number, node: number, path: MemoryPath): void {
  for (const [name, value] of Object.entries(path)) {
    if (Number.isFinite(value) && value > 0) continue;
    bad(`node ${node} from node ${initiator}: ${name} ${value}: expected a positive number`);
  }
}
