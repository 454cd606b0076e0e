import type { AccessCoordinate, Hmat, Machine, MemorySideCache } from '@tierlab/core';

import { NO_COORDINATE } from '../access.ts';
import { cannotEncode } from './encode-error.ts';
import {
  isLatency,
  READ_BANDWIDTH,
  READ_LATENCY,
  WRITE_BANDWIDTH,
  WRITE_LATENCY,
} from './normalise.ts';
import { acpiTable, type ByteWriter } from './writer.ts';

const ENTRY_MAX = 0xfffe;
const PRODUCT_MAX = 0xffff_ffff;
const ATTACHED = 1;

const KINDS = [
  [READ_LATENCY, 'readLatency'],
  [WRITE_LATENCY, 'writeLatency'],
  [READ_BANDWIDTH, 'readBandwidth'],
  [WRITE_BANDWIDTH, 'writeBandwidth'],
] as const;

/**
 * The HMAT, revision 2: the attached initiators, a matrix for each figure that anything has, and the
 * memory-side caches. Source: ACPI 6.5, 5.2.27.
 */
export function encodeHmat(machine: Machine, hmat: Hmat, onRounded?: OnRounded): Uint8Array {
  const domains = new Map(
    machine.nodes.map(({ id, proximityDomain }) => [id, proximityDomain ?? id]),
  );
  const paths = pathsOf(machine, hmat, (id) => domains.get(id) ?? id);
  const initiators = [...new Set(paths.map(({ initiator }) => initiator))];
  const targets = [...new Set(paths.map(({ target }) => target))];
  return acpiTable('HMAT', 2, (writer) => {
    writer.u32(0);
    for (const { node, attachedInitiator } of hmat.targets) {
      if (attachedInitiator === undefined) continue;
      writer.u16(0).u16(0).u32(40).u16(ATTACHED).u16(0);
      writer
        .u32(domains.get(attachedInitiator) ?? 0)
        .u32(domains.get(node) ?? 0)
        .zeros(20);
    }
    for (const [dataType, field] of KINDS) {
      const values = initiators.map((initiator) =>
        targets.map((target) => {
          const path = paths.find((one) => one.initiator === initiator && one.target === target);
          return path?.coordinate[field] ?? 0;
        }),
      );
      if (values.flat().some((value) => value !== 0)) {
        writeMatrix(writer, { dataType, initiators, targets, values }, onRounded);
      }
    }
    for (const { node, caches } of hmat.targets) {
      for (const cache of caches) writeCache(writer, domains.get(node) ?? 0, cache, caches.length);
    }
  });
}

/** A path between proximity domains. */
interface DomainPath {
  readonly initiator: number;
  readonly target: number;
  readonly coordinate: AccessCoordinate;
}

/** Every path to memory, and those to host bridges: CPUs see class 1, generic initiators class 0. */
function pathsOf(
  machine: Machine,
  hmat: Hmat,
  domainOf: (id: Machine['nodes'][number]['id']) => number,
): readonly DomainPath[] {
  const paths: DomainPath[] = hmat.performance.map(({ initiator, target, coordinate }) => ({
    initiator: domainOf(initiator),
    target: domainOf(target),
    coordinate,
  }));
  for (const { proximityDomain, access } of hmat.genericPorts) {
    if (paths.some(({ target }) => target === proximityDomain)) continue;
    const seers = machine.nodes.filter(({ id, cpus }) => {
      const speaks = hmat.performance.some(({ initiator }) => initiator === id);
      return speaks || (hmat.performance.length === 0 && cpus.length > 0);
    });
    for (const { id, cpus } of seers) {
      const coordinate = access[cpus.length > 0 ? 1 : 0];
      paths.push({ initiator: domainOf(id), target: proximityDomain, coordinate });
    }
  }
  return paths.filter(({ coordinate }) =>
    Object.keys(NO_COORDINATE).some((field) => coordinate[field as keyof AccessCoordinate] !== 0),
  );
}

interface MatrixContent {
  readonly dataType: number;
  readonly initiators: readonly number[];
  readonly targets: readonly number[];
  /** Nanoseconds or MB/s by initiator, then target; 0 is not provided. */
  readonly values: readonly (readonly number[])[];
}

function writeMatrix(
  writer: ByteWriter,
  { dataType, initiators, targets, values }: MatrixContent,
  onRounded: OnRounded | undefined,
): void {
  const { base, entryOf } = unitOf(values.flat(), dataType, onRounded);
  const [rows, columns] = [initiators.length, targets.length];
  writer
    .u16(1)
    .u16(0)
    .u32(32 + 4 * rows + 4 * columns + 2 * rows * columns);
  writer.u8(0).u8(dataType).u8(0).u8(0).u32(rows).u32(columns).u32(0).u64(base);
  for (const domain of [...initiators, ...targets]) writer.u32(domain);
  for (const value of values.flat()) writer.u16(entryOf(value));
}

/** How a matrix counts: its base, and the entry of a value. */
export interface MatrixUnit {
  readonly base: number;
  readonly entryOf: (value: number) => number;
}

/** Is told of each figure, in nanoseconds or MB/s, that a table can only say as another one. */
export type OnRounded = (value: number, read: number) => void;

/** Bases of latencies that are tried: from this many picoseconds on none fits better. */
const BASES_MAX = 1_000_000;

/**
 * The base with which every value of one matrix is a whole entry below 65535 that the kernel turns
 * back into just that value: 1 ns or 1 MB/s where that does, else the largest common measure, else,
 * for latencies, which the kernel rounds up to whole nanoseconds, the smallest base that does.
 */
export function unitOf(
  values: readonly number[],
  dataType: number,
  onRounded?: OnRounded,
): MatrixUnit {
  // The largest first: it is the first to fail.
  const given = [...new Set(values)].filter((value) => value !== 0).sort((a, b) => b - a);
  const scale = isLatency(dataType) ? 1000 : 1;
  const divisor = given.reduce(greatestCommonDivisor, 0);
  for (const base of [scale, divisor * scale]) {
    if (fits(given, base, scale)) return unit(base, scale);
  }
  const smallest = Math.ceil((((given[0] ?? 1) - 1) * scale + 1) / ENTRY_MAX);
  const largest = isLatency(dataType)
    ? Math.min(smallest + BASES_MAX, (given.at(-1) ?? 0) * scale)
    : 0;
  for (let base = smallest; base <= largest; base++) {
    if (fits(given, base, scale)) return unit(base, scale);
  }
  if (onRounded !== undefined) return roundedUnit(given, scale, onRounded);
  throw cannotEncode(
    `${given.toReversed().join(', ')} ${isLatency(dataType) ? 'ns' : 'MB/s'} have no common unit ` +
      `of which each is at most ${ENTRY_MAX}; allow rounding, or give them in coarser steps`,
  );
}

/** The finest base whose entries reach the largest value; what the kernel makes of the nearest entries is told. */
function roundedUnit(given: readonly number[], scale: number, onRounded: OnRounded): MatrixUnit {
  const base = Math.ceil(((given[0] ?? 1) * scale) / ENTRY_MAX);
  if (ENTRY_MAX * base > PRODUCT_MAX - (scale - 1)) {
    throw cannotEncode(`${given[0]} is more than the kernel's 32 bits hold`);
  }
  // No figure becomes 0, which would mean that it is not provided.
  const entryOf = (value: number): number =>
    value === 0 ? 0 : Math.max(1, Math.round((value * scale) / base));
  for (const value of given) {
    const read = Math.ceil((entryOf(value) * base) / scale);
    if (read !== value) onRounded(value, read);
  }
  return { base, entryOf };
}

const unit = (base: number, scale: number): MatrixUnit => ({
  base,
  entryOf: (value) => Math.floor((value * scale) / base),
});

/** Whether the kernel makes every value of its entry again. */
function fits(values: readonly number[], base: number, scale: number): boolean {
  for (const value of values) {
    const entry = Math.floor((value * scale) / base);
    const product = entry * base;
    if (entry < 1 || entry > ENTRY_MAX || product > PRODUCT_MAX - (scale - 1)) return false;
    if (Math.ceil(product / scale) !== value) return false;
  }
  return true;
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

const ASSOCIATIVITY = { other: 0, direct: 1, indexed: 2 } as const;
const WRITE_POLICY = { other: 0, 'write-back': 1, 'write-through': 2 } as const;

function writeCache(
  writer: ByteWriter,
  domain: number,
  cache: MemorySideCache,
  levels: number,
): void {
  if (cache.lineSize > 0xffff) {
    throw cannotEncode(`a memory-side cache has lines of ${cache.lineSize} B, more than 65535`);
  }
  const attributes =
    levels +
    cache.level * 2 ** 4 +
    ASSOCIATIVITY[cache.indexing] * 2 ** 8 +
    WRITE_POLICY[cache.writePolicy] * 2 ** 12 +
    cache.lineSize * 2 ** 16;
  writer.u16(2).u16(0).u32(32).u32(domain).u32(0).u64(cache.size).u32(attributes);
  writer.u16(cache.addressMode === 'extended-linear' ? 1 : 0).u16(0);
}
