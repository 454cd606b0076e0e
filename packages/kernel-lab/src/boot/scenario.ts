import { KernelLabError } from '../errors.ts';
import { checkMachineArguments } from './qemu-command.ts';
import type { AccessPlay } from './access-play.ts';

/** What to record: a machine, the kernel's settings and an access stream. */
export interface Scenario {
  readonly name: string;
  readonly machine: GuestMachine;
  /** Shell commands that make the kernel's settings, as in `KernelRecord.setup`. */
  readonly setup: string;
  /** A generated stream, `PAGES PER_MS SEED PHASE...`, or a trace's accesses; see `encodePlay`. */
  readonly stream: string | AccessPlay;
  /** Milliseconds of the schedule between two intervals of the record; 500 unless given. */
  readonly stepMs?: number;
  /**
   * Seconds to wait between the settings and the first touch; it becomes part of the record's
   * `setup`. Runs that differ in nothing else say how far the kernel agrees with itself.
   */
  readonly startDelaySeconds?: number;
}

/** A machine to boot: in QEMU's arguments, or by the ACPI tables its kernel is to see. */
export type GuestMachine =
  | { readonly qemu: readonly string[] }
  | {
      /** Memory from address 0, in MiB, that the tables share out among nodes. */
      readonly ramMib: number;
      /** CPUs; QEMU gives them the APIC ids 0, 1, 2... */
      readonly cpus: number;
      /** Raw tables (SRAT, SLIT, HMAT, CEDT, SSDT) with good checksums. */
      readonly tables: readonly Uint8Array[];
    };

/** The machine in QEMU's arguments; its tables travel beside them. Throws `LAB_BAD_SCENARIO`. */
export function machineArguments(machine: GuestMachine): readonly string[] {
  if ('qemu' in machine) {
    checkMachineArguments(machine.qemu);
    return machine.qemu;
  }
  return ['-smp', String(machine.cpus), '-m', `${machine.ramMib}M`];
}

/** The tables that the boot replaces, checked: Linux refuses one of a wrong length or checksum. */
export function machineTables(machine: GuestMachine): readonly Uint8Array[] {
  if ('qemu' in machine) return [];
  for (const table of machine.tables) checkTable(table);
  return machine.tables;
}

/** Source: Linux drivers/acpi/tables.c acpi_table_initrd_override, 6.12; the header is ACPI 6.5, 5.2.6. */
function checkTable(table: Uint8Array): void {
  const signature = String.fromCharCode(...table.subarray(0, 4));
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const length = table.length < 36 ? 0 : view.getUint32(4, true);
  if (length !== table.length) {
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      `table ${signature}: expected a length field of ${table.length}, got ${length}; Linux takes no such table from its initramfs`,
    );
  }
  const sum = table.reduce((total, byte) => (total + byte) & 0xff, 0);
  if (sum === 0) return;
  throw new KernelLabError(
    'LAB_BAD_SCENARIO',
    `table ${signature}: expected its bytes to add up to 0 (mod 256), got ${sum}; Linux takes no such table from its initramfs`,
  );
}

/** The setup as it is recorded: with the wait before the first touch at its end. */
export function recordedSetup({ setup, startDelaySeconds = 0 }: Scenario): string {
  if (startDelaySeconds === 0) return setup;
  const commands = setup.trimEnd();
  const separator = commands === '' || commands.endsWith(';') ? '' : ';';
  return `${commands}${separator} /bin/busybox sleep ${startDelaySeconds}; `;
}

/** Pages of the program's mapping. Throws `LAB_BAD_SCENARIO` for a stream that names none. */
export function streamPageCount(stream: string | AccessPlay): number {
  if (typeof stream !== 'string') return stream.pageCount;
  const pages = Number(stream.trim().split(/\s+/)[0]);
  if (Number.isInteger(pages) && pages > 0) return pages;
  throw new KernelLabError(
    'LAB_BAD_SCENARIO',
    `access stream: expected PAGES PER_MS SEED PHASE..., got ${JSON.stringify(stream)}`,
  );
}
