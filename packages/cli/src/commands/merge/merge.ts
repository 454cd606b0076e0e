import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import type { MergeOptions } from './merge-shards.ts';

/** `tierlab merge`: the results of an experiment whose shards were carried out apart. */
export function mergeCommand(context: CommandContext): Command {
  return new Command('merge')
    .description(
      'put together the shards that `tierlab compare --shard` made, as if made by one call',
    )
    .argument('<directories...>', 'the folders of all shards')
    .requiredOption('--out <directory>', 'the folder of the whole results')
    .option('--json', 'print the result as one JSON object instead of a table')
    .addHelpText(
      'after',
      `
Examples:
  tierlab compare --shard 1/2 --out part1    # here, and --shard 2/2 --out part2 elsewhere
  tierlab merge part1 part2 --out results`,
    )
    .action(async (directories: readonly string[], options: MergeOptions) => {
      const { mergeShards } = await import('./merge-shards.ts');
      await mergeShards(directories, options, context);
    });
}
