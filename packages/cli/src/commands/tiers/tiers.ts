import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';

/** Options of `tierlab tiers`, as the command line gives them. */
export interface TiersOptions {
  readonly json?: boolean;
  readonly explain?: boolean;
  readonly kernel?: string;
  readonly diffKernels?: string;
  readonly set: readonly string[];
  readonly tiering: readonly string[];
  readonly bootOption: readonly string[];
  readonly hotplug?: string;
}

const repeated = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  value,
];
const listed = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...value.split(','),
];

/** `tierlab tiers MACHINE...`: the memory tiers that Linux builds, and why. */
export function tiersCommand(context: CommandContext): Command {
  return new Command('tiers')
    .description('show the memory tiers that Linux builds on a machine, and why')
    .argument(
      '<machine...>',
      'a directory of ACPI tables, acpidump text, a sysfs snapshot, hwloc XML, a machine file, or a name of `tierlab machine list`',
    )
    .option('--kernel <version>', 'the kernel, as 6.8 or 6.12.40 (default: 6.12)')
    .option('--diff-kernels <versions>', 'compare kernels, as 6.8,6.12')
    .option('--explain', 'print each rule that decided, with its numbers')
    .option(
      '--set <node.field=value>',
      'a what-if, as node1.readLatency=250ns; may be repeated',
      repeated,
      [],
    )
    .option(
      '--tiering <policies>',
      "tiering policies to ask instead of Linux's hmat,cxl-region: names, ./files or packages; default-dram always answers last",
      listed,
      [],
    )
    .option(
      '--boot-option <option>',
      'a kernel boot option, as numa=nohmat; may be repeated',
      repeated,
      [],
    )
    .option('--hotplug <steps>', 'what happens after boot, as "offline 1; online 1; kmem 2"')
    .option('--json', 'one JSON object a line for each machine')
    .addHelpText(
      'after',
      `
Examples:
  tierlab tiers /sys/firmware/acpi/tables
  tierlab tiers vm-cxl --explain
  tierlab tiers vm-cxl --diff-kernels 6.8,6.12
  tierlab tiers vm-cxl --set node1.readLatency=120ns --json`,
    )
    .action(async (machines: readonly string[], options: TiersOptions) => {
      const { showTiers } = await import('./show-tiers.ts');
      await showTiers(machines, options, context);
    });
}
