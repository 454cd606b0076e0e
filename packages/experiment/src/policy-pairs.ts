import { randomShares, type RunRecord } from '@tierlab/core';

import { bootstrapMean, REPLICATES_MIN } from './bootstrap.ts';
import { capacitiesText, type RunPoint } from './matrix.ts';
import { holm, signFlipTest } from './sign-flip.ts';

/** A run that was asked for, and what it came to. */
export interface FinishedRun {
  readonly point: RunPoint;
  readonly record: RunRecord;
}

/**
 * Two policies on the same trace, machine and capacities, compared run by run: a pair is two runs that
 * differ in nothing but the policy.
 */
export interface PolicyPair {
  readonly trace: string;
  readonly machine: string;
  readonly capacities: string;
  /** With the parameters that were chosen: `hot-threshold(hotAccesses=8)`. */
  readonly policy: string;
  readonly other: string;
  /** Pairs that differ from each other: those that only repeat another one are no further evidence. */
  readonly pairs: number;
  /** Geometric mean of the time of `policy` over the time of `other`. */
  readonly timeRatio: number;
  readonly timeRatioLow?: number;
  readonly timeRatioHigh?: number;
  readonly pValue?: number;
  readonly pValueHolm?: number;
  /** What the interval says; `equal` where every pair took the same time to the last digit. */
  readonly verdict: 'quicker' | 'slower' | 'equal' | 'undecided';
}

/**
 * Every pair of policies that ran on the same trace, machine and capacities. Seeds and windows of a trace are the
 * replicates. `seed` is that of the resampling.
 *
 * Without five pairs that differ there is no interval, and without an interval no policy is called quicker.
 */
export function comparePolicies(runs: readonly FinishedRun[], seed = 1): readonly PolicyPair[] {
  const compared = [...groupBy(runs, situation).values()].flatMap((group) =>
    pairsOf([...groupBy(group, ({ point }) => policyName(point)).entries()]).map(
      ([[policy, ours], [other, theirs]]) =>
        comparePair(group[0].point, policy, ours, other, theirs, seed),
    ),
  );
  const tested = compared.flatMap((pair, i) => (pair.pValue === undefined ? [] : [i]));
  const corrected = holm(tested.map((i) => compared[i].pValue as number));
  return compared.map((pair, i) => {
    const rank = tested.indexOf(i);
    return rank < 0 ? pair : Object.assign(pair, { pValueHolm: corrected[rank] });
  });
}

/** The policy of `point` with its chosen parameters. */
export function policyName({ policy, params }: Pick<RunPoint, 'policy' | 'params'>): string {
  const chosen = Object.entries(params)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? value.value : value}`)
    .toSorted();
  return chosen.length === 0 ? policy : `${policy}(${chosen.join(' ')})`;
}

function comparePair(
  { trace, machine, capacities }: RunPoint,
  policy: string,
  ours: readonly FinishedRun[],
  other: string,
  theirs: readonly FinishedRun[],
  seed: number,
): PolicyPair {
  const timeOf = new Map(theirs.map((run) => [replicate(run), run.record.totals.timeNs]));
  const logRatios = new Map<string, number>();
  for (const run of ours) {
    const otherNs = timeOf.get(replicate(run));
    const timeNs = run.record.totals.timeNs;
    if (otherNs === undefined || otherNs === 0 || timeNs === 0) continue;
    const { window } = run.point;
    logRatios.set(`${window?.start} ${timeNs} ${otherNs}`, Math.log(timeNs / otherNs));
  }
  const differences = [...logRatios.values()];
  const identity = {
    trace,
    machine,
    capacities: capacitiesText(capacities),
    policy,
    other,
    pairs: differences.length,
    timeRatio: Math.exp(differences.reduce((sum, value) => sum + value, 0) / differences.length),
  };
  if (differences.every((value) => value === 0)) return { ...identity, verdict: 'equal' };

  const interval = bootstrapMean(differences, { random: randomShares(seed) });
  const pValue =
    differences.length < REPLICATES_MIN ? undefined : signFlipTest(differences, randomShares(seed));
  return {
    ...identity,
    ...(interval && {
      timeRatioLow: Math.exp(interval.low),
      timeRatioHigh: Math.exp(interval.high),
    }),
    ...(pValue !== undefined && { pValue }),
    verdict: verdictOf(interval),
  };
}

function verdictOf(interval: { low: number; high: number } | undefined): PolicyPair['verdict'] {
  if (interval && interval.high < 0) return 'quicker';
  if (interval && interval.low > 0) return 'slower';
  return 'undecided';
}

/** All that two runs must share to be of one comparison. */
function situation({ point }: FinishedRun): string {
  return JSON.stringify([point.trace, point.machine, capacitiesText(point.capacities)]);
}

/** All that two runs of a pair share beyond their situation. */
function replicate({ point }: FinishedRun): string {
  return JSON.stringify([point.seed, point.window]);
}

export function groupBy<T>(things: readonly T[], keyOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    const group = groups.get(key);
    if (group) group.push(thing);
    else groups.set(key, [thing]);
  }
  return groups;
}

function pairsOf<T>(things: readonly T[]): [T, T][] {
  return things.flatMap((thing, i) => things.slice(i + 1).map((other): [T, T] => [thing, other]));
}
