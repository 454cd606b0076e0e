import {
  bytes,
  megabytesPerSecond,
  nanoseconds,
  nodeId,
  REMOTE_DISTANCE,
  type AccessCoordinate,
  type Hmat,
  type MachineNode,
  type MemorySideCache,
  type MemoryTarget,
  type NodeId,
  type PathPerformance,
} from '@tierlab/core';

import { accessClasses, type Paths } from '../access.ts';
import type { MemoryLayout } from '../layout.ts';
import type { MachineDocument } from './document.ts';
import type { FilePath } from './yaml-document.ts';
import type { Entry } from './entries.ts';
import type { FileCache, FileFigures, FileNode } from './schema.ts';

/** What of a file is known before the speed of its memory. */
export interface Known {
  readonly entries: readonly Entry[];
  readonly nodes: readonly MachineNode[];
  readonly distances: readonly (readonly number[])[];
  readonly layout: MemoryLayout;
}

/** What a file says of speed, or undefined where it says nothing: a machine without an HMAT. */
export function hmatOf(document: MachineDocument, known: Known): Hmat | undefined {
  const { file, reject } = document;
  const { entries, nodes, layout } = known;
  const performance = entries.flatMap((entry) => pathsTo(document, known, entry));
  performance.sort((a, b) => a.initiator - b.initiator || a.target - b.target);
  const speaking = entries.find(
    ({ id, node }) =>
      performance.some(({ target }) => target === id) ||
      node.attachedInitiator !== undefined ||
      node.caches !== undefined,
  );
  if (speaking !== undefined && file.hmat === false) {
    reject(['hmat'], `node ${speaking.id} says what an HMAT says; leave out hmat`);
  }
  if (speaking === undefined && file.hmat !== true) return undefined;

  const hasMemory = new Set(layout.memory.map(({ node }) => node));
  const targets = entries
    .filter(({ id }) => hasMemory.has(id))
    .map((entry) => targetOf(document, { nodes, performance }, entry));
  return { targets, performance, genericPorts: [] };
}

function targetOf(
  document: MachineDocument,
  paths: Paths,
  { id, node, path }: Entry,
): MemoryTarget {
  const attached =
    node.attachedInitiator === undefined ? undefined : nodeId(node.attachedInitiator);
  return {
    node: id,
    ...(attached === undefined ? {} : { attachedInitiator: attached }),
    access: accessClasses(paths, id, attached),
    shown: true,
    caches: cachesOf(document, node, path),
  };
}

/** Every path to the memory of `entry` that has a figure. */
function pathsTo(
  { reject }: MachineDocument,
  { entries, nodes, distances, layout }: Known,
  { id, node, path }: Entry,
): readonly PathPerformance[] {
  const knows = (other: NodeId): boolean => entries.some((entry) => entry.id === other);
  const { attachedInitiator } = node;
  if (attachedInitiator !== undefined && !knows(nodeId(attachedInitiator))) {
    reject([...path, 'attachedInitiator'], `there is no node ${attachedInitiator}`);
  }
  if (!layout.memory.some((range) => range.node === id)) {
    const idle = ['from', 'attachedInitiator', 'caches', ...FIGURES].find(
      (key) => node[key as keyof FileNode] !== undefined,
    );
    if (idle !== undefined) reject([...path, idle], `node ${id} has no memory; leave out ${idle}`);
    return [];
  }
  const figures = new Map<NodeId, FileFigures>();
  const plain = figuresOf(node);
  if (Object.keys(plain).length > 0) {
    const seers =
      attachedInitiator === undefined
        ? nearestCpus(nodes, distances, id)
        : [nodeId(attachedInitiator)];
    const [first] = Object.keys(plain);
    if (seers.length === 0)
      reject([...path, first ?? ''], 'no node has CPUs that could see it; use from');
    for (const seer of seers) figures.set(seer, plain);
  }
  for (const [key, seen] of Object.entries(node.from ?? {})) {
    const initiator = nodeId(Number(key.replace(/^node/, '')));
    if (!knows(initiator)) reject([...path, 'from', key], `there is no node ${initiator}`);
    figures.set(initiator, { ...figures.get(initiator), ...figuresOf(seen) });
  }
  return [...figures].flatMap(([initiator, seen]) => {
    const coordinate = coordinateOf(seen, (key, message) => reject([...path, key], message));
    const known = Object.values(coordinate).some((value) => value !== 0);
    return known ? [{ initiator, target: id, coordinate }] : [];
  });
}

const FIGURES = [
  'latency',
  'readLatency',
  'writeLatency',
  'bandwidth',
  'readBandwidth',
  'writeBandwidth',
] as const;

const figuresOf = (source: FileFigures): FileFigures =>
  Object.fromEntries(
    FIGURES.flatMap((key) => (source[key] === undefined ? [] : [[key, source[key]]])),
  );

/** The nodes with CPUs at the least distance from `target`: itself, if it has any. */
export function nearestCpus(
  nodes: readonly MachineNode[],
  distances: readonly (readonly number[])[],
  target: NodeId,
): readonly NodeId[] {
  const column = nodes.findIndex(({ id }) => id === target);
  const candidates = nodes.flatMap(({ id, cpus }, row) =>
    cpus.length > 0 ? [{ id, distance: distances[row]?.[column] ?? REMOTE_DISTANCE }] : [],
  );
  const least = Math.min(...candidates.map(({ distance }) => distance));
  return candidates.filter(({ distance }) => distance === least).map(({ id }) => id);
}

/** Longer, and the kernel's 32-bit arithmetic in picoseconds reads 0, "not provided". */
const LATENCY_NS_MAX = 4_294_966;
const BANDWIDTH_MBPS_MAX = 0xffff_ffff;

/**
 * The coordinate that the kernel would hold: whole nanoseconds, rounded up, and whole MB/s.
 * Source: Linux drivers/acpi/numa/hmat.c, hmat_normalize, 6.12.
 */
export function coordinateOf(
  figures: FileFigures,
  reject: (key: (typeof FIGURES)[number], message: string) => never,
): AccessCoordinate {
  const latency = (key: 'readLatency' | 'writeLatency'): number => {
    if (
      figures.latency !== undefined &&
      figures.readLatency !== undefined &&
      figures.writeLatency !== undefined
    ) {
      reject('latency', 'readLatency and writeLatency say it all; leave out latency');
    }
    const value = figures[key] ?? figures.latency ?? 0;
    if (value > LATENCY_NS_MAX) {
      reject(
        figures[key] === undefined ? 'latency' : key,
        `expected at most ${LATENCY_NS_MAX} ns, got ${value} ns; Linux would read it as no latency at all`,
      );
    }
    return Math.ceil(Math.round(value * 1e3) / 1e3);
  };
  const bandwidth = (key: 'readBandwidth' | 'writeBandwidth'): number => {
    if (
      figures.bandwidth !== undefined &&
      figures.readBandwidth !== undefined &&
      figures.writeBandwidth !== undefined
    ) {
      reject('bandwidth', 'readBandwidth and writeBandwidth say it all; leave out bandwidth');
    }
    const value = Math.trunc(figures[key] ?? figures.bandwidth ?? 0);
    if (value > BANDWIDTH_MBPS_MAX) {
      reject(
        figures[key] === undefined ? 'bandwidth' : key,
        `expected at most ${BANDWIDTH_MBPS_MAX} MB/s, got ${value} MB/s`,
      );
    }
    return value;
  };
  return {
    readLatency: nanoseconds(latency('readLatency')),
    writeLatency: nanoseconds(latency('writeLatency')),
    readBandwidth: megabytesPerSecond(bandwidth('readBandwidth')),
    writeBandwidth: megabytesPerSecond(bandwidth('writeBandwidth')),
  };
}

function cachesOf(
  { reject }: MachineDocument,
  node: FileNode,
  path: FilePath,
): readonly MemorySideCache[] {
  const caches = (node.caches ?? []).map((cache, i) => ({ cache, path: [...path, 'caches', i] }));
  caches.sort((a, b) => a.cache.level - b.cache.level);
  for (const [i, { cache, path }] of caches.entries()) {
    if (caches[i - 1]?.cache.level === cache.level) {
      reject([...path, 'level'], `level ${cache.level} is there twice; Linux keeps the first only`);
    }
  }
  return caches.map(({ cache }) => branded(cache));
}

const branded = (cache: FileCache): MemorySideCache => ({
  ...cache,
  size: bytes(cache.size),
  lineSize: bytes(cache.lineSize),
});
