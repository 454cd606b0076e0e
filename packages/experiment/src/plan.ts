import {
  crossing,
  fleetCurve,
  risesAt,
  type CapacityCurve,
  type CapacityPoint,
  type CurveEnd,
} from './capacity-curve.ts';
import type { CostInput, CostModel } from './cost.ts';
import { ExperimentError } from './errors.ts';
import { withMachineSensitivity } from './machine-sensitivity.ts';
import { createPlanRuns, sizeBytes, type PlanRuns, type Workload } from './plan-runs.ts';
import { breakEven, sensitivityOf } from './sensitivity.ts';
import type { Plan, PlanAnswer, PlanPoint } from './plan-answer.ts';
import type { PlanRequest, RunPoints } from './plan-request.ts';

/** Eighths, and one size with room for the kernel's watermarks. */
const SHARES = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 1.125];

/**
 * Plans for each workload, and for the fleet where there are several.
 *
 * Each policy is run at a few sizes of DRAM, and then at sizes that halve the step around the place where its slowdown
 * reaches the target, alone and as a fleet. The answer stands on runs, never on a line drawn between them.
 *
 * @throws {ExperimentError} `EXPERIMENT_BAD_REQUEST`; whatever running an experiment throws.
 */
export async function planCapacity(request: PlanRequest, run: RunPoints): Promise<readonly Plan[]> {
  checkRequest(request);
  const runs = await createPlanRuns(request, run);
  const groups = runs.workloads.map((workload) => [workload]);
  if (runs.workloads.length > 1) groups.push([...runs.workloads]);

  await runs.tryShares(() => request.shares ?? SHARES);
  for (let round = 0; round < (request.refinements ?? 5); round++) {
    const next = new Map(
      runs.policies.map((policy) => [
        policy,
        groups.flatMap((group) => middles(runs, group, policy, request.slowdownTarget)),
      ]),
    );
    if ([...next.values()].every((shares) => shares.length === 0)) break;
    await runs.tryShares((policy) => next.get(policy) ?? []);
  }
  const plans = groups.map((group) => makePlan(request, runs, group));
  const { machineChanges = [], ...plain } = request;
  return machineChanges.length === 0
    ? plans
    : withMachineSensitivity(plans, machineChanges, plain, (again) => planCapacity(again, run));
}

function checkRequest({
  slowdownTarget,
  shares = SHARES,
  workloads,
  cost,
  ...rest
}: PlanRequest): void {
  if (!(slowdownTarget >= 1)) {
    bad(
      `slowdown target ${slowdownTarget}: expected at least 1; 1.05 is 5 % slower than DRAM alone`,
    );
  }
  if (shares.length === 0 || shares.some((share) => !(share > 0))) {
    bad(`shares ${shares.join(', ')}: expected sizes of DRAM over the footprint, above 0`);
  }
  if (workloads.length === 0) bad('there is no trace to plan for');
  if (workloads.some(({ weight = 1 }) => !(weight > 0))) bad('weights must be above 0');
  const { breakEvenQuantity } = rest;
  if (breakEvenQuantity !== undefined && !(breakEvenQuantity in (cost?.quantities ?? {}))) {
    bad(`break-even of ${breakEvenQuantity}: no price of that name is given`);
  }
}

function bad(message: string): never {
  throw new ExperimentError('EXPERIMENT_BAD_REQUEST', message);
}

const ENDS: readonly CurveEnd[] = ['slowdown', 'slowdownLow', 'slowdownHigh'];

/** The sizes half-way between those around the target, for the curve and for both ends of its interval. */
function middles(
  runs: PlanRuns,
  group: readonly Workload[],
  policy: string,
  target: number,
): readonly number[] {
  const curve = groupCurve(runs, group, policy);
  const pages = Math.max(...group.map((workload) => workload.pages));
  const shares = ENDS.flatMap((end) => {
    const { below, atOrAbove } = crossing(curve, target, end);
    // No size is between two that differ by a page.
    if (atOrAbove === undefined || (atOrAbove - below) * pages <= 1) return [];
    return [(below + atOrAbove) / 2];
  });
  return [...new Set(shares)];
}

function groupCurve(runs: PlanRuns, group: readonly Workload[], policy: string): CapacityCurve {
  const curves = group.map((workload) => runs.curve(workload, policy));
  const [only] = curves;
  if (curves.length === 1 && only) return only;
  return fleetCurve(
    curves,
    group.map((workload) => workload.weight),
  );
}

function makePlan(request: PlanRequest, runs: PlanRuns, group: readonly Workload[]): Plan {
  const { slowdownTarget, machine, cost } = request;
  const weights = group.reduce((sum, workload) => sum + workload.weight, 0);
  const footprintBytes = Math.round(
    group.reduce((sum, each) => sum + each.weight * each.pages * each.pageBytes, 0) / weights,
  );
  const sizesAt = ({ dramShare, slowdown }: CapacityPoint): CostInput => {
    const dramBytes = meanSize(group, dramShare);
    return { dramBytes, cxlBytes: Math.max(0, footprintBytes - dramBytes), slowdown };
  };
  const curves = runs.policies.map((policy) => {
    const points = groupCurve(runs, group, policy);
    return { policy, ruler: runs.isRuler(policy), points };
  });
  const sizing = { group, footprintBytes, sizesAt };
  const answers = curves.map((curve) => answerOf(request, curve, sizing));
  return {
    workload: group.length === 1 ? (group[0]?.name ?? '') : `fleet of ${group.length}`,
    machine: machine.name,
    slowdownTarget,
    footprintBytes,
    curves: curves.map(({ policy, ruler, points }) => ({
      policy,
      ruler,
      points: points.map((point) => withCost(point, sizesAt(point), cost)),
    })),
    answers,
    sensitivity: sensitivityOf({
      curves,
      slowdownTarget,
      footprintBytes,
      sizesAt,
      ...(cost && { cost }),
    }),
    notes: notesOf(curves, answers, slowdownTarget),
  };
}

interface Curve {
  readonly policy: string;
  readonly ruler: boolean;
  readonly points: CapacityCurve;
}

interface Sizing {
  readonly group: readonly Workload[];
  readonly footprintBytes: number;
  readonly sizesAt: (point: CapacityPoint) => CostInput;
}

/** DRAM at `share` of the footprints, as it was run: the mean by weight of whole pages. */
function meanSize(group: readonly Workload[], share: number): number {
  if (share === 0) return 0;
  const whole = group.reduce((sum, { weight }) => sum + weight, 0);
  return group.reduce((sum, each) => sum + each.weight * sizeBytes(each, share), 0) / whole;
}

function withCost(point: CapacityPoint, sizes: CostInput, model: CostModel | undefined): PlanPoint {
  const cost = model?.cost(sizes);
  return { ...point, dramBytes: sizes.dramBytes, ...(cost !== undefined && { cost }) };
}

function answerOf(
  { slowdownTarget, cost, breakEvenQuantity = 'cxlPrice' }: PlanRequest,
  { policy, ruler, points }: Curve,
  { group, footprintBytes, sizesAt }: Sizing,
): PlanAnswer {
  const { atOrAbove } = crossing(points, slowdownTarget, 'slowdown');
  const chosen = points.find((point) => point.dramShare === atOrAbove);
  if (chosen === undefined) return { policy, ruler };
  const sizes = sizesAt(chosen);
  const low = crossing(points, slowdownTarget, 'slowdownLow').below;
  const high = crossing(points, slowdownTarget, 'slowdownHigh').atOrAbove;
  const answer = {
    policy,
    ruler,
    dramBytes: sizes.dramBytes,
    dramBytesLow: meanSize(group, low),
    ...(high !== undefined && { dramBytesHigh: meanSize(group, high) }),
  };
  if (cost === undefined) return answer;
  const breakEvenPrice = breakEven(cost, breakEvenQuantity, footprintBytes, sizes);
  return {
    ...answer,
    cost: cost.cost(sizes),
    costAllDram: cost.cost({ dramBytes: footprintBytes, cxlBytes: 0, slowdown: 1 }),
    ...(breakEvenPrice !== undefined && { breakEvenPrice }),
  };
}

function notesOf(
  curves: readonly Curve[],
  answers: readonly PlanAnswer[],
  target: number,
): readonly string[] {
  const rising = curves.flatMap(({ policy, points }) => {
    const at = risesAt(points).map((share) => `${(share * 100).toFixed(1)} %`);
    return at.length === 0
      ? []
      : [
          `${policy} is slower with more DRAM at ${at.join(', ')} of the footprint: its answer is the size from which on it stays below the target`,
        ];
  });
  const real = answers.filter((answer) => !answer.ruler);
  const met = real.filter((answer) => answer.dramBytes !== undefined);
  const none =
    met.length === 0 ? [`no policy meets a slowdown of ${target} at any size tried`] : [];
  const single = curves.every(({ points }) =>
    points.every((point) => point.slowdownLow === undefined),
  )
    ? [
        'no intervals of the slowdown: replicates do not vary, or there are fewer than five seeds; the interval of the answer is the step between the sizes tried',
      ]
    : [];
  return [...none, ...rising, ...single];
}
