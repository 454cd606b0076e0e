import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import { addMachineOptions, repeated } from '../../machine/machine-options.ts';
import { addReplayTraceOptions } from '../../trace/trace-options.ts';
import type { RunOptions } from './run-policy.ts';

/** `tierlab run`: one policy, and why a page moved. */
export function runCommand(context: CommandContext): Command {
  const command = new Command('run')
    .description('replay a trace under one policy; say why a page moved')
    .requiredOption('--machine <machine>', 'the machine')
    .requiredOption(
      '--trace <file>',
      'the trace, - for standard input; once for each of several processes that run side by side',
      (file: string, before: readonly string[] | undefined) => [...(before ?? []), file],
    )
    .option(
      '--placement <file>',
      'the /proc/PID/numa_maps of the traced process: its pages are on these nodes before the run; once for each trace',
      repeated,
      [],
    )
    .requiredOption('--policy <policy>', 'name, ./file or package, as name:parameter=value,...')
    .option('--capacity <node=size,...>', 'memory that a node has, as node0=256MiB', repeated, [])
    .option('--seed <number>', 'seed of everything random', '1')
    .option('--setting <name=value>', 'a setting of the simulator; may be repeated', repeated, [])
    .option(
      '--explain-page <address>',
      'every move of the page at this address (hexadecimal with 0x), with the rule and the numbers that caused it; may be repeated',
      repeated,
      [],
    )
    .option('--json', 'print the run record as one JSON object');
  return addReplayTraceOptions(addMachineOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  tierlab run --machine vm-hmat --trace app.tlt --policy linux-numa-balancing --capacity node0=64MiB
  tierlab run --machine vm-hmat --trace app.tlt --policy ./mine.ts --explain-page 0x7f3a12345000`,
    )
    .action(async (options: RunOptions) => {
      const { runPolicy } = await import('./run-policy.ts');
      await runPolicy(options, context);
    });
}
