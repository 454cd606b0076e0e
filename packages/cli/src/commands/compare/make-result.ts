import { assert, canonicalJson, type RunRecord } from '@tierlab/core';
import {
  capacitiesText,
  checkThresholds,
  comparePolicies,
  createCostModel,
  parseThreshold,
  policyName,
  replicateSlowdowns,
  isRefused,
  labelOfPoint,
  type FinishedRun,
  type RefusedOutcome,
  type RunOutcome,
  type RunPoint,
  type Threshold,
  type ThresholdResult,
} from '@tierlab/experiment';
import {
  BASELINE_POLICY,
  columnValues,
  compareRuns,
  isRuler,
  placementTable,
  RESULT_VERSION,
  runId,
  type BesideRecords,
  type HeatMap,
  type ReplicateSlowdown,
  type Result,
  type RefusedRun,
  type RunCosts,
  type TierSheet,
} from '@tierlab/report';

import type { GivenCost } from './cost-options.ts';

/** What a result has besides its runs. */
export interface ResultFrame {
  readonly title: string;
  /** Thresholds as the user wrote them. */
  readonly failIf: readonly string[];
  readonly sheets: readonly TierSheet[];
  readonly cost?: GivenCost;
  readonly heatMaps?: readonly HeatMap[];
}

/**
 * The result of what became of `points`, in their order. It has the same bytes whoever made the runs and when.
 *
 * Throws `EXPERIMENT_BAD_THRESHOLD`.
 */
export function makeResult(
  points: readonly RunPoint[],
  outcomes: readonly RunOutcome[],
  { title, failIf, sheets, cost, heatMaps = [] }: ResultFrame,
): Result {
  const thresholds = parseThresholds(failIf, cost);
  const runs: FinishedRun[] = [];
  const refused: RefusedRun[] = [];
  for (const [i, point] of points.entries()) {
    const outcome = outcomes[i];
    assert(outcome !== undefined, `nothing became of run ${point.id}`);
    if (isRefused(outcome)) refused.push(refusedRun(point, outcome));
    // Made here, by a thread or earlier: their keys come in one order.
    else runs.push({ point, record: JSON.parse(canonicalJson(outcome)) as RunRecord });
  }
  const records = runs.map(({ record }) => record);
  const beside: BesideRecords = {
    slowdowns: slowdownsOf(runs),
    ...(cost && { costs: costsOf(records, cost) }),
    ...(refused.length > 0 && { refused }),
  };
  return {
    schemaVersion: RESULT_VERSION,
    title,
    records,
    ...beside,
    pairs: comparePolicies(runs),
    ...(thresholds.length > 0 && { thresholds: thresholdLines(thresholds, runs, beside) }),
    ...(heatMaps.length > 0 && { heatMaps }),
    machines: sheets,
  };
}

function refusedRun(point: RunPoint, { refused }: RefusedOutcome): RefusedRun {
  const { machine, policy, params, capacities, seed } = point;
  return {
    trace: labelOfPoint(point),
    machine,
    policy,
    params: Object.entries(params)
      .map(
        ([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
      )
      .toSorted()
      .join(' '),
    capacities,
    seed,
    ...refused,
  };
}

function slowdownsOf(runs: readonly FinishedRun[]): readonly ReplicateSlowdown[] {
  return replicateSlowdowns(runs, BASELINE_POLICY).map((slowdown) =>
    Object.assign({}, slowdown, { runs: slowdown.runs.map(({ record }) => runId(record)) }),
  );
}

/** What the memory of each run costs: as much of the fastest tier as the footprint can use, the rest of it elsewhere. */
function costsOf(records: readonly RunRecord[], given: GivenCost): RunCosts {
  const model = createCostModel(given.quantities, given.expression);
  const costs = compareRuns(records).flatMap(({ id, record, allFast }) => {
    if (allFast === undefined) return [];
    const { pageBytes } = record.manifest.trace;
    const footprintBytes = record.totals.pages * pageBytes;
    const topBytes = record.nodes.reduce(
      (sum, node) => sum + (node.tierRank === 0 ? node.capacityPages * pageBytes : 0),
      0,
    );
    const unlimited = record.manifest.policy.relaxes.includes('capacity');
    const dramBytes = unlimited ? footprintBytes : Math.min(topBytes, footprintBytes);
    const slowdown = record.totals.timeNs / allFast.totals.timeNs;
    const cost = model.cost({ dramBytes, cxlBytes: footprintBytes - dramBytes, slowdown });
    return [[id, cost] as const];
  });
  return { currency: model.currency, ...given, cost: Object.fromEntries(costs) };
}

/** The thresholds that `texts` mean. Throws `EXPERIMENT_BAD_THRESHOLD`. */
export function parseThresholds(texts: readonly string[], cost?: GivenCost): readonly Threshold[] {
  const metrics = thresholdMetrics(cost);
  return texts.map((text) => parseThreshold(text, metrics));
}

/** Columns of numbers, which a threshold may name. */
function thresholdMetrics(cost: GivenCost | undefined): readonly string[] {
  return placementTable([], cost && { costs: costsOf([], cost) }).columns.flatMap(
    ({ name, kind }) => (kind === 'count' || kind === 'real' ? [name] : []),
  );
}

/** Every threshold at every run that is no ruler: a bound fails no build. */
function thresholdLines(
  thresholds: readonly Threshold[],
  runs: readonly FinishedRun[],
  beside: BesideRecords,
): readonly ThresholdResult[] {
  const placement = placementTable(
    runs.map(({ record }) => record),
    beside,
  );
  const names = runNames(runs.map(({ point }) => point));
  const checked = runs.flatMap(({ record }, i) => {
    const value = (metric: string): number | undefined => {
      const cell = columnValues(placement, metric)[i];
      return typeof cell === 'number' ? cell : undefined;
    };
    return isRuler(record) ? [] : [{ run: names[i] as string, value }];
  });
  return checkThresholds(thresholds, checked);
}

/** What each run is called among the others: its policy, and whatever else they differ in. */
function runNames(points: readonly RunPoint[]): readonly string[] {
  const parts: readonly ((point: RunPoint) => string)[] = [
    policyName,
    ({ trace }) => `on ${trace}`,
    ({ window }) => (window ? `accesses ${window.start} to ${window.end - 1}` : ''),
    ({ machine }) => `on ${machine}`,
    ({ capacities }) => capacitiesText(capacities),
    ({ seed }) => `seed ${seed}`,
  ];
  const telling = parts.filter((part) => part === policyName || new Set(points.map(part)).size > 1);
  return points.map((point) => telling.map((part) => part(point)).join(', '));
}
