import {
  LOCAL_DISTANCE,
  nodeList,
  REMOTE_DISTANCE,
  type AccessCoordinate,
  type Hmat,
  type Machine,
  type MachineNode,
  type MemoryRange,
  type MemorySideCache,
  type NodeId,
} from '@tierlab/core';
import { isDeepStrictEqual } from 'node:util';

import { accessClasses } from '../access.ts';
import { FirmwareError } from '../errors.ts';
import { layOut, type MemoryPiece } from '../layout.ts';

/** How to boot a guest that is a machine. */
export interface QemuArguments {
  /** For `qemu-system-x86_64`, 5.0 or later: machine, memory, CPUs and NUMA. */
  readonly qemu: readonly string[];
  /** For the guest kernel's command line; most machines need none. */
  readonly kernel: readonly string[];
}

/**
 * The arguments with which QEMU itself writes the tables of `machine`, so that Linux in the guest
 * sees the same nodes, CPUs, memory, distances and access classes.
 *
 * Throws FIRMWARE_CANNOT_QEMU for what these arguments have no words for; the tables of `encodeAcpi`
 * can say more.
 * Source: QEMU 7.2 hw/core/numa.c, hw/acpi/hmat.c, qapi/machine.json.
 */
export function qemuArguments(machine: Machine): QemuArguments {
  requireSayable(machine);
  const { nodes, hmat } = machine;
  const cpuCount = nodes.reduce((sum, { cpus }) => sum + cpus.length, 0);
  const pieces = nodes.map((node) => pieceOf(machine, node));
  const total = pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const qemu = ['-machine', hmat === undefined ? 'q35' : 'q35,hmat=on'];
  qemu.push('-smp', `cpus=${cpuCount},sockets=${cpuCount},cores=1,threads=1`);
  qemu.push('-m', sizeText(total));
  for (const [i, { id, cpus }] of nodes.entries()) {
    const { sizeBytes = 0 } = pieces[i] ?? {};
    const words = [`node`, `nodeid=${id}`, ...runsOf(cpus).map((run) => `cpus=${run}`)];
    if (sizeBytes > 0) {
      qemu.push('-object', `memory-backend-ram,id=node${id},size=${sizeText(sizeBytes)}`);
      words.push(`memdev=node${id}`);
    }
    const attached = attachedTo(hmat, id);
    if (attached !== undefined && cpus.length === 0) words.push(`initiator=${attached}`);
    qemu.push('-numa', words.join(','));
  }
  for (const option of [...distances(machine), ...latenciesAndBandwidths(hmat), ...caches(hmat)]) {
    qemu.push('-numa', option);
  }
  return { qemu, kernel: kernelOptions(machine, pieces) };
}

function cannotSay(what: string): FirmwareError {
  return new FirmwareError(
    'FIRMWARE_CANNOT_QEMU',
    `QEMU's arguments cannot say this machine: ${what}; boot it with its tables (-acpitable, or in front of the initrd)`,
  );
}

const NODES_MAX = 128;

function requireSayable(machine: Machine): void {
  const { nodes, memory, hmat, cxl } = machine;
  if (nodes.length > NODES_MAX)
    throw cannotSay(`it has ${nodes.length} nodes, more than ${NODES_MAX}`);
  if (nodes.some(({ id }, i) => id !== i)) throw cannotSay('its node numbers have gaps');
  const renamed = nodes.find(({ id, proximityDomain }) => (proximityDomain ?? id) !== id);
  if (renamed !== undefined) {
    throw cannotSay(`node ${renamed.id} has proximity domain ${renamed.proximityDomain}`);
  }
  const initiator = nodes.find(({ genericInitiator }) => genericInitiator);
  if (initiator !== undefined) throw cannotSay(`node ${initiator.id} is a generic initiator`);
  if (cxl !== undefined) throw cannotSay('it has CXL windows');
  const firstWithout = nodes.findIndex(({ cpus }) => cpus.length === 0);
  const lastWith = nodes.findLastIndex(({ cpus }) => cpus.length > 0);
  if (lastWith === -1) throw cannotSay('it has no CPUs');
  if (firstWithout !== -1 && firstWithout < lastWith) {
    throw cannotSay(
      `node ${firstWithout} without CPUs is before node ${lastWith} with CPUs, and Linux would number them the other way`,
    );
  }
  const numbers = nodes.flatMap(({ cpus }) => cpus).sort((a, b) => a - b);
  if (numbers.some((cpu, i) => cpu !== i)) throw cannotSay('its CPU numbers have gaps');
  const bare = nodes.find(({ id }) => !memory.some(({ node }) => node === id));
  if (bare !== undefined && (bare.cpus.length === 0 || hmat !== undefined)) {
    throw cannotSay(
      `node ${bare.id} has no memory${hmat === undefined ? '' : ', for which Linux drops the HMAT that QEMU writes'}`,
    );
  }
  if (hmat !== undefined) requireSayableHmat(machine, hmat);
}

/** QEMU attaches every node with CPUs to itself; the access classes must come out all the same. */
function requireSayableHmat(
  { nodes }: Machine,
  { targets, performance, genericPorts }: Hmat,
): void {
  if (genericPorts.length > 0) throw cannotSay('it has generic ports');
  const hasCpus = (id: NodeId): boolean =>
    nodes.some((node) => node.id === id && node.cpus.length > 0);
  const stranger = performance.find(({ initiator }) => !hasCpus(initiator));
  if (stranger !== undefined)
    throw cannotSay(`node ${stranger.initiator}, an initiator, has no CPUs`);
  for (const { node, attachedInitiator, access } of targets) {
    const attached = hasCpus(node) ? node : attachedInitiator;
    if (!isDeepStrictEqual(accessClasses({ nodes, performance }, node, attached), access)) {
      throw cannotSay(
        `what node ${node} is seen by is not what QEMU makes of it: QEMU attaches ` +
          (attached === undefined ? 'no initiator' : `initiator ${attached}`),
      );
    }
  }
}

const attachedTo = (hmat: Hmat | undefined, id: NodeId): NodeId | undefined =>
  hmat?.targets.find(({ node }) => node === id)?.attachedInitiator;

const KIB = 1024;
const MIB = 1024 * KIB;

/** A size that QEMU reads, in MiB or KiB: it needs whole pages. */
function sizeText(sizeBytes: number): string {
  if (sizeBytes % MIB === 0) return `${sizeBytes / MIB}M`;
  if (sizeBytes % (4 * KIB) === 0) return `${sizeBytes / KIB}K`;
  throw cannotSay(`${sizeBytes} B of memory are not whole pages of 4 KiB`);
}

/** `0-3` and `8`, as QEMU takes them one by one. */
const runsOf = (cpus: readonly number[]): readonly string[] =>
  nodeList(cpus)
    .split(',')
    .filter((run) => run !== '');

/** All memory of a node as one piece; it must be of one kind, there at boot or set apart. */
function pieceOf({ memory, memoryMap }: Machine, { id }: MachineNode): MemoryPiece {
  const ranges = memory.filter(({ node }) => node === id);
  const kindOf = (range: MemoryRange): MemoryPiece['kind'] => {
    const mapped = memoryMap.find(
      ({ base, size }) => base <= range.base && range.base + range.size <= base + size,
    );
    return mapped?.kind ?? 'hot-plug';
  };
  const [kind = 'ram', ...others] = [...new Set(ranges.map(kindOf))];
  if (others.length > 0) throw cannotSay(`node ${id} has memory of more than one kind`);
  if (kind !== 'ram' && kind !== 'soft-reserved')
    throw cannotSay(`the memory of node ${id} is ${kind}`);
  const flagged = ranges.find(({ hotPluggable, nonVolatile }) => hotPluggable || nonVolatile);
  if (flagged !== undefined) {
    throw cannotSay(
      `the memory of node ${id} is ${flagged.hotPluggable ? 'hot-pluggable' : 'non-volatile'}`,
    );
  }
  const sizeBytes = ranges.reduce((sum, { size }) => sum + size, 0);
  return { node: id, sizeBytes, kind, hotPluggable: false, nonVolatile: false };
}

/** Every pair, once one is not 10 or 20: QEMU wants all or, for symmetric tables, half of them. */
function distances({ nodes, distances: rows }: Machine): readonly string[] {
  const all = nodes.flatMap(({ id: from }, i) =>
    nodes.map(({ id: to }, j) => ({ from, to, distance: rows[i]?.[j] ?? REMOTE_DISTANCE })),
  );
  const usual = ({ from, to, distance }: (typeof all)[number]): boolean =>
    distance === (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE);
  if (all.every(usual)) return [];
  return all
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, distance }) => `dist,src=${from},dst=${to},val=${distance}`);
}

type Field = keyof AccessCoordinate;

interface Figure {
  readonly option: string;
  readonly fields: readonly [Field, Field];
  readonly unit: string;
  readonly requireRange: (values: readonly number[]) => void;
}

const FIGURES: readonly Figure[] = [
  {
    option: 'latency',
    fields: ['readLatency', 'writeLatency'],
    unit: '',
    requireRange: requireLatencyRange,
  },
  {
    option: 'bandwidth',
    fields: ['readBandwidth', 'writeBandwidth'],
    // QEMU says MiB/s, but the number goes into a table whose unit is MB/s.
    unit: 'M',
    requireRange: requireBandwidthRange,
  },
];

/** One matrix for read and write where no path tells them apart, else one each. */
function latenciesAndBandwidths(hmat: Hmat | undefined): readonly string[] {
  const paths = hmat?.performance ?? [];
  return FIGURES.flatMap(({ option, fields: [read, write], unit, requireRange }) => {
    const alike = paths.every(({ coordinate }) => coordinate[read] === coordinate[write]);
    const matrices: readonly (readonly [string, Field])[] = alike
      ? [['access', read]]
      : [
          ['read', read],
          ['write', write],
        ];
    return matrices.flatMap(([type, field]) => {
      const told = paths.filter(({ coordinate }) => coordinate[field] !== 0);
      requireRange(told.map(({ coordinate }) => coordinate[field]));
      return told.map(
        ({ initiator, target, coordinate }) =>
          `hmat-lb,initiator=${initiator},target=${target},hierarchy=memory,data-type=${type}-${option},${option}=${coordinate[field]}${unit}`,
      );
    });
  });
}

const ENTRY_MAX = 0xfffe;

/** QEMU counts in the largest power of ten that divides all. Source: hw/core/numa.c parse_numa_hmat_lb. */
function requireLatencyRange(values: readonly number[]): void {
  let base = 1;
  while (values.length > 0 && values.every((value) => value % (base * 10) === 0)) base *= 10;
  const worst = values.find((value) => value / base > ENTRY_MAX);
  if (worst !== undefined) {
    throw cannotSay(
      `latencies up to ${worst} ns in units of ${base} ns are more than ${ENTRY_MAX}`,
    );
  }
}

/** ... and in the largest power of two. */
function requireBandwidthRange(values: readonly number[]): void {
  let base = 1;
  while (values.length > 0 && values.every((value) => value % (base * 2) === 0)) base *= 2;
  const bits = values.reduce((all, value) => all | BigInt(value), 0n) / BigInt(base);
  if (bits > BigInt(ENTRY_MAX)) {
    throw cannotSay(
      `bandwidths ${[...new Set(values)].join(', ')} MB/s in units of ${base} MB/s are more than ${ENTRY_MAX}`,
    );
  }
}

const ASSOCIATIVITY = { direct: 'direct', indexed: 'complex', other: 'none' } as const;
const POLICY = {
  'write-back': 'write-back',
  'write-through': 'write-through',
  other: 'none',
} as const;
const LEVEL_MAX = 3;

function caches(hmat: Hmat | undefined): readonly string[] {
  return (hmat?.targets ?? []).flatMap((target) =>
    target.caches.map((cache) => cacheOption(target.node, cache, hmat?.performance ?? [])),
  );
}

function cacheOption(node: NodeId, cache: MemorySideCache, paths: Hmat['performance']): string {
  const { level, size, lineSize, indexing, writePolicy, addressMode } = cache;
  if (level > LEVEL_MAX) throw cannotSay(`node ${node} has a memory-side cache of level ${level}`);
  if (addressMode === 'extended-linear') {
    throw cannotSay(`the memory-side cache of node ${node} is extended linear`);
  }
  const told = paths.filter(({ target }) => target === node);
  const tellsBoth = [
    ['readLatency', 'writeLatency'] as const,
    ['readBandwidth', 'writeBandwidth'] as const,
  ].every((fields) =>
    told.some(({ coordinate }) => fields.some((field) => coordinate[field] !== 0)),
  );
  if (!tellsBoth) {
    throw cannotSay(`node ${node} has a memory-side cache and no latency and bandwidth`);
  }
  return [
    'hmat-cache',
    `node-id=${node}`,
    `size=${sizeText(size)}`,
    `level=${level}`,
    `associativity=${ASSOCIATIVITY[indexing]}`,
    `policy=${POLICY[writePolicy]}`,
    `line=${lineSize}`,
  ].join(',');
}

/** Soft-reserved memory is RAM that the guest is told to set apart. Source: Linux kernel-parameters.txt, memmap=. */
function kernelOptions(
  { movableNode }: Machine,
  pieces: readonly MemoryPiece[],
): readonly string[] {
  const { memoryMap } = layOut(pieces);
  const apart = memoryMap.filter(({ kind }) => kind === 'soft-reserved');
  return [
    ...apart.map(
      ({ base, size }) => `memmap=${sizeText(size)}%0x${base.toString(16)}-1+0xefffffff`,
    ),
    ...(movableNode ? ['movable_node'] : []),
  ];
}
