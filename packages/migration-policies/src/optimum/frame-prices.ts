import type { PlacementProblem } from './placement-problem.ts';

/**
 * What a page frame of each node costs in each run, in nanoseconds: level within windows of equally
 * many runs, never negative, 0 where a node has room for every page.
 */
export interface FramePrices {
  readonly windowCount: number;
  readonly windowRuns: number;
  /** At `node * windowCount + window`. */
  readonly price: Float64Array;
  /** Makes {@link paid} and {@link bestTurn} follow `price`. */
  update(): void;
  /** The sum of the prices of a frame of `node` in the runs from a to b - 1. */
  paid(node: number, a: number, b: number): number;
  /** The moment in [a, b] at which to change from one node to another is cheapest. */
  bestTurn(from: number, to: number, a: number, b: number): number;
}

/** Prices of 0. */
export function createFramePrices(problem: PlacementProblem, windowCount: number): FramePrices {
  const { nodeCount, runCount } = problem;
  const windowRuns = Math.max(1, Math.ceil(runCount / windowCount));
  const price = new Float64Array(nodeCount * windowCount);
  const stride = windowCount + 1;
  /** Price of all windows before this one, at `node * stride + window`. */
  const before = new Float64Array(nodeCount * stride);
  const upTo = (node: number, moment: number): number => {
    const window = Math.floor(moment / windowRuns);
    const inside = moment - window * windowRuns;
    const sum = before[node * stride + window];
    return inside === 0 ? sum : sum + inside * price[node * windowCount + window];
  };
  return {
    windowCount,
    windowRuns,
    price,
    update() {
      for (let node = 0; node < nodeCount; node++) {
        for (let window = 0; window < windowCount; window++) {
          before[node * stride + window + 1] =
            before[node * stride + window] + windowRuns * price[node * windowCount + window];
        }
      }
    },
    paid: (node, a, b) => upTo(node, b) - upTo(node, a),
    bestTurn(from, to, a, b) {
      if (to === problem.home) return a;
      if (from === problem.home) return b;
      // Until the change `from` is paid, after it `to`: their difference is straight within a window.
      const lead = (moment: number): number => upTo(from, moment) - upTo(to, moment);
      let best = a;
      let least = lead(a);
      const consider = (moment: number): void => {
        const value = lead(moment);
        if (value >= least) return;
        least = value;
        best = moment;
      };
      for (let window = Math.floor(a / windowRuns) + 1; window * windowRuns < b; window++) {
        consider(window * windowRuns);
      }
      consider(b);
      return best;
    },
  };
}
