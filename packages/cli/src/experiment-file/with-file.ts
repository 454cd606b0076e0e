import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import type { CommandContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { readExperimentFile, type FileCommand } from './read-experiment-file.ts';

/** The experiment file that is found by itself. */
export const EXPERIMENT_FILE = 'tierlab.yaml';

/** Options that say what an experiment is of. */
interface Given {
  readonly config?: string;
  readonly machine: readonly string[];
  readonly trace: readonly string[];
}

/**
 * The options of `command`, where the command line gave none those of its experiment file: the one that `--config` names, or
 * `tierlab.yaml` of the current folder where neither a machine nor a trace is given.
 *
 * Throws `CLI_USAGE` where nothing says which machine or which trace; otherwise as {@link readExperimentFile}.
 */
export async function withExperimentFile<T extends Given>(
  given: T,
  command: Command,
  context: CommandContext,
): Promise<T> {
  const { config, machine, trace } = given;
  const isFound = machine.length + trace.length === 0 && existsSync(EXPERIMENT_FILE);
  const path = config ?? (isFound ? EXPERIMENT_FILE : undefined);
  if (path === undefined) {
    if (machine.length > 0 && trace.length > 0) return given;
    const missing = machine.length > 0 ? '--trace' : '--machine';
    throw new CliError(
      'CLI_USAGE',
      `${missing}: it is not given, and there is no ${EXPERIMENT_FILE} here; give --machine and --trace, or --config with an experiment file, which \`tierlab init\` writes`,
    );
  }
  if (config === undefined) context.stderr.write(`the experiment is that of ${path}\n`);
  const known = new Set(command.options.map((option) => option.attributeName()));
  const file = Object.entries(await readExperimentFile(path, command.name() as FileCommand)).filter(
    ([name]) => known.has(name) && command.getOptionValueSource(name) !== 'cli',
  );
  return Object.assign({}, given, Object.fromEntries(file));
}
