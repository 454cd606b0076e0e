import type { CapacityPoint } from './capacity-curve.ts';
import type { SensitivityLine } from './sensitivity.ts';

/** The answer for one workload, or for all of them as a fleet. */
export interface Plan {
  readonly workload: string;
  readonly machine: string;
  readonly slowdownTarget: number;
  /** Of a fleet: the mean by weight. */
  readonly footprintBytes: number;
  readonly curves: readonly PlanCurve[];
  readonly answers: readonly PlanAnswer[];
  readonly sensitivity: readonly SensitivityLine[];
  readonly notes: readonly string[];
}

export interface PlanCurve {
  readonly policy: string;
  readonly ruler: boolean;
  readonly points: readonly PlanPoint[];
}

export interface PlanPoint extends CapacityPoint {
  readonly dramBytes: number;
  readonly cost?: number;
}

export interface PlanAnswer {
  readonly policy: string;
  readonly ruler: boolean;
  /** The least size tried from which on every size tried meets the target; absent where none does. */
  readonly dramBytes?: number;
  /** The next smaller size tried, at which even the lower end of the slowdown's interval misses the target. */
  readonly dramBytesLow?: number;
  /** The least size tried from which on the upper end of the interval meets the target. */
  readonly dramBytesHigh?: number;
  readonly cost?: number;
  readonly costAllDram?: number;
  readonly breakEvenPrice?: string;
}
