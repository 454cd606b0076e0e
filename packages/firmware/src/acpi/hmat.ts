import {
  HMAT_LAYOUT,
  readU16,
  readU32,
  readU64,
  readU8,
  requireBytes,
  walkStructures,
  type AcpiTable,
  type Structure,
} from './table.ts';

/** Type 0: the initiator attached to a memory domain. */
export interface ProximityAttributes {
  readonly offset: number;
  readonly lengthGood: boolean;
  readonly initiatorValid: boolean;
  /** Only revision 1 has this flag. */
  readonly memoryValid: boolean;
  readonly initiator: number;
  readonly memory: number;
}

/** Type 1: a matrix, initiator-major. `bad` says why Linux drops the whole HMAT for it. */
export interface Locality {
  readonly offset: number;
  readonly bad: string | undefined;
  /** 0: memory; 1 to 3: a level of memory-side cache, which Linux does not use. */
  readonly hierarchy: number;
  readonly dataType: number;
  readonly base: number;
  readonly initiators: readonly number[];
  readonly targets: readonly number[];
  /** Raw entry of the i-th initiator and t-th target. */
  readonly entry: (i: number, t: number) => number;
}

/** Type 2. */
export interface CacheStructure {
  readonly offset: number;
  readonly lengthGood: boolean;
  readonly memory: number;
  readonly size: number;
  readonly attributes: number;
  readonly addressMode: number;
}

/** An HMAT, its structures by type, each list in table order. */
export interface HmatTable {
  readonly revision: number;
  readonly proximityAttributes: readonly ProximityAttributes[];
  readonly localities: readonly Locality[];
  readonly caches: readonly CacheStructure[];
  /** Offset of a zero-length structure, which drops the whole table. */
  readonly zeroLengthAt: number | undefined;
}

const PROXIMITY_BYTES = 40;
const HEADER_BYTES = 32;

/** Reads the structures. Throws `FIRMWARE_TRUNCATED_TABLE`. Source: ACPI 6.5, 5.2.27. */
export function parseHmat(table: AcpiTable): HmatTable {
  const { structures, zeroLengthAt } = walkStructures(table, HMAT_LAYOUT);
  const ofType = (type: number): Structure[] =>
    structures.filter((structure) => structure.type === type);
  return {
    revision: table.revision,
    proximityAttributes: ofType(0).map((structure) => parseProximity(table, structure)),
    localities: ofType(1).map((structure) => parseLocality(table, structure)),
    caches: ofType(2).map((structure) => parseCache(table, structure)),
    zeroLengthAt,
  };
}

function parseProximity(table: AcpiTable, { offset, length }: Structure): ProximityAttributes {
  const lengthGood = length === PROXIMITY_BYTES;
  if (!lengthGood)
    return {
      offset,
      lengthGood,
      initiatorValid: false,
      memoryValid: false,
      initiator: 0,
      memory: 0,
    };
  const flags = readU16(table, offset + 8);
  return {
    offset,
    lengthGood,
    initiatorValid: (flags & 1) !== 0,
    memoryValid: (flags & 2) !== 0,
    initiator: readU32(table, offset + 12),
    memory: readU32(table, offset + 16),
  };
}

function parseLocality(table: AcpiTable, { offset, length }: Structure): Locality {
  const refused = (bad: string): Locality => ({
    offset,
    bad,
    hierarchy: 0,
    dataType: 0,
    base: 0,
    initiators: [],
    targets: [],
    entry: () => 0,
  });
  if (length < HEADER_BYTES) return refused(`matrix of length ${length}, less than its header`);
  const initiatorCount = readU32(table, offset + 12);
  const targetCount = readU32(table, offset + 16);
  const needed = HEADER_BYTES + matrixBytes32(initiatorCount, targetCount);
  if (length < needed >>> 0)
    return refused(
      `matrix of length ${length}, ${initiatorCount} x ${targetCount} needs ${needed >>> 0}`,
    );
  const initiatorsAt = offset + HEADER_BYTES;
  const targetsAt = initiatorsAt + 4 * initiatorCount;
  const entriesAt = targetsAt + 4 * targetCount;
  requireBytes(table, offset, entriesAt - offset + 2 * initiatorCount * targetCount);
  const domains = (at: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => table.view.getUint32(at + 4 * i, true));
  return {
    offset,
    bad: undefined,
    hierarchy: readU8(table, offset + 8) & 0xf,
    dataType: readU8(table, offset + 9),
    base: readU64(table, offset + 24),
    initiators: domains(initiatorsAt, initiatorCount),
    targets: domains(targetsAt, targetCount),
    entry: (i, t) => table.view.getUint16(entriesAt + 2 * (i * targetCount + t), true),
  };
}

/** Bytes of a matrix's lists and entries in the 32 bits the kernel counts them with. */
function matrixBytes32(initiatorCount: number, targetCount: number): number {
  const entries = Math.imul(2, Math.imul(initiatorCount, targetCount));
  return (entries + Math.imul(4, initiatorCount) + Math.imul(4, targetCount)) >>> 0;
}

function parseCache(table: AcpiTable, { offset, length }: Structure): CacheStructure {
  const lengthGood = length >= HEADER_BYTES;
  if (!lengthGood) return { offset, lengthGood, memory: 0, size: 0, attributes: 0, addressMode: 0 };
  return {
    offset,
    lengthGood,
    memory: readU32(table, offset + 8),
    size: readU64(table, offset + 16),
    attributes: readU32(table, offset + 24),
    addressMode: readU16(table, offset + 28),
  };
}
