import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import { addMachineOptions, repeated } from '../../machine/machine-options.ts';
import { addReplayTraceOptions } from '../../trace/trace-options.ts';
import type { TuneOptions } from './tune-params.ts';

/** `tierlab tune`: which of some parameter values make a policy quickest, proven on a part that was not searched. */
export function tuneCommand(context: CommandContext): Command {
  const command = new Command('tune')
    .description(
      'search parameters of a policy on the first part of a trace, and hold the best against the defaults on the rest',
    )
    .option(
      '--config <file>',
      'an experiment file, whose section tune has the options below; options of the command line go before what it says (default: tierlab.yaml of the current folder, where neither --machine nor --trace is given)',
    )
    .option('--machine <machine>', 'the machine', repeated, [])
    .option('--trace <file>', 'the trace', repeated, [])
    .option('--policy <policy>', 'the policy: name, ./file or package')
    .option(
      '--param <name=values>',
      'values to try, in an order in which neighbours are alike, as fill=0.25,0.5,0.75; may be repeated',
      repeated,
      [],
    )
    .option('--budget <count>', 'choices that are tried at most, the defaults among them', '20')
    .option('--windows <count>', 'equal parts that the trace is cut into', '20')
    .option(
      '--held-out <share>',
      'share of the parts, the last ones, that the search does not see',
      '0.3',
    )
    .option(
      '--capacity <node=size>',
      'memory that a node has, as node0=256MiB; may be repeated for other nodes',
      repeated,
      [],
    )
    .option('--seeds <list>', 'seeds; each is a run of its own', '1')
    .option(
      '--setting <name=value>',
      'a setting of the simulator, as memoryParallelism=8; may be repeated',
      repeated,
      [],
    )
    .option('--jobs <count>', 'worker threads; the result is the same for any number', '1')
    .option(
      '--out <directory>',
      'write tune.csv, tune.json and the files of compare there, and keep finished runs in its folder runs',
    )
    .option('--json', 'print the result as one JSON object');
  return addReplayTraceOptions(addMachineOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  tierlab tune --machine vm-hmat --trace app.tlt --capacity node0=64MiB --policy kleio-history --param fill=0.25,0.5,0.75,1
  tierlab tune --machine vm-hmat --trace app.tlt --policy ./mine.ts --param hotAccesses=2,4,8 --param budget=16,64 --budget 6`,
    )
    .action(async (given: TuneOptions) => {
      const { withExperimentFile } = await import('../../experiment-file/with-file.ts');
      const { tuneParams } = await import('./tune-params.ts');
      await tuneParams(await withExperimentFile(given, command, context), context);
    });
}
