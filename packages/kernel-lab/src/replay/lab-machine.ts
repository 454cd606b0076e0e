import { createZones, type MemoryNode, type Zone } from '@tierlab/linux-mm';
import type { MeasuredGuest } from '../boot/measure-costs.ts';
import { KernelLabError } from '../errors.ts';
import type { KernelRecord } from '../record.ts';
import { largestZone, parseZoneinfo } from '../zoneinfo.ts';
import { listAtStart } from './list-at-start.ts';

/** Nodes and zones of a record's machine just before the program's first touch. */
export interface LabMachine {
  readonly nodes: readonly MemoryNode[];
  readonly zones: readonly Zone[];
  /** First page frame of each node. */
  readonly nodeFirstFrame: readonly number[];
  /** Frames at the start of each zone that are in use before the program starts. */
  readonly usedFrames: readonly number[];
}

/** The guest's only CPU is on this node. */
export const CPU_NODE = 0;

/**
 * Reads the machine from a record's `zoneinfo`, `tiers` and `demotion`. `facts`: what the measuring program found under
 * the record's kernel.
 *
 * @throws {KernelLabError} `LAB_BAD_RECORD`.
 */
export function labMachine(record: KernelRecord, facts: MeasuredGuest['facts']): LabMachine {
  const shown = parseZoneinfo(record.zoneinfo, record.name);
  const largest = largestZone(shown, CPU_NODE);
  const descriptions = shown.map((zone) =>
    zone === largest ? { ...zone, ...listAtStart(zone, facts) } : zone,
  );
  const nodeIds = [...new Set(descriptions.map((zone) => zone.node))].toSorted((a, b) => a - b);
  if (nodeIds.some((node, index) => node !== index))
    throw new KernelLabError(
      'LAB_BAD_RECORD',
      `${record.name}: zoneinfo: expected nodes from 0 with memory, got ${nodeIds.join(', ')}`,
    );
  const zones = nodeIds.flatMap((node) =>
    createZones(
      descriptions.filter((zone) => zone.node === node),
      node === CPU_NODE ? 1 : 0,
    ),
  );
  const tierOf = tierNumbers(record, nodeIds.length);
  const nodes = nodeIds.map((node): MemoryNode => {
    const [preferredTargets, fallbackTargets] = demotionTargets(record, node);
    const zonesOfNode = zones
      .flatMap((zone, index) => (zone.node === node ? [index] : []))
      .toReversed();
    return {
      zones: zonesOfNode,
      presentPages: zonesOfNode.reduce((sum, index) => sum + (zones[index]?.presentPages ?? 0), 0),
      topTier: (tierOf[node] ?? 0) <= (tierOf[CPU_NODE] ?? 0),
      preferredTargets,
      fallbackTargets,
      zonelist: [node, ...nodeIds.filter((other) => other !== node)],
    };
  });
  return {
    nodes,
    zones,
    nodeFirstFrame: nodeFirstFrames(record, nodeIds.length),
    usedFrames: zones.map(usedFrames),
  };
}

/** Nodes follow each other in memory, each as large as QEMU was told. */
function nodeFirstFrames(record: KernelRecord, nodeCount: number): number[] {
  const frames = [0];
  for (const argument of record.qemu) {
    const size = /^memory-backend-ram,size=(\d+)M,/.exec(argument);
    if (size !== null) frames.push((frames.at(-1) ?? 0) + Number(size[1]) * 256);
  }
  return frames.slice(0, nodeCount);
}

/** Node 0 holds the kernel, from its low addresses up; what boot takes elsewhere it takes from the top.
 *  Source: mm/memblock.c, allocation from the top down. */
function usedFrames(zone: Zone): number {
  return zone.node === CPU_NODE ? zone.presentPages - zone.freePages : 0;
}

function tierNumbers(record: KernelRecord, nodeCount: number): number[] {
  const tierOf = Array.from({ length: nodeCount }, () => 0);
  for (const [tier, list] of Object.entries(record.tiers))
    for (const node of parseList(list)) tierOf[node] = Number(tier.replace('memory_tier', ''));
  return tierOf;
}

/** Preferred and fallback targets as the kernel logged them. */
function demotionTargets(record: KernelRecord, node: number): [number[], number[]] {
  const line = record.demotion.find((text) => text.includes(`Node ${node}:`)) ?? '';
  const match = /preferred: ([\d,-]+), fallback: ([\d,-]+)/.exec(line);
  return match === null ? [[], []] : [parseList(match[1] ?? ''), parseList(match[2] ?? '')];
}

/** Reads a kernel list such as `0-2,5`. */
function parseList(text: string): number[] {
  return text.split(',').flatMap((range) => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
