import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import { addMachineOptions, repeated } from '../../machine/machine-options.ts';
import { addReplayTraceOptions } from '../../trace/trace-options.ts';
import type { PlanOptions } from './make-plan.ts';

/** `tierlab plan`: the least DRAM for a slowdown that is still good enough, and what it saves. */
export function planCommand(context: CommandContext): Command {
  const command = new Command('plan')
    .description(
      'find the least DRAM with which each policy stays within a slowdown, and what that costs',
    )
    .option(
      '--config <file>',
      'an experiment file, whose section plan has the options below; options of the command line go before what it says (default: tierlab.yaml of the current folder, where neither --machine nor --trace is given)',
    )
    .option(
      '--machine <machine>',
      'the machine; several are planned one by one, their slowdowns against the DRAM of the first',
      repeated,
      [],
    )
    .option('--trace <file>', 'a workload; several are also a fleet', repeated, [])
    .option(
      '--weights <list>',
      'the part of each trace in the fleet, as 2,1 (default: all the same)',
    )
    .option(
      '--policy <policy>',
      'a policy, as `tierlab compare` takes it; may be repeated (default: stay-put, weighted-interleave, linux-numa-balancing and the ruler static-hottest)',
      repeated,
      [],
    )
    .option('--target <slowdown>', 'still good enough, as 1.05 or 5%', '1.05')
    .option(
      '--dram-node <node>',
      'the node whose memory is sized (default: the first of the fastest tier)',
    )
    .option(
      '--price <name=quantity>',
      "a quantity of the cost, as 'dramPrice=4 USD/GiB', or for one machine of several as 'vm-hmat:cxlPrice=3 USD/GiB'; may be repeated",
      repeated,
      [],
    )
    .option(
      '--cost <expression>',
      'what it costs, over dram, cxl, slowdown and the prices (default: dram * dramPrice + cxl * cxlPrice)',
    )
    .option('--break-even <name>', 'the price whose break-even is asked for (default: cxlPrice)')
    .option('--seeds <list>', 'seeds; five that matter give an interval', '1')
    .option('--refinements <count>', 'halvings of the step between sizes around the answer', '5')
    .option(
      '--sensitivity',
      'plan again with the latency of each node 10 % higher and its bandwidth 10 % lower, and say how that moves the answer',
    )
    .option('--jobs <count>', 'worker threads; the answers are the same for any number', '1')
    .option(
      '--setting <name=value>',
      'a setting of the simulator, as memoryParallelism=8; may be repeated',
      repeated,
      [],
    )
    .option(
      '--out <directory>',
      'write plan.csv and the files of compare there, and keep finished runs in its folder runs',
    )
    .option('--json', 'print the plans as one JSON object');
  return addReplayTraceOptions(addMachineOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  tierlab plan --machine vm-hmat --trace app.tlt --target 5%
  tierlab plan --machine vm-hmat --trace app.tlt --price 'dramPrice=4 USD/GiB' --price 'cxlPrice=2.5 USD/GiB' --out plan
  tierlab plan --machine xeon-6-2s-cxl --machine sapphire-rapids-2s-cxl --trace app.tlt --sensitivity --jobs 2
  tierlab plan --machine vm-hmat --trace web.tlt --trace db.tlt --weights 3,1 --policy tpp`,
    )
    .action(async (given: PlanOptions) => {
      const { withExperimentFile } = await import('../../experiment-file/with-file.ts');
      const { makePlan } = await import('./make-plan.ts');
      await makePlan(await withExperimentFile(given, command, context), context);
    });
}
