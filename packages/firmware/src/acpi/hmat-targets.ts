import {
  bytes,
  megabytesPerSecond,
  nanoseconds,
  nodeId,
  type AccessClass,
  type AccessCoordinate,
  type GenericPort,
  type Hmat,
  type MemorySideCache,
  type MemoryTarget,
  type NodeId,
  type PathPerformance,
} from '@tierlab/core';
import {
  findBestInitiators,
  lastOfEachKind,
  noCoordinate,
  toMatrix,
  writeCoordinate,
  type Coordinate,
  type Kinds,
  type Matrix,
} from './best-initiator.ts';
import type { CacheStructure, HmatTable, ProximityAttributes } from './hmat.ts';
import { normalise } from './normalise.ts';
import type { Numa } from './numa.ts';
import type { Srat } from './srat.ts';

export interface HmatInput {
  readonly table: HmatTable;
  readonly srat: Srat;
  readonly numa: Numa;
  readonly online: ReadonlySet<number>;
  readonly withCpus: ReadonlySet<number>;
  /** The kernel makes targets of generic ports; see `GENERIC_PORTS` in `decode.ts`. */
  readonly genericPorts: boolean;
}

/** Why Linux drops a whole HMAT, and where. */
export interface HmatRefusal {
  readonly offset: number | undefined;
  readonly reason: string;
}

/** A memory target while the table is read; by domain, as the kernel keeps it. */
interface Target {
  readonly domain: number;
  attachedInitiator: number | undefined;
  readonly access: readonly [Coordinate, Coordinate];
  readonly caches: CacheStructure[];
  /** ACPI `_UID`, for a domain that is a generic port. */
  portUid: number | undefined;
}

/**
 * What Linux takes from an HMAT, or why it takes nothing: any one bad structure drops the whole.
 *
 * Targets are the domains of the SRAT's enabled memory and of its generic ports. The HMAT is walked
 * three times, by structure type, so attached initiators are known before the first matrix.
 * Source: Linux drivers/acpi/numa/hmat.c hmat_init.
 */
export function readHmat(input: HmatInput): Hmat | HmatRefusal {
  const { table, srat } = input;
  if (table.revision !== 1 && table.revision !== 2)
    return { offset: 8, reason: `unknown revision ${table.revision}` };
  if (srat.zeroLengthAt !== undefined)
    return { offset: undefined, reason: 'the SRAT has an entry of length 0' };
  const targets = collectTargets(srat, input.genericPorts);
  const refusal = findRefusal(table, targets, input.numa);
  if (refusal) return refusal;

  for (const attributes of table.proximityAttributes) attach(attributes, targets, table.revision);
  const initiators = collectInitiators(input);
  const matrices = readMatrices(input, targets);
  for (const cache of table.caches) targets.get(cache.memory)?.caches.push(cache);
  return describe(input, targets, initiators, lastOfEachKind(matrices), matrices.length > 0);
}

export const isRefusal = (result: Hmat | HmatRefusal): result is HmatRefusal => 'reason' in result;

function collectTargets(srat: Srat, genericPorts: boolean): Map<number, Target> {
  const targets = new Map<number, Target>();
  const target = (domain: number): Target => {
    const known = targets.get(domain);
    if (known) return known;
    const made: Target = {
      domain,
      attachedInitiator: undefined,
      access: [noCoordinate(), noCoordinate()],
      caches: [],
      portUid: undefined,
    };
    targets.set(domain, made);
    return made;
  };
  for (const entry of srat.entries)
    if (entry.kind === 'memory' && entry.enabled) target(entry.proximityDomain);
  if (!genericPorts) return targets;
  for (const entry of srat.entries)
    if (entry.kind === 'port' && entry.enabled && entry.acpiHandle) {
      const port = target(entry.proximityDomain);
      port.portUid = entry.handleStart === 0 ? undefined : entry.acpiUid;
    }
  return targets;
}

/** The first thing that fails, in the order of the kernel's three walks. */
function findRefusal(
  table: HmatTable,
  targets: ReadonlyMap<number, Target>,
  numa: Numa,
): HmatRefusal | undefined {
  for (const attributes of table.proximityAttributes) {
    const reason = attributesRefusal(attributes, table.revision, targets, numa);
    if (reason) return { offset: attributes.offset, reason };
  }
  if (table.zeroLengthAt !== undefined)
    return { offset: table.zeroLengthAt, reason: 'structure of length 0' };
  for (const { bad, offset } of table.localities) if (bad) return { offset, reason: bad };
  const cache = table.caches.find(({ lengthGood }) => !lengthGood);
  if (cache)
    return { offset: cache.offset, reason: 'memory-side cache structure of less than 32 bytes' };
  return undefined;
}

/** Source: Linux drivers/acpi/numa/hmat.c hmat_parse_proximity_domain. */
function attributesRefusal(
  attributes: ProximityAttributes,
  revision: number,
  targets: ReadonlyMap<number, Target>,
  numa: Numa,
): string | undefined {
  if (!attributes.lengthGood) return 'proximity domain attributes not of length 40';
  if (revision === 1 && !attributes.memoryValid) return undefined;
  if (!targets.has(attributes.memory))
    return `memory domain ${attributes.memory} has no enabled memory in the SRAT`;
  if (attributes.initiatorValid && !numa.nodeOf.has(attributes.initiator))
    return `attached initiator domain ${attributes.initiator} has no node`;
  return undefined;
}

function attach(
  attributes: ProximityAttributes,
  targets: ReadonlyMap<number, Target>,
  revision: number,
): void {
  if (revision === 1 && !attributes.memoryValid) return;
  const target = targets.get(attributes.memory);
  if (target && attributes.initiatorValid) target.attachedInitiator = attributes.initiator;
}

/** Domains of all matrices' initiators that have a node, also those of cache levels; sorted. */
function collectInitiators({ table, numa }: HmatInput): number[] {
  const domains = new Set<number>();
  for (const { initiators } of table.localities)
    for (const domain of initiators) if (numa.nodeOf.has(domain)) domains.add(domain);
  return [...domains].sort((a, b) => a - b);
}

/**
 * The matrices of memory itself. While they are read, each writes what it has for an attached
 * initiator to the target, zeros as well, so that a later one overwrites an earlier.
 * Source: Linux drivers/acpi/numa/hmat.c hmat_parse_locality, hmat_update_target.
 */
function readMatrices(input: HmatInput, targets: ReadonlyMap<number, Target>): Matrix[] {
  const { table, numa, withCpus } = input;
  const matrices: Matrix[] = [];
  for (const locality of table.localities) {
    if (locality.hierarchy !== 0) continue;
    for (const [i, initiator] of locality.initiators.entries()) {
      for (const [t, domain] of locality.targets.entries()) {
        const target = targets.get(domain);
        if (target?.attachedInitiator !== initiator) continue;
        const { dataType, base } = locality;
        const value = normalise(locality.entry(i, t), base, dataType, table.revision);
        writeCoordinate(target.access[0], dataType, value);
        if (withCpus.has(numa.nodeOf.get(initiator)!))
          writeCoordinate(target.access[1], dataType, value);
      }
    }
    matrices.push(toMatrix(locality, table.revision));
  }
  return matrices;
}

function describe(
  input: HmatInput,
  targets: ReadonlyMap<number, Target>,
  initiators: readonly number[],
  kinds: Kinds,
  anyMatrix: boolean,
): Hmat {
  const { numa, withCpus } = input;
  const withCpu = (domain: number): boolean => withCpus.has(numa.nodeOf.get(domain)!);
  const search = { kinds, anyMatrix, initiators, cpus: initiators.filter(withCpu) };

  const described: MemoryTarget[] = [];
  const genericPorts: GenericPort[] = [];
  for (const target of targets.values()) {
    if (target.portUid !== undefined) genericPorts.push(describePort(target, search));
    const node = numa.nodeOf.get(target.domain);
    if (node === undefined || !numa.nodes.has(node) || numa.domainOf.get(node) !== target.domain)
      continue;
    described.push(describeTarget(target, nodeId(node), search, input));
  }
  return {
    targets: described.sort((a, b) => a.node - b.node),
    performance: describePaths(input, described, initiators, kinds),
    genericPorts: genericPorts.sort((a, b) => a.acpiUid - b.acpiUid),
  };
}

interface Search {
  readonly kinds: Kinds;
  readonly anyMatrix: boolean;
  /** Candidates of class 0 and of class 1. */
  readonly initiators: readonly number[];
  readonly cpus: readonly number[];
}

function describeTarget(
  target: Target,
  node: NodeId,
  search: Search,
  { numa, online, withCpus }: HmatInput,
): MemoryTarget {
  const { attachedInitiator } = target;
  const attachedHasCpu =
    attachedInitiator !== undefined && withCpus.has(numa.nodeOf.get(attachedInitiator)!);
  const findClass = (accessClass: 0 | 1): AccessClass => {
    const coordinate = target.access[accessClass];
    let domains: readonly number[] = [];
    if (attachedInitiator !== undefined && (accessClass === 0 || attachedHasCpu))
      domains = [attachedInitiator];
    else if (search.anyMatrix)
      domains = findBestInitiators(
        search.kinds,
        target.domain,
        candidates(search, accessClass),
        coordinate,
      );
    const nodes = domains.map((domain) => nodeId(numa.nodeOf.get(domain)!));
    return {
      coordinate: toCoordinate(coordinate),
      initiators: nodes.filter((initiator) => online.has(initiator)).sort((a, b) => a - b),
    };
  };
  return {
    node,
    ...(attachedInitiator !== undefined && {
      attachedInitiator: nodeId(numa.nodeOf.get(attachedInitiator)!),
    }),
    access: [findClass(0), findClass(1)],
    shown: target.portUid === undefined,
    caches: describeCaches(target.caches),
  };
}

/** With no matrix of a known type nobody is dropped, CPU or not. */
function candidates({ kinds, initiators, cpus }: Search, accessClass: 0 | 1): readonly number[] {
  const anyKind = Object.values(kinds).some((matrix) => matrix !== undefined);
  return accessClass === 1 && anyKind ? cpus : initiators;
}

/** A generic port's own pair of coordinates is searched for, unless a CPU is attached to the domain. */
function describePort(target: Target, search: Search): GenericPort {
  const findClass = (accessClass: 0 | 1): AccessCoordinate => {
    const coordinate = noCoordinate();
    const attached =
      target.attachedInitiator !== undefined && search.cpus.includes(target.attachedInitiator);
    if (!attached && search.anyMatrix)
      findBestInitiators(search.kinds, target.domain, candidates(search, accessClass), coordinate);
    return toCoordinate(coordinate);
  };
  return {
    acpiUid: target.portUid!,
    proximityDomain: target.domain,
    access: [findClass(0), findClass(1)],
  };
}

export const toCoordinate = (from: Coordinate): AccessCoordinate => ({
  readLatency: nanoseconds(from.readLatency),
  writeLatency: nanoseconds(from.writeLatency),
  readBandwidth: megabytesPerSecond(from.readBandwidth),
  writeBandwidth: megabytesPerSecond(from.writeBandwidth),
});

/** Every pair of an initiator and a target that has a figure; an attached pair is what its target shows. */
function describePaths(
  { numa }: HmatInput,
  targets: readonly MemoryTarget[],
  initiators: readonly number[],
  kinds: Kinds,
): PathPerformance[] {
  const paths: PathPerformance[] = [];
  for (const initiatorDomain of initiators) {
    const initiator = nodeId(numa.nodeOf.get(initiatorDomain)!);
    if (!numa.nodes.has(initiator)) continue;
    for (const { node: target, attachedInitiator, access } of targets) {
      const domain = numa.domainOf.get(target)!;
      const value = (matrix: Matrix | undefined): number =>
        matrix?.value(initiatorDomain, domain) ?? 0;
      const coordinate =
        attachedInitiator === initiator
          ? access[0].coordinate
          : toCoordinate({
              readLatency: value(kinds.readLatency),
              writeLatency: value(kinds.writeLatency),
              readBandwidth: value(kinds.readBandwidth),
              writeBandwidth: value(kinds.writeBandwidth),
            });
      if (Object.values(coordinate).some((figure) => figure !== 0))
        paths.push({ initiator, target, coordinate });
    }
  }
  return paths.sort((a, b) => a.initiator - b.initiator || a.target - b.target);
}

const INDEXING: Readonly<Record<number, MemorySideCache['indexing']>> = {
  1: 'direct',
  2: 'indexed',
};
const WRITE_POLICY: Readonly<Record<number, MemorySideCache['writePolicy']>> = {
  1: 'write-back',
  2: 'write-through',
};

/** Of two caches of one level the second is dropped. Source: Linux drivers/acpi/numa/hmat.c hmat_parse_cache; drivers/base/node.c node_add_cache. */
function describeCaches(caches: readonly CacheStructure[]): MemorySideCache[] {
  const byLevel = new Map<number, MemorySideCache>();
  for (const { size, attributes, addressMode } of caches) {
    const level = (attributes >> 4) & 0xf;
    if (byLevel.has(level)) continue;
    const indexing = INDEXING[(attributes >> 8) & 0xf] ?? 'other';
    byLevel.set(level, {
      level,
      size: bytes(size),
      lineSize: bytes(attributes >>> 16),
      indexing,
      writePolicy: WRITE_POLICY[(attributes >> 12) & 0xf] ?? 'other',
      addressMode: addressMode === 1 && indexing === 'direct' ? 'extended-linear' : 'reserved',
    });
  }
  return [...byLevel.values()].sort((a, b) => a.level - b.level);
}
