import { KernelLabError } from '../errors.ts';
import type { KernelRecord } from '../record.ts';
import type { AccessPlay } from './access-play.ts';
import { checkMachineArguments } from './qemu-command.ts';

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

/** A machine to boot. */
export interface GuestMachine {
  /** CPUs, memory and nodes in QEMU's arguments; just `-smp` and `-m` where the tables say the rest. */
  readonly qemu: readonly string[];
  /**
   * Raw ACPI tables with good checksums that the kernel is to see: SRAT, SLIT, HMAT, CEDT or SSDT.
   * They share out the memory from address 0 among nodes; QEMU gives CPUs the APIC ids 0, 1, 2...
   */
  readonly tables?: readonly Uint8Array[];
}

/**
 * The scenario that a record is of, so that it can be recorded again, also on another kernel. Takes
 * as little of a record as says what to do. Throws `LAB_BAD_SCENARIO`, also for a record of a played
 * trace, which holds the hash of what was played and not the accesses.
 */
export function scenarioOfRecord(record: Partial<KernelRecord>): Scenario {
  const { name, qemu, tables, setup, agent } = record;
  if (name === undefined || qemu === undefined || setup === undefined || agent === undefined) {
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      `scenario: expected name, qemu, setup and agent, got ${Object.keys(record).join(', ') || 'nothing'}`,
    );
  }
  if (agent === 'play') {
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      `${name}: expected a generated access stream, got a trace that was played; give the trace`,
    );
  }
  return {
    name,
    machine: machineOfRecord({ qemu, ...(tables && { tables }) }),
    setup,
    stream: agent,
  };
}

/** The machine that a record was made on. Throws `LAB_BAD_SCENARIO` for arguments that are no machine. */
export function machineOfRecord({
  qemu,
  tables,
}: Pick<KernelRecord, 'qemu' | 'tables'>): GuestMachine {
  checkMachineArguments(qemu);
  return tables === undefined ? { qemu } : { qemu, tables: tables.map(bytesOfBase64) };
}

const bytesOfBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/**
 * Throws `LAB_BAD_SCENARIO` for what no kernel would boot with: arguments that are no machine, and
 * tables of a wrong length or checksum, which Linux does not take from its initramfs.
 */
export function checkMachine({ qemu, tables = [] }: GuestMachine): void {
  checkMachineArguments(qemu);
  for (const table of tables) {
    const fault = tableFault(table);
    if (fault === undefined) continue;
    const signature = String.fromCharCode(...table.subarray(0, 4));
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      `table ${signature}: ${fault}; Linux takes no such table from its initramfs`,
    );
  }
}

/**
 * Why Linux takes no such table from its initramfs, if it does not.
 * Source: Linux drivers/acpi/tables.c acpi_table_initrd_override, 6.12; the header is ACPI 6.5, 5.2.6.
 */
export function tableFault(table: Uint8Array): string | undefined {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const length = table.length < 36 ? 0 : view.getUint32(4, true);
  if (length !== table.length) return `expected a length field of ${table.length}, got ${length}`;
  const sum = table.reduce((total, byte) => (total + byte) & 0xff, 0);
  return sum === 0 ? undefined : `expected its bytes to add up to 0 (mod 256), got ${sum}`;
}

/** The setup as it is recorded: with the wait before the first touch at its end. */
export function recordedSetup({ setup, startDelaySeconds = 0 }: Scenario): string {
  if (startDelaySeconds === 0) return setup;
  const commands = setup.trimEnd();
  const separator = commands === '' || commands.endsWith(';') ? '' : ';';
  return `${commands}${separator} /bin/busybox sleep ${startDelaySeconds}; `;
}

/**
 * Throws `LAB_BAD_SCENARIO` for more pages than the guest has memory; where the kernel needs what is left, the guest's
 * own words tell.
 */
export function checkStreamFits(pageCount: number, { qemu }: GuestMachine): void {
  const [, size = '', unit = 'M'] = /^(\d+)([MG]?)/.exec(qemu[qemu.indexOf('-m') + 1] ?? '') ?? [];
  const ramMib = Number(size) * (unit === 'G' ? 1024 : 1);
  const streamMib = Math.ceil((pageCount * PAGE_BYTES) / 2 ** 20);
  if (ramMib === 0 || streamMib < ramMib) return;
  throw new KernelLabError(
    'LAB_BAD_SCENARIO',
    `access stream: its ${pageCount} pages are ${streamMib} MiB, and the guest has ${ramMib} in all; use fewer pages, or nodes with more memory`,
  );
}

const PAGE_BYTES = 4096;

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
