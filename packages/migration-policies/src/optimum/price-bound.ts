import { createFramePrices } from './frame-prices.ts';
import type { FramePrices } from './frame-prices.ts';
import type { PlacementProblem } from './placement-problem.ts';
import { createRelaxedProblem, runsByPage } from './relaxed-problem.ts';
import type { RunsByPage } from './relaxed-problem.ts';
import { createTwoNodeRelaxation } from './two-node-relaxation.ts';

/** A bound on the sum of every solution, and the prices of frames that prove it. */
export interface PriceBound {
  readonly placementNs: number;
  readonly prices: FramePrices;
}

/** Windows of one price each, from coarse to fine; the last one stands for as fine as allowed. */
const WINDOW_COUNTS = [1, 8, 64, Infinity];

/** Share by which sums of rounded numbers may be above the exact sum, and far more. */
const ROUNDING = 1e-9;

/**
 * A lower bound on the sum of every solution of `problem`, by Lagrangian relaxation of capacities.
 *
 * Why it is one: let every frame of a node cost its price in every run, and let nodes hold any number
 * of pages. Take any solution. Its pages pay prices for no more frames than the nodes have, so its sum
 * plus these prices minus the prices of all frames is at most its sum. Without capacities each page goes its own
 * way, and the cheapest way of each page costs no more than its way in that solution. So the
 * sum over pages of their cheapest ways, minus the prices of all frames, is at most the sum of the
 * solution: whatever the prices are, as long as none is negative.
 *
 * Which prices are taken decides how high the bound is, not whether it is one. They follow the
 * subgradient: up where the cheapest ways need more frames than there are, down where fewer.
 *
 * `finest` is the number of windows in the end. Time grows with `steps` times the runs times the square of
 * the nodes; a run needs 16 bytes a node and 12 more.
 *
 * Source: Fisher, "The Lagrangian Relaxation Method for Solving Integer Programming Problems",
 * Management Science 27 (1), 1981; the steps are Polyak's.
 */
export function priceBound(problem: PlacementProblem, steps: number, finest = 512): PriceBound {
  const byPage = runsByPage(problem);
  const most = Math.max(1, Math.min(finest, problem.runCount));
  const stages = [...new Set(WINDOW_COUNTS.map((windowCount) => Math.min(windowCount, most)))];
  let best = refine(problem, byPage, createFramePrices(problem, 1), 1);
  for (const windowCount of stages) {
    const prices = createFramePrices(problem, windowCount);
    copyPrices(problem, best.prices, prices);
    best = refine(problem, byPage, prices, Math.ceil(steps / stages.length));
  }
  return { ...best, placementNs: best.placementNs * (1 - ROUNDING) };
}

/** The best prices that some steps from `prices` lead to. */
function refine(
  problem: PlacementProblem,
  byPage: RunsByPage,
  prices: FramePrices,
  steps: number,
): PriceBound {
  const relaxed =
    problem.nodeCount === 2
      ? createTwoNodeRelaxation(problem, byPage, prices)
      : createRelaxedProblem(problem, byPage, prices);
  const { price } = prices;
  let best = -Infinity;
  let bestPrice = price.slice();
  let bestExcess = new Float64Array(0);
  let hope = Number.NaN;
  let misses = 0;
  for (let step = 0; step < steps; step++) {
    const value = relaxed.solve();
    if (value > best) {
      best = value;
      bestPrice = price.slice();
      bestExcess = relaxed.excess.slice();
      misses = 0;
    } else if (++misses === 4) {
      // Too long steps: hope for less, from the best prices.
      hope /= 2;
      misses = 0;
      price.set(bestPrice);
      relaxed.excess.set(bestExcess);
    }
    if (Number.isNaN(hope)) hope = 0.05 * Math.abs(best) + 1;
    const current = misses === 0 ? best : value;
    if (!takeStep(price, relaxed.excess, best + hope - current)) break;
  }
  price.set(bestPrice);
  prices.update();
  return { placementNs: best, prices };
}

/** Moves along `excess` as far as would raise the bound by `rise` if it were straight; false: it is at its highest. */
function takeStep(price: Float64Array, excess: Float64Array, rise: number): boolean {
  let square = 0;
  for (let at = 0; at < price.length; at++) {
    if (price[at] === 0 && excess[at] < 0) excess[at] = 0;
    square += excess[at] ** 2;
  }
  if (square === 0) return false;
  for (let at = 0; at < price.length; at++) {
    price[at] = Math.max(0, price[at] + (rise / square) * excess[at]);
  }
  return true;
}

/** Gives every window of `to` the prices of the windows of `from` at its middle. */
function copyPrices({ nodeCount }: PlacementProblem, from: FramePrices, to: FramePrices): void {
  for (let node = 0; node < nodeCount; node++) {
    for (let window = 0; window < to.windowCount; window++) {
      const middle = (window + 0.5) * to.windowRuns;
      const source = Math.min(from.windowCount - 1, Math.floor(middle / from.windowRuns));
      to.price[node * to.windowCount + window] = from.price[node * from.windowCount + source];
    }
  }
}
