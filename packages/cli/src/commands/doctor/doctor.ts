import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import type { DoctorOptions } from './examine-host.ts';

/** `tierlab doctor`: what this machine has of what tierlab can use. */
export function doctorCommand(context: CommandContext): Command {
  return new Command('doctor')
    .description('look for what tierlab needs and can use on this machine')
    .option('--json', 'print it as one JSON object')
    .addHelpText(
      'after',
      `
Only Node.js is needed; everything else is for the command that it is listed with.

Examples:
  tierlab doctor
  tierlab doctor --json`,
    )
    .action(async (options: DoctorOptions) => {
      const { examineHost } = await import('./examine-host.ts');
      await examineHost(options, context);
    });
}
