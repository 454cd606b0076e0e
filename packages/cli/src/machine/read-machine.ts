import { readdirSync, statSync } from 'node:fs';

import type { KernelVersion, Machine } from '@tierlab/core';
import { decodeAcpi, type AcpiTables } from '@tierlab/firmware';

import { CliError } from '../errors.ts';
import { fileError, readInputFile } from '../files/read-file.ts';
import { holdsAcpiTables, readAcpiDirectory } from './acpi-directory.ts';

/** What changes how a machine is read, or the machine itself. */
export interface MachineOptions {
  readonly bootOptions?: readonly string[];
  /** What-ifs, `node1.readLatency=250ns`, applied in order. */
  readonly settings?: readonly string[];
}

/** A machine that was given, readable once for each kernel that looks at it. */
export type MachineReader = (kernel: KernelVersion) => Promise<Machine>;

/**
 * Opens the machine at `path`, in whatever form it is: a directory of ACPI tables or the text of
 * `acpidump`, a sysfs snapshot, hwloc XML, a machine file, or the name of one in the catalogue.
 *
 * Throws `CLI_FILE_NOT_FOUND`, `CLI_OPTION_WITHOUT_EFFECT` and the codes of the room that reads it.
 */
export async function openMachine(path: string, options: MachineOptions): Promise<MachineReader> {
  const read = await openForm(path, options);
  const settings = options.settings ?? [];
  if (settings.length === 0) return read;
  const { setMachineValue } = await import('@tierlab/firmware/file');
  return async (kernel) => {
    let machine = await read(kernel);
    for (const setting of settings) {
      const [, what, value] = /^([^=]+)=(.*)$/.exec(setting) ?? [];
      if (what === undefined || value === undefined) {
        throw new CliError(
          'CLI_BAD_OPTION',
          `--set ${setting}: expected NODE.FIELD=VALUE, as in --set node1.readLatency=250ns`,
        );
      }
      machine = setMachineValue(machine, what, value);
    }
    return machine;
  };
}

async function openForm(path: string, options: MachineOptions): Promise<MachineReader> {
  const bootOptions = options.bootOptions ?? [];
  const fromTables =
    (tables: AcpiTables, memoryMap?: Parameters<typeof decodeAcpi>[1]): MachineReader =>
    // oxlint-disable-next-line require-await
    async (kernel) =>
      decodeAcpi(tables, { ...memoryMap, bootOptions, kernel });

  const names = directoryListing(path);
  if (names !== undefined) {
    if (holdsAcpiTables(names)) {
      const { tables, memoryMap } = readAcpiDirectory(path, names);
      return fromTables(tables, memoryMap && { memoryMap });
    }
  }
  const text = new TextDecoder().decode(await readInputFile(path));
  const { readMachineFile } = await import('@tierlab/firmware/file');
  if (bootOptions.length > 0) {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--boot-option ${bootOptions[0]}: it decides how Linux reads ACPI tables, and ${path} is not made of them`,
    );
  }
  const machine = readMachineFile(text, path);
  // oxlint-disable-next-line require-await
  return async () => machine;
}

/** Names in a directory; undefined for a file. Throws `CLI_FILE_NOT_FOUND`. */
function directoryListing(path: string): readonly string[] | undefined {
  try {
    return statSync(path).isDirectory() ? readdirSync(path) : undefined;
  } catch (error) {
    throw fileError(path, error);
  }
}
