import { randomShares } from '@tierlab/core';

import { bootstrapMean } from './bootstrap.ts';
import { capacitiesText } from './matrix.ts';
import { groupBy, policyName, type FinishedRun } from './policy-pairs.ts';

/** Runs that differ in their seed or window alone, and their slowdown. */
export interface ReplicateSlowdown {
  readonly runs: readonly FinishedRun[];
  /** Geometric mean of the time of each over that of the baseline on the same trace, window and machine. */
  readonly mean: number;
  /** Ends of its interval; absent with fewer than five replicates that differ. */
  readonly low?: number;
  readonly high?: number;
}

/**
 * The slowdown of each policy on each trace, machine and capacity that has several replicates. `baseline` is the policy
 * that slowdowns are measured against, `seed` that of the resampling.
 *
 * A replicate whose baseline took the same time as another one's, and itself too, is no further evidence.
 */
export function replicateSlowdowns(
  runs: readonly FinishedRun[],
  baseline: string,
  seed = 1,
): readonly ReplicateSlowdown[] {
  const baselineNs = new Map<string, number>();
  for (const run of runs) {
    if (run.point.policy !== baseline) continue;
    for (const key of [exactPlace(run), place(run)]) {
      if (!baselineNs.has(key)) baselineNs.set(key, run.record.totals.timeNs);
    }
  }
  return [...groupBy(runs, butReplicate).values()].flatMap((group) => {
    const logRatios = new Map<string, number>();
    const measured = group.filter((run) => {
      const baseNs = baselineNs.get(exactPlace(run)) ?? baselineNs.get(place(run)) ?? 0;
      const timeNs = run.record.totals.timeNs;
      if (baseNs === 0 || timeNs === 0) return false;
      logRatios.set(`${run.point.window?.start} ${timeNs} ${baseNs}`, Math.log(timeNs / baseNs));
      return true;
    });
    if (measured.length < 2) return [];
    const values = [...logRatios.values()];
    const interval = bootstrapMean(values, { random: randomShares(seed) });
    return [
      {
        runs: measured,
        mean: Math.exp(values.reduce((sum, value) => sum + value, 0) / values.length),
        ...(interval && { low: Math.exp(interval.low), high: Math.exp(interval.high) }),
      },
    ];
  });
}

/** Where a run took place: all that a baseline must share, but the seed. */
function place({ point }: FinishedRun): string {
  return JSON.stringify([point.trace, point.window, point.machine]);
}

const exactPlace = (run: FinishedRun): string => `${place(run)} ${run.point.seed}`;

function butReplicate({ point }: FinishedRun): string {
  return JSON.stringify([
    point.trace,
    point.machine,
    capacitiesText(point.capacities),
    policyName(point),
  ]);
}
