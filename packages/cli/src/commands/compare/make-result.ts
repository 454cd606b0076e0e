import { canonicalJson, type RunRecord } from '@tierlab/core';
import {
  capacitiesText,
  checkThresholds,
  comparePolicies,
  parseThreshold,
  policyName,
  type FinishedRun,
  type RunPoint,
  type Threshold,
  type ThresholdResult,
} from '@tierlab/experiment';
import {
  columnValues,
  isRuler,
  placementTable,
  RESULT_VERSION,
  type Result,
  type TierSheet,
} from '@tierlab/report';

/** What a result has besides its runs. */
export interface ResultFrame {
  readonly title: string;
  /** Thresholds as the user wrote them. */
  readonly failIf: readonly string[];
  readonly sheets: readonly TierSheet[];
}

/**
 * The result of `records`, those of `points` in their order. It has the same bytes whoever made the runs and when.
 *
 * Throws `EXPERIMENT_BAD_THRESHOLD`.
 */
export function makeResult(
  points: readonly RunPoint[],
  records: readonly RunRecord[],
  { title, failIf, sheets }: ResultFrame,
): Result {
  const thresholds = parseThresholds(failIf);
  const runs = points.map((point, i): FinishedRun => {
    // Made here, by a thread or earlier: their keys come in one order.
    return { point, record: JSON.parse(canonicalJson(records[i])) as RunRecord };
  });
  return {
    schemaVersion: RESULT_VERSION,
    title,
    records: runs.map(({ record }) => record),
    pairs: comparePolicies(runs),
    ...(thresholds.length > 0 && { thresholds: thresholdLines(thresholds, runs) }),
    machines: sheets,
  };
}

/** The thresholds that `texts` mean. Throws `EXPERIMENT_BAD_THRESHOLD`. */
export function parseThresholds(texts: readonly string[]): readonly Threshold[] {
  const metrics = thresholdMetrics();
  return texts.map((text) => parseThreshold(text, metrics));
}

/** Columns of numbers, which a threshold may name. */
function thresholdMetrics(): readonly string[] {
  return placementTable([]).columns.flatMap(({ name, kind }) =>
    kind === 'count' || kind === 'real' ? [name] : [],
  );
}

/** Every threshold at every run that is no ruler: a bound fails no build. */
function thresholdLines(
  thresholds: readonly Threshold[],
  runs: readonly FinishedRun[],
): readonly ThresholdResult[] {
  const placement = placementTable(runs.map(({ record }) => record));
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
