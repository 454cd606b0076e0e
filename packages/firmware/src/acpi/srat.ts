import {
  readU16,
  readU32,
  readU64,
  readU8,
  SRAT_LAYOUT,
  walkStructures,
  type AcpiTable,
  type Structure,
} from './table.ts';

/** An SRAT in table order, each entry as it stands; what Linux makes of them is `numa.ts`. */
export interface Srat {
  readonly revision: number;
  readonly entries: readonly SratEntry[];
  /** Offset of a zero-length entry, where every walk over the table fails. */
  readonly zeroLengthAt: number | undefined;
}

export type SratEntry = SratCpu | SratMemory | SratGeneric | SratOther;

interface Entry {
  readonly offset: number;
  /** Entry type by number; see the kinds. */
  readonly type: number;
  readonly length: number;
  readonly enabled: boolean;
  readonly proximityDomain: number;
}

/** Types 0 (APIC), 2 (x2APIC), 3 (GICC) and 7 (RINTC). `lengthGood` false: nothing else was read. */
export interface SratCpu extends Entry {
  readonly kind: 'cpu';
  readonly lengthGood: boolean;
  /** APIC id, or ACPI processor UID for types 3 and 7. */
  readonly cpu: number;
}

/** Type 1. `proximityDomain` is unmasked, whatever the revision. */
export interface SratMemory extends Entry {
  readonly kind: 'memory';
  readonly lengthGood: boolean;
  readonly base: number;
  readonly size: number;
  readonly hotPluggable: boolean;
  readonly nonVolatile: boolean;
}

/** Types 5 (generic initiator) and 6 (generic port). */
export interface SratGeneric extends Entry {
  readonly kind: 'initiator' | 'port';
  readonly acpiHandle: boolean;
  /** First two bytes of the handle; Linux takes zero for "no handle". */
  readonly handleStart: number;
  /** ACPI `_UID`, for an ACPI handle. */
  readonly acpiUid: number;
}

export interface SratOther extends Entry {
  readonly kind: 'other';
}

/** Bytes of each CPU entry. Source: ACPI 6.5, 5.2.16. */
const CPU_BYTES: Readonly<Record<number, number>> = { 0: 16, 2: 24, 3: 18, 7: 20 };
const MEMORY_BYTES = 40;

/** Reads the entries of an SRAT. Throws `FIRMWARE_TRUNCATED_TABLE`. */
export function parseSrat(table: AcpiTable): Srat {
  const { structures, zeroLengthAt } = walkStructures(table, SRAT_LAYOUT);
  return {
    revision: table.revision,
    entries: structures.map((structure) => parseEntry(table, structure)),
    zeroLengthAt,
  };
}

function parseEntry(table: AcpiTable, { offset, type, length }: Structure): SratEntry {
  const entry = { offset, type, length, enabled: false, proximityDomain: 0 };
  switch (type) {
    case 0:
    case 2:
    case 3:
    case 7:
      return parseCpu(table, entry);
    case 1:
      return parseMemory(table, entry);
    case 5:
    case 6:
      return parseGeneric(table, entry);
    default:
      return { ...entry, kind: 'other' };
  }
}

/**
 * A CPU entry. Only type 0 must have exactly its length, the others at least theirs. The upper
 * three bytes of a type 0 domain count from revision 2 on.
 * Source: Linux arch/x86/mm/srat.c acpi_numa_processor_affinity_init, acpi_numa_x2apic_affinity_init.
 */
function parseCpu(table: AcpiTable, entry: Entry): SratCpu {
  const { offset, type, length } = entry;
  const lengthGood = type === 0 ? length === CPU_BYTES[0] : length >= CPU_BYTES[type]!;
  if (!lengthGood) return { ...entry, kind: 'cpu', lengthGood, cpu: 0 };
  if (type === 0) {
    const high =
      table.revision >= 2 ? readU16(table, offset + 9) | (readU8(table, offset + 11) << 16) : 0;
    return {
      ...entry,
      kind: 'cpu',
      lengthGood,
      cpu: readU8(table, offset + 3),
      proximityDomain: readU8(table, offset + 2) + high * 256,
      enabled: (readU32(table, offset + 4) & 1) !== 0,
    };
  }
  const at = type === 2 ? { domain: 4, cpu: 8, flags: 12 } : CPU_FIELDS[type === 3 ? 3 : 7];
  return {
    ...entry,
    kind: 'cpu',
    lengthGood,
    cpu: readU32(table, offset + at.cpu),
    proximityDomain: readU32(table, offset + at.domain),
    enabled: (readU32(table, offset + at.flags) & 1) !== 0,
  };
}

const CPU_FIELDS = { 3: { domain: 2, cpu: 6, flags: 10 }, 7: { domain: 4, cpu: 8, flags: 12 } };

function parseMemory(table: AcpiTable, entry: Entry): SratMemory {
  const { offset, length } = entry;
  const lengthGood = length >= MEMORY_BYTES;
  if (!lengthGood)
    return {
      ...entry,
      kind: 'memory',
      lengthGood,
      base: 0,
      size: 0,
      hotPluggable: false,
      nonVolatile: false,
    };
  const flags = readU32(table, offset + 28);
  return {
    ...entry,
    kind: 'memory',
    lengthGood,
    proximityDomain: readU32(table, offset + 2),
    base: readU64(table, offset + 8),
    size: readU64(table, offset + 16),
    enabled: (flags & 1) !== 0,
    hotPluggable: (flags & 2) !== 0,
    nonVolatile: (flags & 4) !== 0,
  };
}

/** Linux does not look at the length of these entries. */
function parseGeneric(table: AcpiTable, entry: Entry): SratGeneric {
  const { offset, type } = entry;
  return {
    ...entry,
    kind: type === 5 ? 'initiator' : 'port',
    acpiHandle: readU8(table, offset + 3) === 0,
    proximityDomain: readU32(table, offset + 4),
    handleStart: readU16(table, offset + 8),
    acpiUid: readU32(table, offset + 16),
    enabled: (readU32(table, offset + 24) & 1) !== 0,
  };
}
