import { ExperimentError } from './errors.ts';

const OPERATORS: Readonly<Record<Operator, (value: number, limit: number) => boolean>> = {
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
};

type Operator = '>' | '>=' | '<' | '<=';

/** A condition under which an experiment fails: `slowdown > 1.05`. */
export interface Threshold {
  readonly text: string;
  /** Name of a column of numbers. */
  readonly metric: string;
  readonly operator: Operator;
  readonly limit: number;
}

/** A threshold at one run. */
export interface ThresholdResult {
  readonly threshold: string;
  /** What the run is called. */
  readonly run: string;
  /** Absent: the run has no such value, which crosses no threshold. */
  readonly value?: number;
  readonly crossed: boolean;
}

/**
 * The threshold that `text` means; `metrics` are the names that it may use.
 *
 * @throws {ExperimentError} `EXPERIMENT_BAD_THRESHOLD`.
 */
export function parseThreshold(text: string, metrics: readonly string[]): Threshold {
  const match = /^\s*(\w+)\s*(>=|<=|>|<)\s*(\S+)\s*$/.exec(text);
  const limit = Number(match?.[3]);
  if (!match || !Number.isFinite(limit)) {
    throw new ExperimentError(
      'EXPERIMENT_BAD_THRESHOLD',
      `${JSON.stringify(text)}: expected a metric, one of > >= < <=, and a number, such as 'slowdown > 1.05'`,
    );
  }
  const [, metric = '', operator] = match;
  if (!metrics.includes(metric)) {
    throw new ExperimentError(
      'EXPERIMENT_BAD_THRESHOLD',
      `${JSON.stringify(text)}: no metric ${metric}; there are: ${metrics.join(', ')}`,
    );
  }
  return { text: text.trim(), metric, operator: operator as Operator, limit };
}

/** Every threshold at every run, by threshold. */
export function checkThresholds(
  thresholds: readonly Threshold[],
  runs: readonly { readonly run: string; readonly value: (metric: string) => number | undefined }[],
): readonly ThresholdResult[] {
  return thresholds.flatMap(({ text, metric, operator, limit }) =>
    runs.map(({ run, value: valueOf }) => {
      const value = valueOf(metric);
      return {
        threshold: text,
        run,
        ...(value !== undefined && { value }),
        crossed: value !== undefined && OPERATORS[operator](value, limit),
      };
    }),
  );
}
