import {
  MADT_LAYOUT,
  readU32,
  readU8,
  walkStructures,
  type AcpiTable,
  type Structure,
} from './table.ts';

/** A CPU that the MADT lists. */
export interface MadtCpu {
  /** APIC id; ACPI processor UID for GICC and RINTC. */
  readonly id: number;
  /** Started at boot; otherwise it can be plugged in later. */
  readonly enabled: boolean;
  readonly architecture: 'x86' | 'arm64' | 'riscv';
}

/**
 * The CPUs of a MADT, in table order: types 0 (local APIC), 9 (x2APIC), 11 (GICC), 24 (RINTC).
 * One that is neither enabled nor could ever be is left out, as is one of the wrong length.
 * Throws `FIRMWARE_TRUNCATED_TABLE`.
 * Source: ACPI 6.5, 5.2.12; Linux arch/x86/kernel/acpi/boot.c acpi_parse_lapic, acpi_is_processor_usable.
 */
export function parseMadt(table: AcpiTable): MadtCpu[] {
  const cpus: MadtCpu[] = [];
  const seen = new Set<number>();
  for (const structure of walkStructures(table, MADT_LAYOUT).structures) {
    const cpu = parseCpu(table, structure);
    if (!cpu || seen.has(cpu.id)) continue;
    seen.add(cpu.id);
    cpus.push(cpu);
  }
  return cpus;
}

const ENABLED = 1;
const ONLINE_CAPABLE = 2;
/** From this MADT revision on, a CPU that is not enabled says whether it can be. */
const ONLINE_CAPABLE_REVISION = 5;

function parseCpu(table: AcpiTable, { offset, type, length }: Structure): MadtCpu | undefined {
  switch (type) {
    case 0: {
      const id = length === 8 ? readU8(table, offset + 3) : 0xff;
      return id === 0xff ? undefined : x86Cpu(table, id, readU32(table, offset + 4));
    }
    case 9: {
      const id = length === 16 ? readU32(table, offset + 4) : 0xffffffff;
      return id === 0xffffffff ? undefined : x86Cpu(table, id, readU32(table, offset + 8));
    }
    case 11:
      if (length < 76) return undefined;
      return {
        id: readU32(table, offset + 8),
        enabled: (readU32(table, offset + 12) & ENABLED) !== 0,
        architecture: 'arm64',
      };
    case 24:
      if (length < 20) return undefined;
      return {
        id: readU32(table, offset + 16),
        enabled: (readU32(table, offset + 4) & ENABLED) !== 0,
        architecture: 'riscv',
      };
    default:
      return undefined;
  }
}

function x86Cpu(table: AcpiTable, id: number, flags: number): MadtCpu | undefined {
  const enabled = (flags & ENABLED) !== 0;
  const usable =
    enabled || table.revision < ONLINE_CAPABLE_REVISION || (flags & ONLINE_CAPABLE) !== 0;
  return usable ? { id, enabled, architecture: 'x86' } : undefined;
}
