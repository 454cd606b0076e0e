import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import type { DiffOptions } from './diff-results.ts';

/** `tierlab diff BEFORE AFTER`: what differs between two results. */
export function diffCommand(context: CommandContext): Command {
  return new Command('diff')
    .description('compare two results run by run; exit code 3 where they differ')
    .argument('<before>', 'a result, in any form that `tierlab report` reads')
    .argument('<after>', 'the other one')
    .option(
      '--tolerance <share>',
      'numbers are the same where they are no further apart than this share of the larger one, as 0.01',
      '0',
    )
    .option('--json', 'print the differences as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  tierlab diff before after
  tierlab diff main/report.html branch/report.html --tolerance 0.01`,
    )
    .action(async (before: string, after: string, options: DiffOptions) => {
      const { diffResults } = await import('./diff-results.ts');
      await diffResults(before, after, options, context);
    });
}
