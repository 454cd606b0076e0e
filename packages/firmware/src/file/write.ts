import { isDeepStrictEqual } from 'node:util';

import {
  LOCAL_DISTANCE,
  nodeList,
  REMOTE_DISTANCE,
  type AccessCoordinate,
  type Machine,
  type MachineNode,
  type MemoryRange,
  type MemorySideCache,
  type NodeId,
} from '@tierlab/core';
import { Document, isSeq, Scalar, visit } from 'yaml';

import { FirmwareError } from '../errors.ts';
import { layOut, layoutOf, type MemoryPiece } from '../layout.ts';
import { formatQuantity } from './quantity.ts';
import { readMachineFile } from './read.ts';
import { nearestCpus } from './speed.ts';

/**
 * The YAML machine file of `machine`: {@link readMachineFile} reads the same machine back, but for
 * `tables` and `notes`, which say where a machine came from.
 *
 * Throws FIRMWARE_CANNOT_WRITE where a file has no words for what the machine is.
 */
export function writeMachineFile(machine: Machine): string {
  if (machine.cxl !== undefined || (machine.hmat?.genericPorts.length ?? 0) > 0) {
    throw cannotWrite('CXL windows, devices and host bridges');
  }
  const text = render(describe(machine));
  const again = readMachineFile(text, 'machine');
  for (const part of [
    'nodes',
    'distances',
    'memory',
    'memoryMap',
    'hmat',
    'loadedLatencies',
    'movableNode',
  ] as const) {
    if (!isDeepStrictEqual(again[part], machine[part])) {
      throw cannotWrite(`the ${part} of this machine, which no file gives rise to`);
    }
  }
  return text;
}

function cannotWrite(what: string): FirmwareError {
  return new FirmwareError(
    'FIRMWARE_CANNOT_WRITE',
    `a machine file cannot say ${what}; keep the input it came from`,
  );
}

type Words = Record<string, unknown>;

function describe(machine: Machine): Words {
  const memory = memoryWords(machine);
  const isDefault = machine.distances.every((row, i) =>
    row.every((distance, j) => distance === (i === j ? LOCAL_DISTANCE : REMOTE_DISTANCE)),
  );
  const nodes = machine.nodes.map((node, i) => nodeWords(machine, node, i, memory.of(node.id)));
  const speaks = nodes.some((words) => SPEED_WORDS.some((word) => words[word] !== undefined));
  return {
    nodes,
    ...(isDefault ? {} : { distances: machine.distances }),
    ...(machine.hmat !== undefined && !speaks ? { hmat: true } : {}),
    ...(machine.movableNode ? { movableNode: true } : {}),
    ...(memory.map === undefined ? {} : { memoryMap: memory.map }),
  };
}

function nodeWords(machine: Machine, node: MachineNode, i: number, memory: Words): Words {
  const { id, proximityDomain, cpus } = node;
  const busy =
    cpus.length > 0 ||
    node.genericInitiator ||
    machine.memory.some((range) => range.node === id && kindOf(machine, range) === 'ram');
  return {
    ...(id === i ? {} : { id }),
    ...(proximityDomain === id ? {} : { proximityDomain: proximityDomain ?? null }),
    ...(cpus.length === 0 ? {} : { cpus: cpuWords(cpus) }),
    ...(node.genericInitiator ? { genericInitiator: true } : {}),
    ...(node.online && !busy ? { online: true } : {}),
    ...memory,
    ...speedWords(machine, id),
    ...loadWords(machine, id),
  };
}

function loadWords({ loadedLatencies = [] }: Machine, id: NodeId): Words {
  const loaded = loadedLatencies.find(({ node }) => node === id);
  if (loaded === undefined) return {};
  return { underLoad: loaded.points.map(({ utilisation, factor }) => [utilisation, factor]) };
}

/** A list that YAML does not read as a number. */
function cpuWords(cpus: readonly number[]): string {
  const list = nodeList(cpus);
  return /^\d+$/.test(list) ? `${list}-${list}` : list;
}

interface MemoryWords {
  readonly of: (node: NodeId) => Words;
  /** The memory map, where the kinds of the ranges do not say it. */
  readonly map: readonly Words[] | undefined;
}

/** Sizes, where laying them out gives just these addresses; else every range with its own. */
function memoryWords(machine: Machine): MemoryWords {
  const pieces = piecesOf(machine);
  const layout = layOut(pieces);
  if (
    isDeepStrictEqual(layout.memory, machine.memory) &&
    isDeepStrictEqual(layout.memoryMap, machine.memoryMap)
  ) {
    return {
      of: (id) => {
        const piece = pieces.find(({ node }) => node === id);
        if (piece === undefined) return {};
        return { memory: formatQuantity('size', piece.sizeBytes), ...traitWords(piece) };
      },
      map: undefined,
    };
  }
  const said = layoutOf(
    machine.memory.map((range) => ({ range, kind: kindOf(machine, range) })),
  ).memoryMap;
  return {
    of: (id) => {
      const ranges = machine.memory.filter(({ node }) => node === id);
      if (ranges.length === 0) return {};
      return {
        memory: ranges.map((range) => rangeWords(range, kindOf(machine, range))),
      };
    },
    map: isDeepStrictEqual(said, machine.memoryMap)
      ? undefined
      : machine.memoryMap.map(({ base, size, kind }) => ({
          base: address(base),
          size: formatQuantity('size', size),
          kind,
        })),
  };
}

const rangeWords = (range: MemoryRange, kind: MemoryPiece['kind']): Words => ({
  base: address(range.base),
  size: formatQuantity('size', range.size),
  ...traitWords({ ...range, kind }),
});

/** An address that YAML writes, and reads, in hexadecimal. */
function address(base: number): Scalar<number> {
  const scalar = new Scalar(base);
  scalar.format = 'HEX';
  return scalar;
}

/** One piece a node, by the kind of its first range. */
function piecesOf(machine: Machine): readonly MemoryPiece[] {
  return machine.nodes.flatMap(({ id }) => {
    const ranges = machine.memory.filter(({ node }) => node === id);
    const [first] = ranges;
    if (first === undefined) return [];
    return [
      {
        node: id,
        sizeBytes: ranges.reduce((sum, { size }) => sum + size, 0),
        kind: kindOf(machine, first),
        hotPluggable: first.hotPluggable,
        nonVolatile: first.nonVolatile,
      },
    ];
  });
}

/** The kind that a file would give `range`: what lies behind its first address. */
function kindOf(machine: Machine, range: MemoryRange): MemoryPiece['kind'] {
  const mapped = machine.memoryMap.find(
    ({ base, size }) => base <= range.base && range.base < base + size,
  );
  return mapped?.kind ?? 'hot-plug';
}

function traitWords({
  kind,
  hotPluggable,
  nonVolatile,
}: Pick<MemoryPiece, 'kind' | 'hotPluggable' | 'nonVolatile'>): Words {
  return {
    // What lies behind reserved addresses stands in the memory map; room is all a range can say.
    ...(kind === 'ram' ? {} : { kind: kind === 'reserved' ? 'hot-plug' : kind }),
    ...(hotPluggable && kind !== 'hot-plug' ? { hotPluggable } : {}),
    ...(nonVolatile && kind !== 'persistent' ? { nonVolatile } : {}),
  };
}

const SPEED_WORDS = [
  'latency',
  'readLatency',
  'writeLatency',
  'bandwidth',
  'readBandwidth',
  'writeBandwidth',
  'from',
  'attachedInitiator',
  'caches',
] as const;

function speedWords(machine: Machine, id: NodeId): Words {
  const target = machine.hmat?.targets.find(({ node }) => node === id);
  if (machine.hmat === undefined || target === undefined) return {};
  const paths = machine.hmat.performance.filter((path) => path.target === id);
  const { attachedInitiator } = target;
  const seers =
    attachedInitiator === undefined
      ? nearestCpus(machine.nodes, machine.distances, id)
      : [attachedInitiator];
  const [first] = paths;
  const plain =
    isDeepStrictEqual(
      paths.map(({ initiator }) => initiator),
      seers,
    ) && paths.every(({ coordinate }) => isDeepStrictEqual(coordinate, first?.coordinate));
  const speed =
    first === undefined
      ? {}
      : plain
        ? figureWords(first.coordinate)
        : { from: new Map(paths.map((path) => [path.initiator, figureWords(path.coordinate)])) };
  return {
    ...speed,
    ...(attachedInitiator === undefined ? {} : { attachedInitiator }),
    ...(target.caches.length === 0 ? {} : { caches: target.caches.map(cacheWords) }),
  };
}

function figureWords(coordinate: AccessCoordinate): Words {
  const words: Words = {};
  for (const [kind, figure] of [
    ['time', 'Latency'],
    ['bandwidth', 'Bandwidth'],
  ] as const) {
    const read = coordinate[`read${figure}`];
    const write = coordinate[`write${figure}`];
    if (read === write) {
      if (read !== 0) words[figure.toLowerCase()] = formatQuantity(kind, read);
      continue;
    }
    if (read !== 0) words[`read${figure}`] = formatQuantity(kind, read);
    if (write !== 0) words[`write${figure}`] = formatQuantity(kind, write);
  }
  return words;
}

function cacheWords(cache: MemorySideCache): Words {
  return {
    level: cache.level,
    size: formatQuantity('size', cache.size),
    lineSize: formatQuantity('size', cache.lineSize),
    indexing: cache.indexing,
    writePolicy: cache.writePolicy,
    ...(cache.addressMode === 'reserved' ? {} : { addressMode: cache.addressMode }),
  };
}

/** YAML with each row of distances on one line. */
function render(words: Words): string {
  const document = new Document(words, { aliasDuplicateObjects: false });
  visit(document, {
    Seq(_, seq) {
      if (seq.items.every((item) => !isSeq(item)) && typeof seq.items[0] === 'object') {
        const first = seq.items[0] as { value?: unknown };
        if (typeof first.value === 'number') seq.flow = true;
      }
    },
  });
  return document.toString({ lineWidth: 0 });
}
