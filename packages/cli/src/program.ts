import { Command, CommanderError, Help, type Option } from 'commander';

import { InputError } from '@tierlab/core';

import { tiersCommand } from './commands/tiers/tiers.ts';
import { exitCodes, type CommandContext } from './context.ts';
import { version } from './version.ts';

/**
 * The commands in the order of the help, each loaded when it is asked for, but for the quickest, of
 * whose time starting is the most: it is there at once.
 */
const commands: Readonly<Record<string, (context: CommandContext) => Promise<Command>>> = {
  tiers: (context) => Promise.resolve(tiersCommand(context)),
  compare: async (context) =>
    (await import('./commands/compare/compare.ts')).compareCommand(context),
  merge: async (context) => (await import('./commands/merge/merge.ts')).mergeCommand(context),
  init: async (context) => (await import('./commands/init/init.ts')).initCommand(context),
  run: async (context) => (await import('./commands/run/run.ts')).runCommand(context),
  plan: async (context) => (await import('./commands/plan/plan.ts')).planCommand(context),
  tune: async (context) => (await import('./commands/tune/tune.ts')).tuneCommand(context),
  report: async (context) => (await import('./commands/report/report.ts')).reportCommand(context),
  diff: async (context) => (await import('./commands/diff/diff.ts')).diffCommand(context),
  trace: async (context) => (await import('./commands/trace/trace.ts')).traceCommand(context),
  machine: async (context) =>
    (await import('./commands/machine/machine.ts')).machineCommand(context),
  lab: async (context) => (await import('./commands/lab/lab.ts')).labCommand(context),
  policy: async (context) => (await import('./commands/policy/policy.ts')).policyCommand(context),
  completions: async (context) =>
    (await import('./commands/completions/completions.ts')).completionsCommand(context, () =>
      makeProgram(undefined, context),
    ),
  doctor: async (context) => (await import('./commands/doctor/doctor.ts')).doctorCommand(context),
  explain: async (context) =>
    (await import('./commands/explain/explain.ts')).explainCommand(context),
};

/**
 * Runs `tierlab ARGS` and returns its exit code.
 *
 * Data goes to `context.stdout`, everything else to `context.stderr`. Bad input of any kind ends as one line there
 * and exit code 2; only a broken assumption of the program itself shows a stack trace.
 */
export async function runProgram(
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  try {
    const program = await makeProgram(args[0], context);
    await program.parseAsync([...args], { from: 'user' });
    return context.signal.aborted ? exitCodes.interrupted : context.exitCode;
  } catch (error) {
    return reportError(error, context);
  }
}

/** The program with the command `wanted`, or with all of them where it is none. */
async function makeProgram(wanted: string | undefined, context: CommandContext): Promise<Command> {
  const program = new Command('tierlab')
    .description(
      'Which memory tiers Linux builds from a machine, and what every tiering policy makes of a memory-access trace.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .showHelpAfterError('run it with --help to see how it is used')
    .configureHelp({ optionDescription })
    .exitOverride()
    .configureOutput({
      writeOut: context.stdout,
      writeErr: (text) => void context.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'tierlab: ')),
    })
    .addHelpText(
      'after',
      `
Exit codes: 0 done; 1 failed; 2 bad input or usage; 3 a threshold was crossed; 130 interrupted.
Data goes to stdout, talk and progress to stderr. NO_COLOR is honoured.`,
    );
  const known = wanted !== undefined && Object.hasOwn(commands, wanted);
  for (const [name, make] of Object.entries(commands)) {
    if (known && name !== wanted) continue;
    program.addCommand(inherit(await make(context), program));
  }
  return program;
}

/** What help says of an option: of one that may be repeated, not that it is given no times by default. */
function optionDescription(option: Option): string {
  const isEmptyList = Array.isArray(option.defaultValue) && option.defaultValue.length === 0;
  return isEmptyList && option.defaultValueDescription === undefined
    ? option.description
    : new Help().optionDescription(option);
}

/** Commands, and those below them, write and end as the program does. */
function inherit(command: Command, program: Command): Command {
  for (const below of command.commands) inherit(below, program);
  return command.copyInheritedSettings(program);
}

function reportError(error: unknown, context: CommandContext): number {
  if (error instanceof CommanderError) {
    // Commander has already written its line; help and version come here with exit code 0.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput;
  }
  if (context.signal.aborted) return exitCodes.interrupted;
  if (error instanceof InputError) {
    context.stderr.write(`tierlab: ${error.code}: ${error.message}\n`);
    return exitCodes.badInput;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.stderr.write(`tierlab: this is a bug in tierlab, please report it: ${text}\n`);
  return exitCodes.failure;
}
