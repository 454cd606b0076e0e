import { Command, CommanderError } from 'commander';

import { InputError } from '@tierlab/core';

import { compareCommand } from './commands/compare/compare.ts';
import { machineCommand } from './commands/machine/machine.ts';
import { policyCommand } from './commands/policy/policy.ts';
import { runCommand } from './commands/run/run.ts';
import { tiersCommand } from './commands/tiers/tiers.ts';
import { traceCommand } from './commands/trace/trace.ts';
import { exitCodes, type CommandContext } from './context.ts';
import { version } from './version.ts';

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
    await makeProgram(context).parseAsync([...args], { from: 'user' });
    return context.signal.aborted ? exitCodes.interrupted : context.exitCode;
  } catch (error) {
    return reportError(error, context);
  }
}

function makeProgram(context: CommandContext): Command {
  const program = new Command('tierlab')
    .description(
      'Which memory tiers Linux builds from a machine, and what every tiering policy makes of a memory-access trace.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .showHelpAfterError('run it with --help to see how it is used')
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
  const commands = [
    tiersCommand(context),
    compareCommand(context),
    runCommand(context),
    traceCommand(context),
    machineCommand(context),
    policyCommand(context),
  ];
  for (const command of commands) program.addCommand(inherit(command, program));
  return program;
}

/** Subcommands write and end as the program does. */
function inherit(command: Command, program: Command): Command {
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
