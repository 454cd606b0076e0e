import { changedMachine, type MachineChange } from './machine-change.ts';
import { paramChoices, type ExperimentPolicy } from './matrix.ts';
import type { Plan, PlanAnswer } from './plan-answer.ts';
import type { PlanRequest } from './plan-request.ts';
import { policyName } from './policy-pairs.ts';
import type { SensitivityLine } from './sensitivity.ts';

/**
 * `plans` with a line for each of `changes` to the machine: what the policy that needs least DRAM would then need, by a plan
 * of its own. Slowdowns stay those against the machine as it is. The change that moves an answer most comes first.
 */
export async function withMachineSensitivity(
  plans: readonly Plan[],
  changes: readonly MachineChange[],
  request: PlanRequest,
  planAgain: (request: PlanRequest) => Promise<readonly Plan[]>,
): Promise<readonly Plan[]> {
  const best = plans.map(leastAnswer);
  const names = new Set(best.map((answer) => answer?.policy));
  const policies = request.policies
    .flatMap(singleChoices)
    .filter(({ policy, params = {} }) =>
      names.has(policyName({ policy: policy.name, params: firstValues(params) })),
    );
  if (policies.length === 0) return plans;
  const moved: Moved[][] = plans.map(() => []);
  const { machine, dramNode, reference = { machine, dramNode } } = request;
  for (const change of changes) {
    const changed = await planAgain({
      ...request,
      machine: changedMachine(machine, change),
      reference,
      policies,
    });
    for (const [i, plan] of changed.entries()) {
      const before = best[i];
      const after = plan.answers.find(({ policy }) => policy === before?.policy);
      if (before && after) moved[i].push(movedBy(request, change, plan, before, after));
    }
  }
  return plans.map((plan, i) => {
    const lines = moved[i].toSorted((a, b) => b.bytes - a.bytes).map(({ line }) => line);
    return { ...plan, sensitivity: [...plan.sensitivity, ...lines] };
  });
}

interface Moved {
  /** By how much, either way. */
  readonly bytes: number;
  readonly line: SensitivityLine;
}

function movedBy(
  { machine }: PlanRequest,
  change: MachineChange,
  { footprintBytes }: Plan,
  before: PlanAnswer,
  after: PlanAnswer,
): Moved {
  const { dramBytes } = after;
  const moved = (dramBytes ?? Infinity) - (before.dramBytes ?? 0);
  const percent = (bytes: number): string => `${((100 * bytes) / footprintBytes).toFixed(1)} %`;
  const direction =
    moved === 0 ? 'as much' : `${percent(Math.abs(moved))} ${moved < 0 ? 'less' : 'more'}`;
  return {
    bytes: Math.abs(moved),
    line: {
      input: `node${change.node} ${change.input}`,
      change: changeText(machine, change),
      effect:
        dramBytes === undefined
          ? `${after.policy}: no size tried meets the target`
          : `${after.policy}: DRAM of ${percent(dramBytes)} of the footprint, ${direction}`,
    },
  };
}

/** The figures for reads, as the first initiator sees them. */
function changeText(
  machine: PlanRequest['machine'],
  { node, input, factor }: MachineChange,
): string {
  const { nodes, initiators } = machine.memory({});
  const path = initiators[0].paths[nodes.findIndex(({ id }) => id === node)];
  const [value, unit] =
    input === 'latency' ? [path.readLatency, 'ns'] : [path.readBandwidth / 1000, 'GB/s'];
  const shown = (figure: number): string => `${Number(figure.toPrecision(4))} ${unit}`;
  return `${shown(value)} to ${shown(value * factor)}`;
}

/** The answer with the least DRAM: of a policy, or of a ruler where no policy has one. */
function leastAnswer({ answers }: Plan): PlanAnswer | undefined {
  const met = answers.filter(({ dramBytes }) => dramBytes !== undefined);
  const policies = met.filter(({ ruler }) => !ruler);
  return (policies.length > 0 ? policies : met).toSorted(
    (a, b) => (a.dramBytes ?? 0) - (b.dramBytes ?? 0),
  )[0];
}

/** A policy for each choice of its parameters. */
const singleChoices = (policy: ExperimentPolicy): readonly ExperimentPolicy[] =>
  paramChoices(policy).map((choice) => ({
    ...policy,
    params: Object.fromEntries(Object.entries(choice).map(([name, value]) => [name, [value]])),
  }));

const firstValues = (
  params: NonNullable<ExperimentPolicy['params']>,
): Record<string, NonNullable<ExperimentPolicy['params']>[string][number]> =>
  Object.fromEntries(Object.entries(params).map(([name, [value]]) => [name, value]));
