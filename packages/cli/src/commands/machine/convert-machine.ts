import { DEFAULT_KERNEL, parseKernelVersion, type Machine } from '@tierlab/core';
import { encodeAcpi, initrdTables, qemuArguments, type EncodeOptions } from '@tierlab/firmware';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputFile, writeOutputFiles } from '../../files/output-files.ts';
import { openMachine } from '../../machine/read-machine.ts';
import type { machineForms } from './forms.ts';
import type { MachineCommandOptions } from './show-machine.ts';

/** Writes the machine in the form asked for. */
export async function convertMachine(
  path: string,
  options: MachineCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { to = 'yaml', out } = options;
  const { read } = await openMachine(path, {
    bootOptions: options.bootOption,
    settings: options.set,
  });
  const machine = read(
    options.kernel === undefined ? DEFAULT_KERNEL : parseKernelVersion(options.kernel),
  );
  if (options.round === true && to !== 'acpi' && to !== 'initrd') {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--round with --to ${to}: only tables have figures of 16 bits; leave it out`,
    );
  }
  const rounding: EncodeOptions = options.round
    ? {
        onRounded: (value, read) =>
          context.stderr.write(`rounded: ${value} is ${read} in the tables\n`),
      }
    : {};
  if (to === 'acpi') {
    const { tables, memoryMap } = encodeAcpi(machine, rounding);
    await writeOutputFiles(requireOut(to, out), { ...tables, memmap: memoryMap });
  } else if (to === 'initrd') {
    await writeOutputFile(requireOut(to, out), initrdTables(encodeAcpi(machine, rounding).tables));
  } else {
    const text = await textOf(to, machine);
    if (out === undefined) context.stdout(text);
    else await writeOutputFile(out, text);
  }
}

function requireOut(form: string, out: string | undefined): string {
  if (out !== undefined) return out;
  throw new CliError('CLI_BAD_OPTION', `--to ${form}: it is no text; say where with --out PATH`);
}

async function textOf(
  form: Exclude<keyof typeof machineForms, 'acpi' | 'initrd'>,
  machine: Machine,
): Promise<string> {
  if (form === 'qemu') {
    const { qemu, kernel } = qemuArguments(machine);
    const append = kernel.length === 0 ? [] : ['-append', `'${kernel.join(' ')}'`];
    return `${[...qemu, ...append].join(' ')}\n`;
  }
  const { writeMachineFile } = await import('@tierlab/firmware/file');
  const yaml = writeMachineFile(machine);
  if (form === 'yaml') return yaml;
  const { parse } = await import('yaml');
  return `${JSON.stringify(parse(yaml), undefined, 2)}\n`;
}
