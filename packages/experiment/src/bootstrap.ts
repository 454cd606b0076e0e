import { mean, quantileSorted, sampleStandardDeviation } from 'simple-statistics';

/** An estimate and the ends of its interval. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly random: () => number;
  /** Chance that the interval covers the true mean; 0.95 if absent. */
  readonly confidence?: number;
  /** 2,000 if absent. */
  readonly resamples?: number;
}

/** Fewer values than these give no interval: it would say more of the resampling than of the values. */
export const REPLICATES_MIN = 5;

/**
 * The interval of the mean of independent `values` by the studentized bootstrap, or undefined for fewer than
 * {@link REPLICATES_MIN} values or values that do not vary.
 *
 * The plain percentile bootstrap is too narrow for the handful of values that seeds give: of five normal
 * values its 95 % interval covers the mean in about 84 % of the cases, this one in about 95 %.
 * Source: Efron and Tibshirani, An Introduction to the Bootstrap, section 12.5.
 */
export function bootstrapMean(
  values: readonly number[],
  { random, confidence = 0.95, resamples = 2000 }: BootstrapOptions,
): Interval | undefined {
  const n = values.length;
  if (n < REPLICATES_MIN) return undefined;
  const estimate = mean([...values]);
  const error = standardError(values);
  if (!(error > Math.abs(estimate) * 1e-15)) return undefined;

  const studentized: number[] = [];
  const sample = Array.from<number>({ length: n });
  while (studentized.length < resamples) {
    for (let i = 0; i < n; i++) sample[i] = values[Math.floor(random() * n)];
    const sampleError = standardError(sample);
    // A resample of one value n times has no spread to divide by: n in n^n of them.
    if (sampleError > error * 1e-9) studentized.push((mean(sample) - estimate) / sampleError);
  }
  studentized.sort((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  return {
    estimate,
    low: estimate - quantileSorted(studentized, 1 - tail) * error,
    high: estimate - quantileSorted(studentized, tail) * error,
  };
}

function standardError(values: readonly number[]): number {
  return sampleStandardDeviation([...values]) / Math.sqrt(values.length);
}
