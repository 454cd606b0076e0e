import { canonicalJson, type RunRecord } from '@tierlab/core';
import {
  createCostModel,
  inProcessExecutor,
  memoryStore,
  planCapacity,
  runSweep,
  type CostModel,
  type Plan,
  type RunPoints,
} from '@tierlab/experiment';
import { migrationPolicies } from '@tierlab/migration-policies';
import { RESULT_VERSION, tableToCsv, type Result } from '@tierlab/report';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputFiles } from '../../files/output-files.ts';
import { keptRuns } from '../../files/run-store.ts';
import { resultFiles } from '../../result/result-files.ts';
import { readExperiment, type ReadExperiment } from '../compare/read-experiment.ts';
import { parseWhole } from '../compare/run-options.ts';
import { planTable } from './plan-table.ts';
import { planText } from './plan-text.ts';
import type { PlanOptions } from './plan.ts';

/** Version of the form that `--json` prints. */
const PLAN_SCHEMA_VERSION = 1;

/** What doing nothing, spreading and Linux need, and a bound for every placement that never changes. */
const defaultPolicies: readonly string[] = [
  'stay-put',
  'weighted-interleave',
  'linux-numa-balancing',
  'static-hottest',
];

/** Plans each trace, and all of them as a fleet, and shows and writes what came of it. */
export async function makePlan(options: PlanOptions, context: CommandContext): Promise<void> {
  const slowdownTarget = parseTarget(options.target);
  const refinements = parseWhole('--refinements', options.refinements, 0);
  const cost = parseCost(options);
  const weights = parseWeights(options.weights, options.trace.length);
  const read = await readExperiment(
    {
      ...options,
      machine: [options.machine],
      policy: options.policy.length > 0 ? options.policy : defaultPolicies,
      capacity: [],
      windows: '1',
    },
    process.cwd(),
    context,
  );
  const { traces, machines, policies, seeds, settings, tool } = read.experiment;
  const [machine] = machines;
  const allFast = migrationPolicies.get('all-fast');
  if (machine === undefined || allFast === undefined) return;
  const made = new Map<string, RunRecord>();
  const plans = await planCapacity(
    {
      workloads: traces.map((trace, i) => ({ trace, weight: weights[i] ?? 1 })),
      machine,
      dramNode: dramNode(options, read),
      allFast: { policy: allFast },
      policies,
      slowdownTarget,
      seeds,
      refinements,
      ...(cost && { cost }),
      ...(options.breakEven !== undefined && { breakEvenQuantity: options.breakEven }),
      ...(settings && { settings }),
      tool,
    },
    runner(read, made, options.out, context.signal),
  );
  await showPlans(plans, [...made.values()], read, cost, options, context);
}

/** Carries runs out, or finds them in the folder `out`; `made` gets the record of each by its id. */
function runner(
  { reading, repeatable }: ReadExperiment,
  made: Map<string, RunRecord>,
  out: string | undefined,
  signal: AbortSignal,
): RunPoints {
  const memory = memoryStore();
  return async (experiment, points) => {
    const records = await runSweep({
      points,
      store: out === undefined ? memory : keptRuns(out, reading, points, repeatable),
      executors: [inProcessExecutor(experiment)],
      signal,
    });
    // Read again from the one form that stores have, so that the files have the same bytes wherever a run came from.
    for (const [i, { id }] of points.entries()) {
      made.set(id, JSON.parse(canonicalJson(records[i])) as RunRecord);
    }
    return records;
  };
}

async function showPlans(
  plans: readonly Plan[],
  records: readonly RunRecord[],
  { sheets, assumed }: ReadExperiment,
  cost: CostModel | undefined,
  { out, json, trace, machine }: PlanOptions,
  context: CommandContext,
): Promise<void> {
  if (out !== undefined) {
    const title = `DRAM for ${trace.join(', ')} on ${machine}`;
    const result: Result = {
      schemaVersion: RESULT_VERSION,
      title,
      records,
      plans,
      machines: sheets,
    };
    const files = { 'plan.csv': tableToCsv(planTable(plans)), ...resultFiles(result) };
    await writeOutputFiles(out, files);
    context.stderr.write(`wrote ${Object.keys(files).join(', ')} to ${out}\n`);
  }
  if (json) {
    context.stdout(`${JSON.stringify({ schemaVersion: PLAN_SCHEMA_VERSION, plans })}\n`);
    return;
  }
  context.stdout(plans.map((plan) => planText(plan, cost?.currency)).join('\n'));
  for (const text of assumed) context.stderr.write(`assumed: ${text}\n`);
}

/** Reads `1.05` or `5%`. */
function parseTarget(text: string): number {
  const [, number, percent] = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text) ?? [];
  if (number === undefined) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--target ${text}: expected a slowdown, as 1.05, or how much slower, as 5%`,
    );
  }
  return percent === '%' ? 1 + Number(number) / 100 : Number(number);
}

function parseCost({ price, cost, breakEven }: PlanOptions): CostModel | undefined {
  if (price.length === 0) {
    const option = cost === undefined ? '--break-even' : '--cost';
    if (cost === undefined && breakEven === undefined) return undefined;
    throw new CliError(
      'CLI_BAD_OPTION',
      `${option}: it needs prices; give them as --price 'dramPrice=4 USD/GiB'`,
    );
  }
  const quantities = price.map((text) => {
    const [, name, quantity] = /^\s*([^=\s]+)\s*=(.*)$/.exec(text) ?? [];
    if (name === undefined || quantity === undefined) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--price ${text}: expected NAME=QUANTITY, as 'dramPrice=4 USD/GiB'`,
      );
    }
    return [name, quantity.trim()] as const;
  });
  return createCostModel(Object.fromEntries(quantities), cost);
}

function parseWeights(text: string | undefined, traces: number): readonly number[] {
  if (text === undefined) return [];
  const weights = text.split(',').map(Number);
  if (weights.length !== traces || !weights.every((weight) => weight > 0)) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--weights ${text}: expected as many numbers above 0 as there are traces (${traces}), as 2,1`,
    );
  }
  return weights;
}

/** The node that is sized. Throws `CLI_BAD_OPTION` where that node is in no tier. */
function dramNode({ dramNode: given }: PlanOptions, { sheets }: ReadExperiment): number {
  const tiers = sheets[0]?.tiers ?? [];
  if (given === undefined) return tiers[0]?.nodes[0]?.id ?? 0;
  const known = tiers.flatMap(({ nodes }) => nodes.map(({ id }) => id));
  const id = parseWhole('--dram-node', given.replace(/^node/, ''), 0);
  if (known.includes(id)) return id;
  throw new CliError(
    'CLI_BAD_OPTION',
    `--dram-node ${given}: the machine has no memory on such a node; it has some on ${known.join(', ')}`,
  );
}
