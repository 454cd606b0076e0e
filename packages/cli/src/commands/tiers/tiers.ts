import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import { showTiers, type TiersOptions } from './show-tiers.ts';
import { addMachineOptions } from '../../machine/machine-options.ts';

/** `tierlab tiers MACHINE...`: the memory tiers that Linux builds, and why. */
export function tiersCommand(context: CommandContext): Command {
  const command = new Command('tiers')
    .description('show the memory tiers that Linux builds on a machine, and why')
    .argument(
      '<machine...>',
      'a directory of ACPI tables, acpidump text, a sysfs snapshot, hwloc XML, a machine file, or a name of `tierlab machine list`',
    )
    .option('--diff-kernels <versions>', 'compare kernels, as 6.8,6.12')
    .option('--explain', 'print each rule that decided, with its numbers')
    .option('--json', 'one JSON object a line for each machine');
  return addMachineOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  tierlab tiers /sys/firmware/acpi/tables
  tierlab tiers vm-hmat --explain
  tierlab tiers vm-hmat --diff-kernels 6.8,6.12
  tierlab tiers vm-hmat --set node1.readLatency=120ns --json`,
    )
    .action(async (machines: readonly string[], options: TiersOptions) => {
      await showTiers(machines, options, context);
    });
}
