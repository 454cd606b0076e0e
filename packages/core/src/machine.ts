import type { Bytes, MegabytesPerSecond, Nanoseconds, NodeId } from './units.ts';

/**
 * A machine as Linux knows it at the end of its firmware tables, before any memory tier exists:
 * its nodes, distances, memory and what is known of the speed between them.
 *
 * It is plain data, has no bytes of any table in it and says the same whether it came from ACPI
 * tables, a sysfs snapshot, hwloc or a file: lists are sorted as each field says, so that two
 * descriptions of one machine are deeply equal but for `tables` and `notes`.
 */
export interface Machine {
  /** Every possible node, by ascending id. */
  readonly nodes: readonly MachineNode[];
  /** `distances[i][j]`: `node_distance(nodes[i], nodes[j])`; see {@link nodeDistance}. */
  readonly distances: readonly (readonly number[])[];
  /** The memory that firmware gave to nodes (SRAT memory affinity), by ascending base. */
  readonly memory: readonly MemoryRange[];
  /** What lies behind addresses (e820 after boot options), by ascending base, not overlapping. */
  readonly memoryMap: readonly MappedRange[];
  /**
   * What the HMAT, or whatever stands for it, told. Absent: the kernel knows no access coordinates,
   * shows no `accessC` directories and registers no HMAT algorithm. Present and empty is something
   * else: an algorithm that never answers.
   */
  readonly hmat?: Hmat;
  /** CXL windows and memory devices. */
  readonly cxl?: Cxl;
  /** Latency under load of nodes for which somebody measured it, by ascending node; no firmware tells it, and no tier stands on it. */
  readonly loadedLatencies?: readonly LoadedLatency[];
  /** Booted with `movable_node`: hot-pluggable boot memory holds no kernel pages and can go offline. */
  readonly movableNode: boolean;
  /** What became of each firmware table, by signature; empty for a machine not read from tables. */
  readonly tables: Readonly<Partial<Record<TableSignature, TableUse>>>;
  /** What decided something while the machine was read, in order. */
  readonly notes: readonly MachineNote[];
}

/** How the latency of a node's memory grows with the load on it. */
export interface LoadedLatency {
  readonly node: NodeId;
  /** By ascending share of the node's bandwidth, 0 to 1: latency over unloaded latency. */
  readonly points: readonly { readonly utilisation: number; readonly factor: number }[];
}

export interface MachineNode {
  readonly id: NodeId;
  /** The firmware's number for the node; absent for a node that firmware did not name. */
  readonly proximityDomain?: number;
  /** Online at boot: it has memory, a CPU (also one that is not plugged in yet) or is a generic initiator. */
  readonly online: boolean;
  /** Logical numbers of the CPUs online at boot, ascending. */
  readonly cpus: readonly number[];
  /** Holds a device that accesses memory without being a CPU (SRAT type 5). */
  readonly genericInitiator: boolean;
}

/** Addresses that firmware says belong to `node`, whether memory is there at boot or not. */
export interface MemoryRange {
  readonly node: NodeId;
  readonly base: Bytes;
  readonly size: Bytes;
  readonly hotPluggable: boolean;
  readonly nonVolatile: boolean;
}

/**
 * What the memory map says of addresses. Only `ram` is memory at boot; `soft-reserved` waits for
 * the dax drivers; `persistent` and `reserved` never make a node have memory.
 */
export interface MappedRange {
  readonly base: Bytes;
  readonly size: Bytes;
  readonly kind: 'ram' | 'soft-reserved' | 'persistent' | 'reserved';
}

/** The four figures of an access path. 0 is the kernel's "not provided". */
export interface AccessCoordinate {
  readonly readLatency: Nanoseconds;
  readonly writeLatency: Nanoseconds;
  readonly readBandwidth: MegabytesPerSecond;
  readonly writeBandwidth: MegabytesPerSecond;
}

/** One access class of a target: `nodeN/accessC/initiators`. */
export interface AccessClass {
  readonly coordinate: AccessCoordinate;
  /** The nearest initiators of the class, ascending; empty when none is known. */
  readonly initiators: readonly NodeId[];
}

export interface Hmat {
  /** One entry a node that is a target, by ascending node. */
  readonly targets: readonly MemoryTarget[];
  /** Every pair that has a figure, by ascending initiator, then target. */
  readonly performance: readonly PathPerformance[];
  /** CXL host bridges that are targets (SRAT type 6), by ascending ACPI `_UID`. */
  readonly genericPorts: readonly GenericPort[];
}

export interface MemoryTarget {
  readonly node: NodeId;
  /** The initiator that firmware attached to this memory; the kernel then searches no further. */
  readonly attachedInitiator?: NodeId;
  /** `access[0]`: any nearest initiator; `access[1]`: nearest CPU. */
  readonly access: readonly [AccessClass, AccessClass];
  /** False for a node that is a generic port as well: Linux shows no `accessC` for it. */
  readonly shown: boolean;
  /** Memory-side caches, by ascending level. */
  readonly caches: readonly MemorySideCache[];
}

/** The unloaded speed of one initiator's accesses to one target. */
export interface PathPerformance {
  readonly initiator: NodeId;
  readonly target: NodeId;
  readonly coordinate: AccessCoordinate;
}

export interface GenericPort {
  /** ACPI `_UID` of the host bridge, the `ACPI0016` device. */
  readonly acpiUid: number;
  readonly proximityDomain: number;
  readonly access: readonly [AccessCoordinate, AccessCoordinate];
}

/** A cache in front of a target's memory, as `nodeN/memory_side_cache/indexL` shows it. */
export interface MemorySideCache {
  readonly level: number;
  readonly size: Bytes;
  readonly lineSize: Bytes;
  readonly indexing: 'direct' | 'indexed' | 'other';
  readonly writePolicy: 'write-back' | 'write-through' | 'other';
  /** `extended-linear`: cache and memory behind it are both addressable (HMAT, since Linux 6.15). */
  readonly addressMode: 'reserved' | 'extended-linear';
}

export interface Cxl {
  /** Fixed memory windows (CEDT CFMWS), in table order. */
  readonly windows: readonly CxlWindow[];
  readonly devices: readonly CxlDevice[];
  /**
   * Firmware answers the QoS question (QTG `_DSM` of `ACPI0017`). Without it Linux drops the
   * coordinates of every device; no table says so, so it is taken to be true unless somebody knows.
   */
  readonly qosAnswered: boolean;
}

export interface CxlWindow {
  readonly base: Bytes;
  readonly size: Bytes;
  /** The node of the window's addresses: the SRAT's, or one made for the window; absent where NUMA is off. */
  readonly node?: NodeId;
  /** ACPI `_UID` of the host bridges it interleaves over, in interleave order. */
  readonly hostBridges: readonly number[];
}

/** A CXL memory device: what its CDAT says, and the way up to its host bridge. */
export interface CxlDevice {
  /** ACPI `_UID` of the host bridge above it. */
  readonly hostBridge: number;
  /** Its address ranges (DSMAS) with their coordinates (DSLBIS), by ascending base. */
  readonly ranges: readonly CxlRange[];
  /** Links from the device up to the root port. */
  readonly links: readonly CxlLink[];
  /** Switches on the way (SSLBIS), from the device up. */
  readonly switches: readonly AccessCoordinate[];
}

export interface CxlRange {
  readonly base: Bytes;
  readonly size: Bytes;
  readonly nonVolatile: boolean;
  readonly coordinate: AccessCoordinate;
}

export interface CxlLink {
  /** Transfer rate of a lane in MT/s: 2500 is PCIe 1, 32000 PCIe 5. */
  readonly transferRate: number;
  readonly lanes: number;
}

export type TableSignature = 'SRAT' | 'SLIT' | 'HMAT' | 'APIC' | 'CEDT' | 'CDAT';

/** `ignored`: the table is there and the kernel makes no use of it, for `reason`. */
export type TableUse =
  | { readonly state: 'absent' | 'used' }
  | { readonly state: 'ignored'; readonly reason: string };

/** Something that decided: `HMAT+0x28: ...`. */
export interface MachineNote {
  /** Table signature, file or option it is about. */
  readonly where: string;
  /** Byte offset in `where`, when it is a table. */
  readonly offset?: number;
  readonly text: string;
}

/** Distance between nodes that nobody measured. Source: Linux include/linux/topology.h. */
export const LOCAL_DISTANCE = 10;
/** See {@link LOCAL_DISTANCE}. */
export const REMOTE_DISTANCE = 20;

/** Distance of `to` seen from `from`; 10 or 20 where a node is not of the machine. */
export function nodeDistance(machine: Machine, from: NodeId, to: NodeId): number {
  const row = machine.nodes.findIndex((node) => node.id === from);
  const column = machine.nodes.findIndex((node) => node.id === to);
  return machine.distances[row]?.[column] ?? (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE);
}

/** Bytes of `kind` that the memory map has in the ranges of `node`. */
export function mappedMemory(machine: Machine, node: NodeId, kind: MappedRange['kind']): Bytes {
  let size = 0;
  for (const range of machine.memory) {
    if (range.node !== node) continue;
    for (const mapped of machine.memoryMap)
      if (mapped.kind === kind) size += overlap(range, mapped);
  }
  return size as Bytes;
}

/** Bytes of RAM that `node` has at boot. */
export function bootMemory(machine: Machine, node: NodeId): Bytes {
  return mappedMemory(machine, node, 'ram');
}

/** The target entry of `node`, if the machine's HMAT has one. */
export function memoryTarget(machine: Machine, node: NodeId): MemoryTarget | undefined {
  return machine.hmat?.targets.find((target) => target.node === node);
}

interface Span {
  readonly base: Bytes;
  readonly size: Bytes;
}

/** Bytes that two address ranges share. */
export function overlap(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.base + a.size, b.base + b.size) - Math.max(a.base, b.base));
}
