import { readdirSync, statSync } from 'node:fs';

import type { KernelVersion, Machine } from '@tierlab/core';
import { decodeAcpi, type AcpiOptions, type AcpiTables } from '@tierlab/firmware';

import { CliError } from '../errors.ts';
import { fileError, readInputFile } from '../files/read-file.ts';
import { holdsAcpiTables, readAcpiDirectory } from './acpi-directory.ts';

/** What changes how a machine is read, or the machine itself. */
export interface MachineOptions {
  readonly bootOptions?: readonly string[];
  /** What-ifs, `node1.readLatency=250ns`, applied in order. */
  readonly settings?: readonly string[];
}

/** The machine as one kernel reads it: kernels differ in what they make of the same tables. */
export type MachineReader = (kernel: KernelVersion) => Machine;

/**
 * Opens the machine at `path`, in whatever form it is: a directory of ACPI tables or the text of
 * `acpidump`, a sysfs snapshot, hwloc XML, a machine file, or the name of one in the catalogue.
 *
 * Throws `CLI_FILE_NOT_FOUND`, `CLI_BAD_OPTION` and the codes of the room that reads it.
 */
export async function openMachine(
  path: string,
  options: MachineOptions = {},
): Promise<MachineReader> {
  const read = await openForm(path, options.bootOptions ?? []);
  const settings = (options.settings ?? []).map(splitSetting);
  if (settings.length === 0) return read;
  const { setMachineValue } = await import('@tierlab/firmware/file');
  return (kernel) =>
    settings.reduce(
      (machine, [what, value]) => setMachineValue(machine, what, value),
      read(kernel),
    );
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

async function openForm(path: string, bootOptions: readonly string[]): Promise<MachineReader> {
  const names = directoryListing(path);
  if (names !== undefined && holdsAcpiTables(names)) {
    const { tables, memoryMap } = readAcpiDirectory(path, names);
    return tablesReader(tables, { ...(memoryMap && { memoryMap }), bootOptions });
  }
  const text = new TextDecoder().decode(await readInputFile(path));
  const { looksLikeAcpidump, parseAcpidump } = await import('@tierlab/firmware');
  if (looksLikeAcpidump(text)) return tablesReader(parseAcpidump(text, path), { bootOptions });
  const { readMachineFile } = await import('@tierlab/firmware/file');
  return machineReader(readMachineFile(text, path), bootOptions);
}

const tablesReader =
  (tables: AcpiTables, options: AcpiOptions): MachineReader =>
  (kernel) =>
    decodeAcpi(tables, { ...options, kernel });

/** A machine that did not come from tables boots with options by way of the tables that tell of it. */
async function machineReader(
  machine: Machine,
  bootOptions: readonly string[],
): Promise<MachineReader> {
  if (bootOptions.length === 0) return () => machine;
  const { encodeAcpi } = await import('@tierlab/firmware');
  const { tables, options } = encodeAcpi(machine);
  return tablesReader(tables, {
    ...options,
    bootOptions: [...(options.bootOptions ?? []), ...bootOptions],
  });
}

/** Names in a directory; undefined for a file. Throws `CLI_FILE_NOT_FOUND`. */
function directoryListing(path: string): readonly string[] | undefined {
  try {
    return statSync(path).isDirectory() ? readdirSync(path) : undefined;
  } catch (error) {
    throw fileError(path, error);
  }
}
