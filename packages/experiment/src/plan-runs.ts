import { randomShares } from '@tierlab/core';
import { bootstrapMean } from './bootstrap.ts';
import type { CapacityCurve, CapacityPoint } from './capacity-curve.ts';
import { openWindow } from './executor.ts';
import {
  expandExperiment,
  type Experiment,
  type ExperimentPolicy,
  type ExperimentTrace,
} from './matrix.ts';
import type { PlanRequest, RunPoints } from './plan-request.ts';
import { policyName } from './policy-pairs.ts';
import { measureTrace } from './trace-window.ts';

/** A trace of a plan, measured. */
export interface Workload {
  readonly name: string;
  readonly trace: ExperimentTrace;
  readonly weight: number;
  /** Distinct pages, and the size of one. */
  readonly pages: number;
  readonly pageBytes: number;
}

/** The runs of a plan: those made so far, and a way to make more. */
export interface PlanRuns {
  readonly workloads: readonly Workload[];
  /** Names of the policies, with their parameters. */
  readonly policies: readonly string[];
  isRuler(policy: string): boolean;
  /** Runs each policy on each workload at the sizes, over the footprint, that are asked for it. */
  tryShares(sharesOf: (policy: string) => readonly number[]): Promise<void>;
  /** What is known of a policy on a workload. */
  curve(workload: Workload, policy: string): CapacityCurve;
}

interface Observation {
  readonly workload: Workload;
  readonly policy: string;
  readonly share: number;
  readonly slowdown: number;
}

/** Measures the workloads and runs the baseline of each. */
export async function createPlanRuns(request: PlanRequest, run: RunPoints): Promise<PlanRuns> {
  const workloads = await Promise.all(
    request.workloads.map(({ trace, weight = 1 }) => measureWorkload(trace, weight)),
  );
  const baseline = new Map<Workload, ReadonlyMap<number, number>>();
  for (const workload of workloads) {
    const reference = { ...request, ...request.reference };
    const experiment = experimentAt(reference, workload, [request.allFast], [1]);
    const points = expandExperiment(experiment);
    const records = await run(experiment, points);
    baseline.set(workload, new Map(points.map(({ seed }, i) => [seed, records[i].totals.timeNs])));
  }
  const observations: Observation[] = [];
  const rulers = new Set<string>();

  const tryWorkload = async (
    workload: Workload,
    sharesOf: (policy: string) => readonly number[],
    shares: readonly number[],
  ): Promise<void> => {
    const experiment = experimentAt(request, workload, request.policies, shares);
    const shareOf = new Map(shares.map((share) => [sizeBytes(workload, share), share]));
    const wanted = expandExperiment(experiment).flatMap((point) => {
      const policy = policyName(point);
      const share = shareOf.get(point.capacities[request.dramNode]);
      return share !== undefined && sharesOf(policy).includes(share)
        ? [{ point, policy, share }]
        : [];
    });
    const records = await run(
      experiment,
      wanted.map(({ point }) => point),
    );
    for (const [i, { point, policy, share }] of wanted.entries()) {
      const { manifest, totals } = records[i];
      if (manifest.policy.groundTruth.length + manifest.policy.relaxes.length > 0)
        rulers.add(policy);
      const slowdown = totals.timeNs / (baseline.get(workload)?.get(point.seed) ?? Number.NaN);
      observations.push({ workload, policy, share, slowdown });
    }
  };

  return {
    workloads,
    policies: namesOf(request, workloads[0]),
    isRuler: (policy) => rulers.has(policy),
    async tryShares(sharesOf) {
      const names = namesOf(request, workloads[0]);
      const shares = [...new Set(names.flatMap((policy) => sharesOf(policy)))];
      for (const workload of workloads) await tryWorkload(workload, sharesOf, shares);
    },
    curve: (workload, policy) =>
      curveOf(observations.filter((each) => each.workload === workload && each.policy === policy)),
  };
}

async function measureWorkload(trace: ExperimentTrace, weight: number): Promise<Workload> {
  const opened = openWindow(trace);
  const { pages } = await measureTrace(opened);
  const pageBytes = 2 ** opened.declaration.pageShift;
  return { name: trace.name, trace, weight, pages, pageBytes };
}

/** DRAM of `share` of the footprint of a workload, in bytes: whole pages, at least one. */
export function sizeBytes({ pages, pageBytes }: Workload, share: number): number {
  return Math.max(1, Math.round(share * pages)) * pageBytes;
}

function experimentAt(
  { machine, dramNode, seeds, settings, tool }: PlanRequest,
  workload: Workload,
  policies: readonly ExperimentPolicy[],
  shares: readonly number[],
): Experiment {
  const sizes = new Set(shares.map((share) => sizeBytes(workload, share)));
  return {
    traces: [workload.trace],
    machines: [machine],
    policies,
    capacities: [...sizes].map((size) => ({ [dramNode]: size })),
    seeds,
    ...(settings && { settings }),
    tool,
  };
}

function namesOf(request: PlanRequest, workload: Workload): readonly string[] {
  const points = expandExperiment(experimentAt(request, workload, request.policies, [1]));
  return [...new Set(points.map(policyName))];
}

function curveOf(observations: readonly Observation[]): CapacityCurve {
  const slowdowns = new Map<number, number[]>();
  for (const { share, slowdown } of observations) {
    slowdowns.set(share, [...(slowdowns.get(share) ?? []), slowdown]);
  }
  return [...slowdowns]
    .toSorted(([a], [b]) => a - b)
    .map(([share, values]) => curvePoint(share, values));
}

/** The geometric mean over the replicates, with its interval. */
function curvePoint(dramShare: number, slowdowns: readonly number[]): CapacityPoint {
  const logs = slowdowns.map(Math.log);
  const interval = bootstrapMean(logs, { random: randomShares(1) });
  return {
    dramShare,
    slowdown: Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length),
    ...(interval && {
      slowdownLow: Math.exp(interval.low),
      slowdownHigh: Math.exp(interval.high),
    }),
  };
}
