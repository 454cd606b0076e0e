import { existsSync, readdirSync, statSync } from 'node:fs';

import {
  AssertionError,
  type HotplugStep,
  type KernelVersion,
  type Machine,
  type MappedRange,
} from '@tierlab/core';
import { decodeAcpi, tableOfFile, type AcpiOptions, type AcpiTables } from '@tierlab/firmware/acpi';
import type { SysfsReader } from '@tierlab/firmware/sysfs';

import { CliError } from '../errors.ts';
import { fileError, readInputFile } from '../files/read-file.ts';
import { readAcpiDirectory } from './acpi-directory.ts';

/** As much of a file as tells its form. */
const HEAD_BYTES = 4096;

/** What changes how a machine is read, or the machine itself. */
export interface MachineOptions {
  readonly bootOptions?: readonly string[];
  /** What-ifs, `node1.readLatency=250ns`, applied in order. */
  readonly settings?: readonly string[];
}

/** A machine that was given, in whatever form. */
export interface OpenedMachine {
  /** The machine as one kernel reads it: kernels differ in what they make of the same tables. */
  readonly read: (kernel: KernelVersion) => Machine;
  /** The tables it came in, where they are still what it is: nothing was set in it. */
  readonly tables?: { readonly raw: AcpiTables; readonly memoryMap?: readonly MappedRange[] };
  /** What its drivers had done when it was seen: steps between boot and the machine as it was. */
  readonly drivers: readonly HotplugStep[];
  /** The tiers that its own kernel had built, where the input shows them: tier number to node list. */
  readonly observed?: {
    readonly release?: string;
    readonly tiers: Readonly<Record<string, string>>;
  };
}

/**
 * Opens the machine at `path`, in whatever form it is: a directory of ACPI tables or the text of
 * `acpidump`, a sysfs snapshot (directory or tar), hwloc XML, a machine file, or the name of one in
 * the catalogue.
 *
 * Throws `CLI_FILE_NOT_FOUND`, `CLI_BAD_OPTION` and the codes of the room that reads it.
 */
export async function openMachine(
  path: string,
  options: MachineOptions = {},
): Promise<OpenedMachine> {
  const opened = await openForm(path, options.bootOptions ?? []);
  const settings = (options.settings ?? []).map(splitSetting);
  if (settings.length === 0) return opened;
  const { setMachineValue } = await import('@tierlab/firmware/file');
  const { tables: _, ...asSet } = opened;
  return {
    ...asSet,
    read: (kernel) =>
      settings.reduce(
        (machine, [what, value]) => setMachineValue(machine, what, value),
        opened.read(kernel),
      ),
  };
}

function splitSetting(setting: string): readonly [what: string, value: string] {
  const [, what, value] = /^([^=]+)=(.*)$/.exec(setting) ?? [];
  if (what === undefined || value === undefined) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--set ${setting}: expected NODE.FIELD=VALUE, as in --set node1.readLatency=250ns`,
    );
  }
  return [what, value];
}

async function openForm(path: string, bootOptions: readonly string[]): Promise<OpenedMachine> {
  if (!existsSync(path) && /^[a-z0-9][a-z0-9.-]*$/.test(path)) {
    return fromMachine(await catalogueMachine(path), bootOptions);
  }
  const names = directoryListing(path);
  if (names?.some((name) => isTable(tableOfFile(name)))) {
    const { tables, memoryMap } = readAcpiDirectory(path, names);
    return fromTables(tables, { ...(memoryMap && { memoryMap }), bootOptions });
  }
  const raw = names === undefined ? await readInputFile(path) : undefined;
  const { detectMachineForm, parseAcpidump } = await import('@tierlab/firmware');
  const form = detectMachineForm(path, names ?? raw?.subarray(0, HEAD_BYTES) ?? []);
  switch (form) {
    case 'acpi-directory':
      throw new AssertionError(`${path}: a directory of tables was read above`);
    case 'sysfs-directory': {
      const { sysfsFromDirectory } = await import('./sysfs-directory.ts');
      return fromSysfs(sysfsFromDirectory(path), bootOptions);
    }
    case 'sysfs-archive': {
      const { sysfsFromTar } = await import('@tierlab/firmware/sysfs');
      return fromSysfs(sysfsFromTar(raw ?? new Uint8Array()), bootOptions);
    }
    case 'acpidump':
      return fromTables(parseAcpidump(textOf(raw), path), { bootOptions });
    case 'hwloc-xml': {
      const { machineFromHwlocXml } = await import('@tierlab/firmware/hwloc');
      return fromMachine(machineFromHwlocXml(textOf(raw)), bootOptions);
    }
    case 'machine-file': {
      const { readMachineFile } = await import('@tierlab/firmware/file');
      return fromMachine(readMachineFile(textOf(raw), path), bootOptions);
    }
  }
}

const isTable = (file: ReturnType<typeof tableOfFile>): boolean =>
  file !== undefined && file !== 'memmap';

/** A machine by its name; what is neither a file nor a name is said to be neither. */
async function catalogueMachine(name: string): Promise<Machine> {
  const { FirmwareError } = await import('@tierlab/firmware');
  const catalogue = await import('@tierlab/firmware/catalogue');
  try {
    return catalogue.catalogueMachine(name);
  } catch (cause) {
    if (!(cause instanceof FirmwareError) || cause.code !== 'FIRMWARE_UNKNOWN_MACHINE') throw cause;
    throw new CliError(
      'CLI_FILE_NOT_FOUND',
      `${name}: no such file or directory, and ${cause.message}`,
      { cause },
    );
  }
}

const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

const fromTables = (raw: AcpiTables, options: AcpiOptions): OpenedMachine => ({
  read: (kernel) => decodeAcpi(raw, { ...options, kernel }),
  tables: { raw, ...(options.memoryMap && { memoryMap: options.memoryMap }) },
  drivers: [],
});

/** A machine that did not come from tables boots with options by way of the tables that tell of it. */
async function fromMachine(
  machine: Machine,
  bootOptions: readonly string[],
): Promise<OpenedMachine> {
  if (bootOptions.length === 0) return { read: () => machine, drivers: [] };
  const { encodeAcpi } = await import('@tierlab/firmware');
  const { tables, options } = encodeAcpi(machine);
  const booted = { ...options, bootOptions: [...(options.bootOptions ?? []), ...bootOptions] };
  return { read: (kernel) => decodeAcpi(tables, { ...booted, kernel }), drivers: [] };
}

async function fromSysfs(
  reader: SysfsReader,
  bootOptions: readonly string[],
): Promise<OpenedMachine> {
  const { machineFromSysfs } = await import('@tierlab/firmware/sysfs');
  const { machine, kmemNodes, observed } = await machineFromSysfs(reader);
  const { release, tiers } = observed;
  return {
    ...(await fromMachine(machine, bootOptions)),
    drivers: kmemNodes.map((node) => ({ kind: 'kmem', node })),
    ...(tiers && { observed: { tiers, ...(release !== undefined && { release }) } }),
  };
}

/** Names in a directory; undefined for a file. Throws `CLI_FILE_NOT_FOUND`. */
function directoryListing(path: string): readonly string[] | undefined {
  try {
    return statSync(path).isDirectory() ? readdirSync(path) : undefined;
  } catch (error) {
    throw fileError(path, error);
  }
}
