import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import type { ExplainOptions } from './explain-code.ts';

/** `tierlab explain [CODE]`: what an error code means, and what to do. */
export function explainCommand(context: CommandContext): Command {
  return new Command('explain')
    .description('say what an error code means and what to do about it')
    .argument('[code]', 'the code at the beginning of an error line (default: list all)')
    .option('--json', 'print it as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  tierlab explain SIM_NO_TOUCHES
  tierlab explain`,
    )
    .action(async (code: string | undefined, options: ExplainOptions) => {
      const { explainCode } = await import('./explain-code.ts');
      explainCode(code, options, context);
    });
}
