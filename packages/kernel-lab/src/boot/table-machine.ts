import { type KernelVersion, type MappedRange } from '@tierlab/core';
import { type AcpiTables, decodeAcpi, pcMemoryMap } from '@tierlab/firmware';

import { tableFault } from './scenario.ts';
import { type BootableMachine, cpuArgument, refuseCxl } from './scaled-machine.ts';

/** What else is known of a machine given as raw tables, and how it is booted. */
export interface TableMachineOptions {
  /** Absent: memory of the SRAT is RAM. */
  readonly memoryMap?: readonly MappedRange[];
  readonly bootOptions?: readonly string[];
  readonly kernel?: KernelVersion;
}

const MIB = 2 ** 20;
const RAM_MIB_MIN = 512;
const RAM_MIB_MAX = 8192;
const CPUS_MAX = 16;
/** Where the tables of Linux's CPUs start in a MADT. Source: ACPI 6.5, 5.2.12. */
const MADT_ENTRIES = 44;

/**
 * Boots these very tables, where they are those of a PC that QEMU can be: from 512 MiB to 8 GiB of
 * RAM from address 0, and up to 16 CPUs with APIC ids 0, 1, 2.... `undefined` for any other machine,
 * which has to be made small first. Throws `LAB_BAD_SCENARIO` for CXL windows.
 */
export function tableMachine(
  tables: AcpiTables,
  { memoryMap, bootOptions = [], kernel }: TableMachineOptions = {},
): BootableMachine | undefined {
  const asGiven = decodeAcpi(tables, { ...(memoryMap && { memoryMap }) });
  refuseCxl(asGiven);
  const ramMiB = pcRamMiB(asGiven.memoryMap);
  const { SRAT, SLIT, HMAT, APIC } = tables;
  if (ramMiB === undefined || APIC === undefined || !isNumberedByQemu(APIC)) return undefined;
  const shown = [SRAT, SLIT, HMAT].filter((table) => table !== undefined);
  if (!shown.every((table) => tableFault(table) === undefined)) return undefined;
  return {
    machine: decodeAcpi(tables, { ramMiB, bootOptions, ...(kernel && { kernel }) }),
    guest: { qemu: ['-smp', cpuArgument(APIC), '-m', `${ramMiB}M`], tables: shown },
    bootOptions,
  };
}

/** MiB of RAM of a PC that has this memory map, but for what its firmware reserves. */
function pcRamMiB(map: readonly MappedRange[]): number | undefined {
  const mapped = map.filter(({ kind }) => kind !== 'reserved');
  const ramMiB = Math.ceil(sumOf(mapped) / MIB);
  if (ramMiB < RAM_MIB_MIN || ramMiB > RAM_MIB_MAX) return undefined;
  const pc = pcMemoryMap(ramMiB);
  const isPc =
    mapped.every(({ kind, base, size }) => kind === 'ram' && pc.some(around(base, base + size))) &&
    sumOf(pc) - sumOf(mapped) < MIB;
  return isPc ? ramMiB : undefined;
}

const sumOf = (map: readonly MappedRange[]): number =>
  map.reduce((total, { size }) => total + size, 0);

/** Whether a range of a PC holds all of these addresses; no SRAT leaves out the hole under the first MiB. */
const around =
  (start: number, end: number) =>
  ({ base, size }: MappedRange): boolean =>
    (base <= MIB ? 0 : base) <= start && end <= base + size;

/** Whether the MADT lists local APICs 0, 1, 2... and nothing else, those that are enabled first. */
function isNumberedByQemu(madt: Uint8Array): boolean {
  let count = 0;
  let waiting = false;
  for (let at = MADT_ENTRIES; at + 1 < madt.length; at += madt[at + 1]) {
    if (madt[at + 1] === 0 || madt[at] === 9) return false;
    if (madt[at] !== 0) continue;
    const enabled = (madt[at + 4] & 1) === 1;
    if (madt[at + 3] !== count || (enabled && waiting)) return false;
    waiting ||= !enabled;
    count++;
  }
  return count > 0 && count <= CPUS_MAX;
}
