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

/** Bytes of an APIC entry and of a memory entry. Source: ACPI 6.5, 5.2.16. */
const APIC_BYTES = 16;
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

function parseEntry(table: AcpiTable, structure: Structure): SratEntry {
  switch (structure.type) {
    case 0:
      return parseApic(table, structure);
    case 2:
    case 3:
    case 7:
      return parseCpu(table, structure, CPU_FIELDS[structure.type]);
    case 1:
      return parseMemory(table, structure);
    case 5:
    case 6:
      return parseGeneric(table, structure);
    default: {
      const { offset, type, length } = structure;
      return { kind: 'other', offset, type, length, enabled: false, proximityDomain: 0 };
    }
  }
}

/**
 * An APIC entry must have exactly its length. The upper three bytes of its domain count from
 * revision 2 on. Source: Linux arch/x86/mm/srat.c acpi_numa_processor_affinity_init.
 */
function parseApic(table: AcpiTable, { offset, type, length }: Structure): SratCpu {
  const lengthGood = length === APIC_BYTES;
  const wide = lengthGood && table.revision >= 2;
  const high = wide ? readU16(table, offset + 9) | (readU8(table, offset + 11) << 16) : 0;
  return {
    kind: 'cpu',
    offset,
    type,
    length,
    lengthGood,
    enabled: lengthGood && (readU32(table, offset + 4) & 1) !== 0,
    proximityDomain: lengthGood ? readU8(table, offset + 2) + high * 256 : 0,
    cpu: lengthGood ? readU8(table, offset + 3) : 0,
  };
}

interface CpuFields {
  readonly bytes: number;
  readonly domain: number;
  readonly cpu: number;
  readonly flags: number;
}

/** Where x2APIC (2), GICC (3) and RINTC (7) entries have their fields. Source: ACPI 6.5, 5.2.16. */
const CPU_FIELDS: Readonly<Record<2 | 3 | 7, CpuFields>> = {
  2: { bytes: 24, domain: 4, cpu: 8, flags: 12 },
  3: { bytes: 18, domain: 2, cpu: 6, flags: 10 },
  7: { bytes: 20, domain: 4, cpu: 8, flags: 12 },
};

/** The other CPU entries must have at least their length. Source: Linux arch/x86/mm/srat.c acpi_numa_x2apic_affinity_init. */
function parseCpu(table: AcpiTable, { offset, type, length }: Structure, at: CpuFields): SratCpu {
  const lengthGood = length >= at.bytes;
  return {
    kind: 'cpu',
    offset,
    type,
    length,
    lengthGood,
    enabled: lengthGood && (readU32(table, offset + at.flags) & 1) !== 0,
    proximityDomain: lengthGood ? readU32(table, offset + at.domain) : 0,
    cpu: lengthGood ? readU32(table, offset + at.cpu) : 0,
  };
}

function parseMemory(table: AcpiTable, { offset, type, length }: Structure): SratMemory {
  const lengthGood = length >= MEMORY_BYTES;
  const flags = lengthGood ? readU32(table, offset + 28) : 0;
  return {
    kind: 'memory',
    offset,
    type,
    length,
    lengthGood,
    enabled: (flags & 1) !== 0,
    proximityDomain: lengthGood ? readU32(table, offset + 2) : 0,
    base: lengthGood ? readU64(table, offset + 8) : 0,
    size: lengthGood ? readU64(table, offset + 16) : 0,
    hotPluggable: (flags & 2) !== 0,
    nonVolatile: (flags & 4) !== 0,
  };
}

/** Linux does not look at the length of these entries. */
function parseGeneric(table: AcpiTable, { offset, type, length }: Structure): SratGeneric {
  return {
    kind: type === 5 ? 'initiator' : 'port',
    offset,
    type,
    length,
    enabled: (readU32(table, offset + 24) & 1) !== 0,
    proximityDomain: readU32(table, offset + 4),
    acpiHandle: readU8(table, offset + 3) === 0,
    handleStart: readU16(table, offset + 8),
    acpiUid: readU32(table, offset + 16),
  };
}
