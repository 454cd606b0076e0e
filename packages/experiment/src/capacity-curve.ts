/** Slowdown of one policy over the size of DRAM, by ascending size. */
export type CapacityCurve = readonly CapacityPoint[];

export interface CapacityPoint {
  /** DRAM over the footprint. */
  readonly dramShare: number;
  readonly slowdown: number;
  /** Absent where replicates do not vary or are too few. */
  readonly slowdownLow?: number;
  readonly slowdownHigh?: number;
}

/** Which slowdown of a point is meant. */
export type CurveEnd = 'slowdown' | 'slowdownLow' | 'slowdownHigh';

/** Two sizes of DRAM next to each other on a curve, between which the target is reached. */
export interface Crossing {
  /** The largest size that misses the target, or 0 where none does. */
  readonly below: number;
  /** The least size from which on every size meets it; absent where the largest one misses it. */
  readonly atOrAbove?: number;
}

/** Where `curve` reaches `target` for good: a policy may meet it at one size and miss it at a larger one. */
export function crossing(curve: CapacityCurve, target: number, end: CurveEnd): Crossing {
  const last = curve.findLastIndex((point) => (point[end] ?? point.slowdown) > target);
  const above = curve[last + 1];
  return {
    below: curve[last]?.dramShare ?? 0,
    ...(above && { atOrAbove: above.dramShare }),
  };
}

/** Sizes where more DRAM made the policy slower, by more than a thousandth. */
export function risesAt(curve: CapacityCurve): readonly number[] {
  return curve
    .filter((point, i) => point.slowdown > (curve[i - 1]?.slowdown ?? Infinity) * 1.001)
    .map((point) => point.dramShare);
}

/** The curve of a fleet: at each size that all `curves` have, the mean weighted by `weights`. */
export function fleetCurve(
  curves: readonly CapacityCurve[],
  weights: readonly number[],
): CapacityCurve {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const [first = [], ...others] = curves;
  return first.flatMap(({ dramShare }) => {
    const points = [first, ...others].map((curve) =>
      curve.find((point) => point.dramShare === dramShare),
    );
    if (points.some((point) => point === undefined)) return [];
    const mean = (end: CurveEnd): number =>
      points.reduce(
        (sum, point, i) => sum + (point?.[end] ?? point?.slowdown ?? 0) * weights[i],
        0,
      ) / whole;
    const varies = points.some((point) => point?.slowdownLow !== undefined);
    return [
      {
        dramShare,
        slowdown: mean('slowdown'),
        ...(varies && { slowdownLow: mean('slowdownLow'), slowdownHigh: mean('slowdownHigh') }),
      },
    ];
  });
}
