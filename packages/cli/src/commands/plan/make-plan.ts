import { assert, type RunRecord } from '@tierlab/core';
import {
  createCostModel,
  planCapacity,
  type CostModel,
  type MachineChange,
  type Plan,
} from '@tierlab/experiment';
import { migrationPolicies } from '@tierlab/migration-policies';
import { RESULT_VERSION, tableToCsv, type Result } from '@tierlab/report';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputFiles } from '../../files/output-files.ts';
import { resultFiles } from '../../result/result-files.ts';
import { parsePrice, pricesMissing } from '../compare/cost-options.ts';
import { readExperiment, type ReadExperiment } from '../compare/read-experiment.ts';
import { parseWhole } from '../compare/run-options.ts';
import { startRunner } from '../compare/runner.ts';
import { planTable } from './plan-table.ts';
import { machinesText, planText } from './plan-text.ts';
import type { GivenMachineOptions } from '../../machine/machine-options.ts';
import type { PolicyChoice } from '../../plugins/migration-policies.ts';

/** Options of `tierlab plan`, as the command line gives them. */
export interface PlanOptions extends GivenMachineOptions, Readonly<Record<string, unknown>> {
  readonly machine: readonly string[];
  readonly trace: readonly string[];
  readonly weights?: string;
  readonly config?: string;
  readonly policy: readonly (string | PolicyChoice)[];
  readonly target: string;
  readonly dramNode?: string;
  readonly price: readonly string[];
  readonly cost?: string;
  readonly breakEven?: string;
  readonly seeds: string;
  readonly refinements: string;
  readonly sensitivity?: boolean;
  readonly jobs: string;
  readonly setting: readonly string[];
  readonly out?: string;
  readonly json?: boolean;
}

/** Version of the form that `--json` prints. */
const PLAN_SCHEMA_VERSION = 1;

/** What doing nothing, spreading and Linux need, and a bound for every placement that never changes. */
const defaultPolicies: readonly string[] = [
  'stay-put',
  'weighted-interleave',
  'linux-numa-balancing',
  'static-hottest',
];

/** Latency and bandwidth of a node, so much worse each, are the what-ifs of `--sensitivity`. */
const changes = [
  { input: 'latency', factor: 1.1 },
  { input: 'bandwidth', factor: 0.9 },
] as const;

/** Plans each trace, and all of them as a fleet, on each machine, and shows and writes what came of it. */
export async function makePlan(options: PlanOptions, context: CommandContext): Promise<void> {
  const slowdownTarget = parseTarget(options.target);
  const refinements = parseWhole('--refinements', options.refinements, 0);
  const jobs = parseWhole('--jobs', options.jobs, 1);
  const costs = options.machine.map((machine) => machineCost(options, machine));
  const weights = parseWeights(options.weights, options.trace.length);
  const asked = {
    ...options,
    policy: options.policy.length > 0 ? options.policy : defaultPolicies,
    capacity: [],
    windows: '1',
  };
  const read = await readExperiment(asked, process.cwd(), context);
  const { traces, machines, policies, seeds, settings, tool } = read.experiment;
  const allFast = migrationPolicies.get('all-fast');
  assert(allFast !== undefined, 'all-fast is a policy');
  // An experiment file has it among its policies for the comparison; here it is what all others are held against.
  const others = policies.filter(({ policy }) => policy !== allFast);
  const sized = machines.map((machine, i) => ({ machine, dramNode: dramNode(options, read, i) }));
  const machineChanges = options.sensitivity === true ? changesOf(read) : [];
  const runner = startRunner(
    read,
    { options: { ...asked, policy: [...asked.policy, 'all-fast'] }, machineChanges },
    jobs,
    context,
  );
  const plans: Plan[] = [];
  try {
    for (const [i, { machine, dramNode }] of sized.entries()) {
      const cost = costs[i];
      const request = {
        workloads: traces.map((trace, k) => ({ trace, weight: weights[k] ?? 1 })),
        machine,
        dramNode,
        ...(sized[0] && { reference: sized[0] }),
        allFast: { policy: allFast },
        policies: others.length > 0 ? others : policies,
        slowdownTarget,
        seeds,
        refinements,
        machineChanges: machineChanges.filter(({ node }) => nodesOf(read, i).includes(node)),
        ...(cost && { cost }),
        ...(options.breakEven !== undefined && { breakEvenQuantity: options.breakEven }),
        ...(settings && { settings }),
        tool,
      };
      plans.push(...(await planCapacity(request, runner.run)));
    }
  } finally {
    await runner.stop();
  }
  await showPlans(plans, runner.records(), read, costs[0], options, context);
}

const nodesOf = ({ sheets }: ReadExperiment, machine: number): readonly number[] =>
  (sheets[machine]?.tiers ?? []).flatMap(({ nodes }) => nodes.map(({ id }) => id));

/** The what-ifs of all nodes that a machine has. */
function changesOf(read: ReadExperiment): readonly MachineChange[] {
  const nodes = new Set(read.sheets.flatMap((_, i) => nodesOf(read, i)));
  return [...nodes].flatMap((node) => changes.map((change) => ({ node, ...change })));
}

async function showPlans(
  plans: readonly Plan[],
  records: readonly RunRecord[],
  { sheets, assumed }: ReadExperiment,
  cost: CostModel | undefined,
  { out, json, trace, machine: machines }: PlanOptions,
  context: CommandContext,
): Promise<void> {
  if (out !== undefined) {
    const title = `DRAM for ${trace.join(', ')} on ${machines.join(', ')}`;
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
  const texts = plans.map((plan) => planText(plan, cost?.currency));
  if (machines.length > 1) texts.push(machinesText(plans, cost?.currency));
  context.stdout(texts.join('\n'));
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

/** The cost on one machine. Throws `CLI_BAD_OPTION` and `EXPERIMENT_BAD_COST`. */
function machineCost(
  { price, cost, breakEven, machine: machines }: PlanOptions,
  machine: string,
): CostModel | undefined {
  if (price.length === 0) {
    if (cost === undefined && breakEven === undefined) return undefined;
    throw pricesMissing(cost === undefined ? '--break-even' : '--cost');
  }
  const quantities = price.flatMap((text) => {
    const { machine: only = machine, name, quantity } = parsePrice(text);
    if (!machines.includes(only)) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--price ${text}: ${only} is none of the machines; they are ${machines.join(', ')}`,
      );
    }
    return only === machine ? [[name, quantity] as const] : [];
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
function dramNode(
  { dramNode: given, machine }: PlanOptions,
  read: ReadExperiment,
  index: number,
): number {
  if (given === undefined) return read.sheets[index]?.tiers[0]?.nodes[0]?.id ?? 0;
  const known = nodesOf(read, index);
  const id = parseWhole('--dram-node', given.replace(/^node/, ''), 0);
  if (known.includes(id)) return id;
  throw new CliError(
    'CLI_BAD_OPTION',
    `--dram-node ${given}: ${machine[index]} has no memory on such a node; it has some on ${known.join(', ')}`,
  );
}
