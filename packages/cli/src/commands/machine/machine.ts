import { Command, Option } from 'commander';

import type { CommandContext } from '../../context.ts';
import { repeated } from '../../machine/machine-options.ts';
import { machineForms } from './forms.ts';
import type { MachineCommandOptions } from './show-machine.ts';

/** `tierlab machine show|convert|list|schema`. */
export function machineCommand(context: CommandContext): Command {
  const command = new Command('machine').description(
    'show a machine, convert it from one form to another, list those that come with tierlab',
  );
  withChanges(command.command('show'))
    .description('show nodes, memory, speeds and caches, and what became of each firmware table')
    .argument('<machine>', 'in any form that `tierlab tiers` reads')
    .option('--json', 'print it as one JSON object')
    .action(async (path: string, options: MachineCommandOptions) => {
      const { showMachine } = await import('./show-machine.ts');
      await showMachine(path, options, context);
    });

  withChanges(command.command('convert'))
    .description('write the machine in another form')
    .argument('<machine>', 'in any form that `tierlab tiers` reads')
    .addOption(
      new Option(
        '--to <form>',
        Object.entries(machineForms)
          .map(([form, text]) => `${form}: ${text}`)
          .join('; '),
      )
        .choices(Object.keys(machineForms))
        .makeOptionMandatory(),
    )
    .option('--out <path>', 'write there instead of to stdout')
    .option(
      '--round',
      'let tables say figures that have no common 16-bit unit as the nearest that have, and tell which',
    )
    .addHelpText(
      'after',
      `
Examples:
  tierlab machine convert vm-hmat --to yaml
  tierlab machine convert vm-hmat --to acpi --out tables
  qemu-system-x86_64 $(tierlab machine convert vm-hmat --to qemu) -kernel vmlinuz`,
    )
    .action(async (path: string, options: MachineCommandOptions) => {
      const { convertMachine } = await import('./convert-machine.ts');
      await convertMachine(path, options, context);
    });

  command
    .command('list')
    .description('list the machines of the catalogue')
    .option('--json', 'print one JSON object a line')
    .action(async (options: MachineCommandOptions) => {
      const { listMachines } = await import('./list-machines.ts');
      listMachines(options, context);
    });

  command
    .command('schema')
    .description('print the JSON Schema of machine files, for editors')
    .action(async () => {
      const { machineFileJsonSchema } = await import('@tierlab/firmware/file');
      context.stdout(`${JSON.stringify(machineFileJsonSchema(), undefined, 2)}\n`);
    });
  return command;
}

/** Adds what changes how a machine is read, or the machine itself. */
function withChanges(command: Command): Command {
  return command
    .option(
      '--set <node.field=value>',
      'a what-if, as node1.readLatency=250ns; may be repeated',
      repeated,
      [],
    )
    .option(
      '--boot-option <option>',
      'a kernel boot option, as numa=nohmat; may be repeated',
      repeated,
      [],
    )
    .option('--kernel <version>', 'the kernel that reads it (default: 6.12)');
}
