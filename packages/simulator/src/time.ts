/**
 * Simulated time is a count of nanoseconds in steps of 1/256 ns.
 *
 * Every charge is rounded down to a step, so that sums of charges are exact whatever their order,
 * for runs of up to 2^45 ns (9.7 hours): the clock equals the sum of the meters to the last bit.
 */
export function timeSteps(ns: number): number {
  return Math.floor(ns * 256) / 256;
}
