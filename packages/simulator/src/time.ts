/**
 * Simulated time is a count of nanoseconds in steps of 1/256 ns.
 *
 * Every charge is rounded down to a step, so that sums of charges are exact whatever their order,
 * for runs of up to {@link EXACT_NS}: the clock equals the sum of the meters to the last bit.
 */
export function timeSteps(ns: number): number {
  return Math.floor(ns * 256) / 256;
}

/** Simulated time up to which sums of time steps are exact in any order: 9.7 hours. */
export const EXACT_NS: number = 2 ** 45;
