import type { FramePrices } from './frame-prices.ts';
import { createGapCosts, NO_STAY } from './page-paths.ts';
import type { PlacementProblem } from './placement-problem.ts';

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
  const stayNs = byPageInOrder(runNs, run, nodeCount);
  const gaps = createGapCosts(problem, prices);
  const gapNs = new Float64Array(nodeCount * nodeCount);
  const gapTurn = new Float64Array(nodeCount * nodeCount);
  /** By run of the page and node: from where it came there, and when it turned. */
  const cameFrom = new Uint8Array((most + 1) * nodeCount);
  const turnedAt = new Float64Array((most + 1) * nodeCount);
  const sums = new Float64Array(2 * nodeCount);

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

  /**
   * The least sum up to the run `at` of a page, at `place` among the runs by page, on each node, in `sums` from `into` on, given those at its run before, in
   * `sums` from `from` on. A page without a run left ends anywhere.
   */
  const arrive = (at: number, place: number, slot: number, from: number, into: number): void => {
    const window = Math.floor(at / windowRuns);
    for (let j = 0; j < nodeCount; j++) {
      let best = sums[from] + gapNs[j];
      let source = 0;
      for (let i = 1; i < nodeCount; i++) {
        const ns = sums[from + i] + gapNs[i * nodeCount + j];
        if (ns >= best) continue;
        best = ns;
        source = i;
      }
      cameFrom[slot * nodeCount + j] = source;
      turnedAt[slot * nodeCount + j] = gapTurn[source * nodeCount + j];
      if (at < runCount) best += stayNs[place * nodeCount + j] + price[j * windowCount + window];
      sums[into + j] = best;
    }
  };

  const solvePage = (p: number): number => {
    const from = first[p];
    const count = first[p + 1] - from;
    if (count === 0) return 0;
    // Before its first run a page is nowhere, and comes to any node for nothing.
    sums.fill(0);
    gapNs.fill(0);
    arrive(run[from], from, 0, 0, nodeCount);
    let here = nodeCount;
    for (let slot = 1; slot <= count; slot++) {
      const at = slot < count ? run[from + slot] : runCount;
      gaps.fill(run[from + slot - 1] + 1, at, gapNs, gapTurn);
      arrive(at, from + slot, slot, here, nodeCount - here);
      here = nodeCount - here;
    }
    let node = 0;
    for (let k = 1; k < nodeCount; k++) if (sums[here + k] < sums[here + node]) node = k;
    const least = sums[here + node];
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

/** What each run takes on each node, in the order of the runs by page: a page's lie side by side. */
function byPageInOrder(
  runNs: Readonly<Float64Array>,
  run: Uint32Array,
  nodeCount: number,
): Float64Array {
  const ordered = new Float64Array(run.length * nodeCount);
  for (let place = 0; place < run.length; place++)
    for (let node = 0; node < nodeCount; node++)
      ordered[place * nodeCount + node] = runNs[run[place] * nodeCount + node];
  return ordered;
}
