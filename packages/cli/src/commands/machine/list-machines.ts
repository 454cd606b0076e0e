import { machineCatalogue } from '@tierlab/firmware/catalogue';

import type { CommandContext } from '../../context.ts';
import { renderTable } from '../../terminal/table.ts';
import type { MachineCommandOptions } from './show-machine.ts';

/** Prints the machines of the catalogue. */
export function listMachines(options: MachineCommandOptions, context: CommandContext): void {
  const machines = machineCatalogue();
  if (options.json) {
    for (const { name, title, description, sources } of machines) {
      const machine = { name, title, description, sources };
      context.stdout(`${JSON.stringify({ schemaVersion: 1, ...machine })}\n`);
    }
    return;
  }
  context.stdout(
    renderTable(
      [{ head: 'name' }, { head: 'machine' }],
      machines.map(({ name, title }) => [name, title]),
    ),
  );
}
