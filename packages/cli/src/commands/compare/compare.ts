import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import { addMachineOptions, repeated } from '../../machine/machine-options.ts';
import { addReplayTraceOptions } from '../../trace/trace-options.ts';
import { addCostOptions } from './cost-options.ts';
import type { CompareOptions } from './compare-policies.ts';

/** `tierlab compare`: one trace under several policies, side by side. */
export function compareCommand(context: CommandContext): Command {
  const command = new Command('compare')
    .description('replay a trace under several policies and compare placement, time and migration')
    .option(
      '--config <file>',
      'an experiment file, which `tierlab init` writes; options of the command line go before what it says (default: tierlab.yaml of the current folder, where neither --machine nor --trace is given)',
    )
    .option('--machine <machine>', 'the machine; may be repeated', repeated, [])
    .option('--trace <file>', 'the trace, - for standard input; may be repeated', repeated, [])
    .option(
      '--placement <file>',
      'the /proc/PID/numa_maps of the traced process: its pages are on these nodes before the run; once for each trace',
      repeated,
      [],
    )
    .option(
      '--policy <policy>',
      'a policy: name, ./file or package, all for every one that `tierlab policy list` has, with parameters as name:fill=0.5|0.75,budget=64 MiB, where | separates values to try; may be repeated (default: stay-put and kleio-history); the ruler all-fast, which slowdowns are measured against, is always among them',
      repeated,
      [],
    )
    .option(
      '--capacity <node=size,...>',
      'memory that a node has for the run, as node0=256MiB; several sizes are several runs, as node0=64MiB,256MiB; may be repeated for other nodes',
      repeated,
      [],
    )
    .option('--seeds <list>', 'seeds; each is a run of its own', '1')
    .option(
      '--windows <count>',
      'cut each trace into as many equal parts; each is a run of its own, and they are the replicates of the comparison',
      '1',
    )
    .option(
      '--setting <name=value>',
      'a setting of the simulator, as memoryParallelism=8; may be repeated',
      repeated,
      [],
    )
    .option(
      '--fail-if <condition>',
      "exit with code 3 where a run meets it, as 'slowdown > 1.05'; may be repeated",
      repeated,
      [],
    )
    .option(
      '--shard <i/n>',
      'make the i-th of n parts of the runs, and no result: with all parts, `tierlab merge` writes what one call would have',
    )
    .option('--jobs <count>', 'worker threads; the results are the same for any number', '1')
    .option(
      '--out <directory>',
      'write the report and the tables there, and keep finished runs in its folder runs: the same command goes on after an interruption and does not repeat them',
    )
    .option(
      '--heat-maps <count>',
      'runs of which --out maps the placement over time and address, the quickest policies first; each is replayed once more',
      '6',
    )
    .option('--json', 'print the result as one JSON object instead of a table');
  return addReplayTraceOptions(addMachineOptions(addCostOptions(command)))
    .addHelpText(
      'after',
      `
Examples:
  tierlab compare --machine vm-hmat --trace app.lackey.gz
  tierlab compare --machine vm-hmat --trace app.tlt --capacity node0=64MiB,128MiB --out results
  tierlab compare --machine vm-hmat --trace app.tlt --windows 10 --jobs 2 --out results
  tierlab compare --machine vm-hmat --trace app.tlt --policy ./mine.ts --policy stay-put --fail-if 'slowdown > 1.1'`,
    )
    .action(async (given: CompareOptions) => {
      const { withExperimentFile } = await import('../../experiment-file/with-file.ts');
      const { comparePoliciesOf } = await import('./compare-policies.ts');
      await comparePoliciesOf(await withExperimentFile(given, command, context), context);
    });
}
