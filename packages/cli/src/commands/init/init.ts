import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';

/** `tierlab init`: an experiment to begin with. */
export function initCommand(context: CommandContext): Command {
  return new Command('init')
    .description(
      'write an experiment to begin with: a commented tierlab.yaml, a machine and a trace',
    )
    .argument('[directory]', 'where to', '.')
    .option('--schema', 'print the JSON Schema of experiment files instead, and write nothing')
    .addHelpText(
      'after',
      `
Examples:
  tierlab init first && cd first && tierlab compare
  tierlab init --schema > experiment.schema.json`,
    )
    .action(async (directory: string, options: { readonly schema?: boolean }) => {
      const { printSchema, writeSample } = await import('./write-sample.ts');
      if (options.schema) printSchema(context);
      else await writeSample(directory, context);
    });
}
