import { createFramePrices } from './frame-prices.ts';
import type { FramePrices } from './frame-prices.ts';
import { createGapCosts, NO_STAY } from './page-paths.ts';
import type { PlacementProblem } from './placement-problem.ts';
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
 * the nodes; a run needs 8 bytes a node and 12 more.
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

/** The runs of page p are `run[first[p]]` to `run[first[p + 1] - 1]`, in order. */
export interface RunsByPage {
  readonly first: Uint32Array;
  readonly run: Uint32Array;
  /** Runs of the page that has most. */
  readonly most: number;
}

export function runsByPage({ runCount, pageCount, page }: PlacementProblem): RunsByPage {
  const first = new Uint32Array(pageCount + 1);
  for (let i = 0; i < runCount; i++) first[page[i] + 1]++;
  let most = 0;
  for (let p = 0; p < pageCount; p++) {
    most = Math.max(most, first[p + 1]);
    first[p + 1] += first[p];
  }
  const place = first.slice();
  const run = new Uint32Array(runCount);
  for (let i = 0; i < runCount; i++) run[place[page[i]]++] = i;
  return { first, run, most };
}

export interface RelaxedProblem {
  /** The bound at the current prices; fills `excess`. */
  solve(): number;
  /** Frames times runs that the cheapest ways need beyond what there is; as `price` of the prices. */
  readonly excess: Float64Array;
}

/** The relaxation for any number of nodes. */
export function createRelaxedProblem(
  problem: PlacementProblem,
  { first, run, most }: RunsByPage,
  prices: FramePrices,
): RelaxedProblem {
  const { nodeCount, runCount, pageCount, capacity, runNs } = problem;
  const { windowCount, windowRuns, price } = prices;
  const excess = new Float64Array(price.length);
  const gaps = createGapCosts(problem, prices);
  const gapNs = new Float64Array(nodeCount * nodeCount);
  const gapTurn = new Float64Array(nodeCount * nodeCount);
  /** By run of the page and node: from where it came there, and when it turned. */
  const cameFrom = new Uint8Array((most + 1) * nodeCount);
  const turnedAt = new Float64Array((most + 1) * nodeCount);
  let sum = new Float64Array(nodeCount);
  let nextSum = new Float64Array(nodeCount);

  /** Frames that are held through whole windows, more than in the window before; of `windowCount + 1`. */
  const held = new Float64Array(nodeCount * (windowCount + 1));

  /** Counts a frame of `node` in the runs from a to b - 1. */
  const occupy = (node: number, a: number, b: number): void => {
    if (capacity[node] === Infinity || a >= b) return;
    const first = Math.floor(a / windowRuns);
    const last = Math.floor((b - 1) / windowRuns);
    if (first === last) {
      excess[node * windowCount + first] += b - a;
      return;
    }
    excess[node * windowCount + first] += (first + 1) * windowRuns - a;
    excess[node * windowCount + last] += b - last * windowRuns;
    held[node * (windowCount + 1) + first + 1]++;
    held[node * (windowCount + 1) + last]--;
  };

  const countHeld = (): void => {
    for (let node = 0; node < nodeCount; node++) {
      let frames = 0;
      for (let window = 0; window < windowCount; window++) {
        frames += held[node * (windowCount + 1) + window];
        excess[node * windowCount + window] += frames * windowRuns;
      }
    }
    held.fill(0);
  };

  /** Runs of one page on each node, reached from every node at the run before. */
  const arrive = (at: number, slot: number): void => {
    for (let j = 0; j < nodeCount; j++) {
      let best = Infinity;
      let source = 0;
      for (let i = 0; i < nodeCount; i++) {
        const ns = sum[i] + gapNs[i * nodeCount + j];
        if (ns >= best) continue;
        best = ns;
        source = i;
      }
      cameFrom[slot * nodeCount + j] = source;
      turnedAt[slot * nodeCount + j] = gapTurn[source * nodeCount + j];
      nextSum[j] = best + (at < runCount ? stay(at, j) : 0);
    }
    [sum, nextSum] = [nextSum, sum];
  };
  const stay = (i: number, node: number): number =>
    runNs[i * nodeCount + node] + prices.paid(node, i, i + 1);

  const solvePage = (p: number): number => {
    const from = first[p];
    const count = first[p + 1] - from;
    if (count === 0) return 0;
    for (let k = 0; k < nodeCount; k++) sum[k] = stay(run[from], k);
    for (let slot = 1; slot <= count; slot++) {
      const at = slot < count ? run[from + slot] : runCount;
      gaps.fill(run[from + slot - 1] + 1, at, gapNs, gapTurn);
      arrive(at, slot);
    }
    let node = 0;
    for (let k = 1; k < nodeCount; k++) if (sum[k] < sum[node]) node = k;
    const least = sum[node];
    for (let slot = count; slot > 0; slot--) {
      const at = slot < count ? run[from + slot] : runCount;
      const source = cameFrom[slot * nodeCount + node];
      const turn = turnedAt[slot * nodeCount + node];
      if (turn !== NO_STAY) {
        occupy(source, run[from + slot - 1] + 1, turn);
        occupy(node, turn, at);
      }
      node = source;
      occupy(node, run[from + slot - 1], run[from + slot - 1] + 1);
    }
    return least;
  };

  return {
    excess,
    solve() {
      prices.update();
      let bound = 0;
      for (let node = 0; node < nodeCount; node++) {
        for (let window = 0; window < windowCount; window++) {
          const at = node * windowCount + window;
          const runs = Math.max(0, Math.min(windowRuns, runCount - window * windowRuns));
          excess[at] = capacity[node] === Infinity ? 0 : -capacity[node] * runs;
          bound += price[at] * excess[at];
        }
      }
      for (let p = 0; p < pageCount; p++) bound += solvePage(p);
      countHeld();
      return bound;
    },
  };
}
