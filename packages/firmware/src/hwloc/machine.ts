import {
  bytes,
  LOCAL_DISTANCE,
  megabytesPerSecond,
  nanoseconds,
  nodeId,
  REMOTE_DISTANCE,
  type AccessCoordinate,
  type Hmat,
  type Machine,
  type MachineNode,
  type MachineNote,
  type MemorySideCache,
  type NodeId,
  type PathPerformance,
} from '@tierlab/core';

import { accessClasses, NO_COORDINATE } from '../access.ts';
import { FirmwareError } from '../errors.ts';
import { parseIdMask } from '../id-list.ts';
import { layOut } from '../layout.ts';
import { parseHwloc, type HwlocNumaNode, type HwlocTopology } from './topology.ts';

/**
 * The machine of an hwloc topology, version 2 or 3 of its XML: nodes, CPUs, memory, NUMA distances,
 * the attributes Bandwidth and Latency (and their read and write forms) and memory-side caches.
 *
 * hwloc gives a node without CPUs the CPUs that are nearest to it; they are taken back, for in Linux
 * a CPU has one node. Throws FIRMWARE_BAD_HWLOC.
 */
export function machineFromHwlocXml(text: string): Machine {
  const topology = parseHwloc(text);
  const notes: MachineNote[] = [];
  const found = [...topology.nodes].sort((a, b) => a.osIndex - b.osIndex);
  const cpus = cpusOf(topology);
  const nodes = found.map((node): MachineNode => {
    const numbers = cpus.get(node) ?? [];
    return {
      id: nodeId(node.osIndex),
      online: numbers.length > 0 || node.sizeBytes > 0,
      cpus: numbers,
      genericInitiator: false,
    };
  });
  for (const [i, { id }] of nodes.entries()) {
    if (nodes[i + 1]?.id === id) throw badHwloc(`node ${id} is there twice`);
  }
  const layout = layOut(
    found
      .filter(({ sizeBytes }) => sizeBytes > 0)
      .map((node) => ({
        node: nodeId(node.osIndex),
        sizeBytes: node.sizeBytes,
        kind: 'ram' as const,
        hotPluggable: false,
        nonVolatile: false,
      })),
  );
  notes.push({
    where: 'hwloc',
    text: 'hwloc does not say where memory lies: addresses are laid out in the order of nodes',
  });
  const hmat = hmatOf(topology, found, nodes, notes);
  return {
    nodes,
    distances: distancesOf(topology, found),
    ...layout,
    ...(hmat === undefined ? {} : { hmat }),
    movableNode: false,
    tables: {},
    notes,
  };
}

const badHwloc = (what: string): FirmwareError =>
  new FirmwareError('FIRMWARE_BAD_HWLOC', `hwloc XML: ${what}; write it with lstopo --of xml`);

function maskOf(cpuset: string): readonly number[] {
  const mask = parseIdMask(cpuset);
  if (mask === undefined) throw badHwloc(`expected a mask of CPUs, got ${JSON.stringify(cpuset)}`);
  return mask;
}

/**
 * The CPUs of each node: a CPU that several nodes are local to belongs to the one that is local to
 * the fewest, and of those to the first, for hwloc lists nodes with CPUs of their own first.
 * Source: hwloc 2.12 hwloc/topology-linux.c, look_sysfsnode, fixup_cpuless_node_locality_from_distances.
 */
function cpusOf({ nodes, cpus }: HwlocTopology): Map<HwlocNumaNode, readonly number[]> {
  const present = new Set(cpus);
  const local = nodes.map((node) => ({ node, mask: new Set(maskOf(node.cpuset)) }));
  const owned = new Map<HwlocNumaNode, number[]>();
  for (const cpu of [...present].sort((a, b) => a - b)) {
    const holders = local.filter(({ mask }) => mask.has(cpu));
    const fewest = Math.min(...holders.map(({ mask }) => mask.size));
    const owner = holders.find(({ mask }) => mask.size === fewest)?.node;
    if (owner !== undefined) owned.set(owner, [...(owned.get(owner) ?? []), cpu]);
  }
  return owned;
}

/** The matrix of NUMA latencies, by `os_index` or by hwloc's own index. */
function distancesOf(
  { distances }: HwlocTopology,
  nodes: readonly HwlocNumaNode[],
): readonly (readonly number[])[] {
  const matrix = distances.find(
    ({ type, name, indexes }) =>
      type === 'NUMANode' && (name === 'NUMALatency' || name === '') && indexes.length > 1,
  );
  const place = ({ osIndex, globalIndex }: HwlocNumaNode): number =>
    matrix?.indexes.indexOf(matrix.indexing === 'os' ? `${osIndex}` : (globalIndex ?? '')) ?? -1;
  const count = matrix?.indexes.length ?? 0;
  if (matrix !== undefined && matrix.values.length !== count * count) {
    throw badHwloc(`expected ${count * count} distances, got ${matrix.values.length}`);
  }
  return nodes.map((from) =>
    nodes.map((to) => {
      const [row, column] = [place(from), place(to)];
      const known = row === -1 || column === -1 ? undefined : matrix?.values[row * count + column];
      return known ?? (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE);
    }),
  );
}

const FIELDS: Readonly<Record<string, readonly (keyof AccessCoordinate)[]>> = {
  // The averages first: what is said of reads or writes alone is more exact.
  Bandwidth: ['readBandwidth', 'writeBandwidth'],
  Latency: ['readLatency', 'writeLatency'],
  ReadBandwidth: ['readBandwidth'],
  WriteBandwidth: ['writeBandwidth'],
  ReadLatency: ['readLatency'],
  WriteLatency: ['writeLatency'],
};

function hmatOf(
  topology: HwlocTopology,
  found: readonly HwlocNumaNode[],
  nodes: readonly MachineNode[],
  notes: MachineNote[],
): Hmat | undefined {
  const performance = pathsOf(topology, nodes, notes);
  const cached = found.some(({ caches }) => caches.length > 0);
  if (performance.length === 0 && !cached) return undefined;
  const targets = found
    .filter(({ sizeBytes }) => sizeBytes > 0)
    .map((node) => ({
      node: nodeId(node.osIndex),
      access: accessClasses({ nodes, performance }, nodeId(node.osIndex), undefined),
      shown: true,
      caches: cachesOf(node),
    }));
  return { targets, performance, genericPorts: [] };
}

const MIB_PER_MB = (1024 * 1024) / 1e6;

/**
 * MB/s of a bandwidth that hwloc calls MiB/s. On Linux it is not: hwloc copies the kernel's figure,
 * which is MB/s, as it stands. Source: hwloc 2.12 hwloc/topology-linux.c, read_node_local_memattrs;
 * hwloc.h, HWLOC_MEMATTR_ID_BANDWIDTH; Linux Documentation/ABI/stable/sysfs-devices-node.
 */
function bandwidthReader(
  { infos }: HwlocTopology,
  notes: MachineNote[],
): (value: number) => number {
  if (infos.get('Backend') === 'Linux' || infos.get('OSName') === 'Linux') {
    notes.push({
      where: 'hwloc',
      text: 'bandwidths are taken as MB/s: on Linux hwloc copies what sysfs shows',
    });
    return (value) => value;
  }
  return (value) => Math.trunc(value * MIB_PER_MB);
}

function pathsOf(
  topology: HwlocTopology,
  nodes: readonly MachineNode[],
  notes: MachineNote[],
): readonly PathPerformance[] {
  const toMbps = bandwidthReader(topology, notes);
  const paths = new Map<string, PathPerformance>();
  const set = (initiator: NodeId, target: NodeId, coordinate: Partial<AccessCoordinate>): void => {
    const key = `${initiator} ${target}`;
    const known = paths.get(key)?.coordinate ?? NO_COORDINATE;
    paths.set(key, { initiator, target, coordinate: { ...known, ...coordinate } });
  };
  for (const [attribute, fields] of Object.entries(FIELDS)) {
    for (const value of topology.attributeValues) {
      if (value.attribute !== attribute || value.targetType !== 'NUMANode') continue;
      const target = topology.nodes.find(({ osIndex, globalIndex }) =>
        value.targetGlobalIndex === undefined
          ? `${osIndex}` === value.targetOsIndex
          : globalIndex === value.targetGlobalIndex,
      );
      if (target === undefined || value.initiatorCpuset === undefined) continue;
      const isBandwidth = attribute.endsWith('Bandwidth');
      const figure = isBandwidth
        ? megabytesPerSecond(toMbps(value.value))
        : nanoseconds(value.value);
      const coordinate = Object.fromEntries(fields.map((field) => [field, figure]));
      const mask = new Set(maskOf(value.initiatorCpuset));
      for (const { id, cpus } of nodes) {
        const whole = cpus.length > 0 && cpus.every((cpu) => mask.has(cpu));
        if (whole) set(id, nodeId(target.osIndex), coordinate);
      }
    }
  }
  return [...paths.values()].sort((a, b) => a.initiator - b.initiator || a.target - b.target);
}

function cachesOf({ caches }: HwlocNumaNode): readonly MemorySideCache[] {
  return caches
    .map(({ depth, sizeBytes, lineBytes, associativity }): MemorySideCache => ({
      level: depth,
      size: bytes(sizeBytes),
      lineSize: bytes(lineBytes),
      indexing: associativity === 1 ? 'direct' : 'other',
      writePolicy: 'other',
      addressMode: 'reserved',
    }))
    .sort((a, b) => a.level - b.level);
}
