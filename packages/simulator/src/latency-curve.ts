import { SimulatorError } from './errors.ts';

/**
 * How the latency of a node grows with its load.
 *
 * `flat`: not at all. `knee`: unloaded up to the utilisation `knee`, then a straight line to
 * `saturation` times the unloaded latency at full bandwidth. `points`: straight lines between
 * measured points, as the Mess benchmark gives them; before the first and after the last one the
 * curve is level.
 *
 * Source: ARMS (arms_kernel.cpp) models the growth as linear above a knee; Esmaili-Dokht et al.,
 * "A Mess of Memory System Benchmarking, Simulation and Application Profiling", MICRO 2024, gives
 * curves as points.
 */
export type LatencyCurve =
  | { readonly kind: 'flat' }
  | { readonly kind: 'knee'; readonly knee: number; readonly saturation: number }
  | {
      readonly kind: 'points';
      /** By ascending utilisation: share of the bandwidth, and latency over unloaded latency. */
      readonly points: readonly { readonly utilisation: number; readonly factor: number }[];
    };

/** Latency under load over unloaded latency, at a share of the bandwidth that is 0 to 1. */
export function latencyFactor(curve: LatencyCurve, utilisation: number): number {
  const load = Math.min(Math.max(utilisation, 0), 1);
  if (curve.kind === 'points') return interpolate(curve.points, load);
  if (curve.kind === 'flat' || load <= curve.knee) return 1;
  return 1 + ((curve.saturation - 1) * (load - curve.knee)) / (1 - curve.knee);
}

function interpolate(
  points: readonly { readonly utilisation: number; readonly factor: number }[],
  load: number,
): number {
  let before = points[0];
  for (const after of points) {
    if (load <= after.utilisation) {
      const span = after.utilisation - before.utilisation;
      if (span === 0) return after.factor;
      const share = (load - before.utilisation) / span;
      return before.factor + (after.factor - before.factor) * share;
    }
    before = after;
  }
  return before.factor;
}

/**
 * Checks a curve that a user gave.
 *
 * @throws {SimulatorError} `SIM_BAD_CURVE`.
 */
export function checkCurve(where: string, curve: LatencyCurve): void {
  const problem = curveProblem(curve);
  if (problem !== undefined) throw new SimulatorError('SIM_BAD_CURVE', `${where}: ${problem}`);
}

function curveProblem(curve: LatencyCurve): string | undefined {
  if (curve.kind === 'knee') {
    if (!(curve.knee >= 0 && curve.knee < 1)) return `knee ${curve.knee}: expected 0 <= knee < 1`;
    if (!(curve.saturation >= 1)) return `saturation ${curve.saturation}: expected at least 1`;
  }
  if (curve.kind === 'points') {
    if (curve.points.length === 0) return 'no points';
    let before = -1;
    for (const { utilisation, factor } of curve.points) {
      if (!(utilisation >= 0 && utilisation <= 1 && utilisation > before)) {
        return `utilisation ${utilisation}: expected 0 to 1, ascending`;
      }
      if (!(factor > 0)) return `factor ${factor}: expected a positive number`;
      before = utilisation;
    }
  }
  return undefined;
}
