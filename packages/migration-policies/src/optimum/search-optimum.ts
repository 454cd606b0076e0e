import { createGapCosts } from './page-paths.ts';
import type { FramePrices } from './frame-prices.ts';
import { nextRuns } from './placement-problem.ts';
import type { PlacementPlan, PlacementProblem, PlannedMove } from './placement-problem.ts';
import { priceBound } from './price-bound.ts';

/** Placements that the search holds at a time. */
const PLACEMENTS_MAX = 1 << 16;

/** Widths of the passes that look for a plan to beat. */
const WIDTHS = [32, 1024];

/**
 * The best placement on any number of nodes, or undefined where the search would have to hold more
 * than 65,536 placements at a time.
 *
 * It goes through the runs in order and keeps every placement that can still lead to a plan as good
 * as one already known: what led there, plus what the prices of {@link priceBound} say that the rest
 * costs at least. Passes that keep the most promising few find the plan to beat.
 *
 * Before a run, only the run's page moves, and pages that make room for it: one on its target node,
 * one on the node that this one goes to, and so on along different nodes until one has room. Nothing
 * is lost by that. A move that makes room for nobody can wait until the page's next run or until its
 * frame is needed, and two moves that have become one cost no more; a chain that comes to a node
 * twice could have begun with its last page there.
 */
export function searchOptimum(problem: PlacementProblem): PlacementPlan | undefined {
  const rest = createRest(problem, priceBound(problem, 2000, problem.runCount).prices);
  for (const width of WIDTHS) {
    const rough = pass(problem, rest, width, Infinity);
    const exact = pass(problem, rest, PLACEMENTS_MAX, rough.last.ns);
    if (exact.complete) return readPlan(problem, exact.last);
  }
  return undefined;
}

/** A placement before some run, and the cheapest way found that led to it. */
interface Placement {
  /** Node of each page; {@link UNMAPPED} before its first run. */
  readonly nodeOf: Uint8Array;
  /** Pages on each node. */
  readonly held: readonly number[];
  readonly ns: number;
  readonly before: Placement | undefined;
  /** The moves before the last run; that of its page, which is mapped there if it is new, comes last. */
  readonly moves: readonly Move[];
}

interface Move {
  readonly page: number;
  readonly node: number;
}

const UNMAPPED = 255;

/** A placement and the moves before a run that lead to the next one. */
interface Step {
  readonly before: Placement;
  readonly moves: readonly Move[];
  /** What led there, the run included, and what it makes with the least that the rest can cost. */
  readonly ns: number;
  readonly leastNs: number;
}

/**
 * Goes through all runs with the `width` most promising placements of those that may cost no more
 * than `limitNs`; with a limit it gives up where there are more.
 */
function pass(
  problem: PlacementProblem,
  rest: Rest,
  width: number,
  limitNs: number,
): { readonly last: Placement; readonly complete: boolean } {
  // The prices of frames are no round numbers: what is as good must not be lost to rounding.
  const limit = limitNs + 1e-6 * Math.abs(limitNs);
  let complete = true;
  let placements: Placement[] = [noPages(problem)];
  for (let run = 0; run < problem.runCount; run++) {
    rest.goTo(run + 1);
    const steps: Step[] = [];
    for (const placement of placements) {
      for (const step of stepsFrom(problem, rest, placement, run)) {
        if (step.leastNs <= limit) steps.push(step);
      }
      if (limitNs < Infinity && steps.length > 16 * width) break;
    }
    steps.sort((a, b) => a.leastNs - b.leastNs);
    // Of two ways to one placement the cheaper one comes first.
    const reached = new Map<string, Placement>();
    for (const step of steps) {
      const next = take(problem, step);
      const key = String.fromCharCode(...next.nodeOf);
      if (reached.has(key)) continue;
      if (reached.size === width) {
        complete = false;
        break;
      }
      reached.set(key, next);
    }
    placements = [...reached.values()];
    if (!complete && limitNs < Infinity) break;
  }
  return { last: placements.reduce((a, b) => (b.ns < a.ns ? b : a)), complete };
}

function noPages({ pageCount, nodeCount }: PlacementProblem): Placement {
  return {
    nodeOf: new Uint8Array(pageCount).fill(UNMAPPED),
    held: Array.from({ length: nodeCount }, () => 0),
    ns: 0,
    before: undefined,
    moves: [],
  };
}

function take({ nodeCount }: PlacementProblem, { before, moves, ns }: Step): Placement {
  const nodeOf = before.nodeOf.slice();
  for (const { page, node } of moves) nodeOf[page] = node;
  const held = Array.from({ length: nodeCount }, () => 0);
  for (const node of nodeOf) if (node !== UNMAPPED) held[node]++;
  return { nodeOf, held, ns, before, moves };
}

function* stepsFrom(
  problem: PlacementProblem,
  rest: Rest,
  placement: Placement,
  run: number,
): Generator<Step> {
  const { page, nodeCount, moveNs, runNs } = problem;
  const { nodeOf } = placement;
  const moving = page[run];
  const held = [...placement.held];
  if (nodeOf[moving] !== UNMAPPED) held[nodeOf[moving]]--;
  const restNs = rest.leastNs(nodeOf);
  for (let target = 0; target < nodeCount; target++) {
    for (const room of roomOn(problem, { nodeOf, held, moving }, target, [])) {
      const moves = [...room, { page: moving, node: target }];
      let ns = placement.ns + runNs[run * nodeCount + target];
      let leastNs = restNs;
      for (const move of moves) {
        const from = nodeOf[move.page];
        leastNs += rest.fromNs(move.page, move.node);
        if (from === UNMAPPED) continue;
        leastNs -= rest.fromNs(move.page, from);
        ns += moveNs[from * nodeCount + move.node];
      }
      yield { before: placement, moves, ns, leastNs: ns + leastNs };
    }
  }
}

interface Crowd {
  readonly nodeOf: Uint8Array;
  /** Pages on each node but `moving`. */
  readonly held: readonly number[];
  readonly moving: number;
}

/** The chains of moves that leave room for a page on `node`, the last one to be made first. */
function* roomOn(
  problem: PlacementProblem,
  crowd: Crowd,
  node: number,
  taken: readonly number[],
): Generator<readonly Move[]> {
  if (crowd.held[node] < problem.capacity[node]) {
    yield [];
    return;
  }
  const visited = [...taken, node];
  for (let target = 0; target < problem.nodeCount; target++) {
    if (visited.includes(target)) continue;
    for (const room of roomOn(problem, crowd, target, visited)) {
      for (let page = 0; page < crowd.nodeOf.length; page++) {
        if (crowd.nodeOf[page] !== node || page === crowd.moving) continue;
        yield [...room, { page, node: target }];
      }
    }
  }
}

/** What the runs from some moment on cost at least. */
interface Rest {
  /** Sets the moment: before this run. */
  goTo(run: number): void;
  /** Of all pages on these nodes. */
  leastNs(nodeOf: Uint8Array): number;
  /** The part of one page on one node. */
  fromNs(page: number, node: number): number;
}

/**
 * The bound of `priceBound` for the rest of the runs: each page goes its cheapest way from where it
 * is, at these prices of frames, and the frames give back their prices.
 */
function createRest(problem: PlacementProblem, prices: FramePrices): Rest {
  const { runCount, pageCount, nodeCount, page, capacity } = problem;
  const gaps = createGapCosts(problem, prices);
  const gapNs = new Float64Array(nodeCount * nodeCount);
  const gapTurn = new Float64Array(nodeCount * nodeCount);
  const next = nextRuns(problem);
  const onward = onwardCosts(problem, prices, next);
  const firstRun = new Uint32Array(pageCount).fill(runCount);
  for (let i = runCount - 1; i >= 0; i--) firstRun[page[i]] = i;
  const nextRun = new Uint32Array(pageCount);
  /** At `page * nodeCount + node`. */
  const fromNode = new Float64Array(pageCount * nodeCount);
  let fixed = 0;

  const goFrom = (p: number, moment: number): void => {
    gaps.fill(moment, nextRun[p], gapNs, gapTurn);
    for (let i = 0; i < nodeCount; i++) {
      let least = Infinity;
      for (let j = 0; j < nodeCount; j++) {
        const after = nextRun[p] < runCount ? onward[nextRun[p] * nodeCount + j] : 0;
        least = Math.min(least, gapNs[i * nodeCount + j] + after);
      }
      fromNode[p * nodeCount + i] = least;
    }
  };
  return {
    goTo(run) {
      fixed = 0;
      for (let node = 0; node < nodeCount; node++) {
        if (capacity[node] < Infinity) fixed -= capacity[node] * prices.paid(node, run, runCount);
      }
      for (let p = 0; p < pageCount; p++) {
        if (firstRun[p] < run) {
          nextRun[p] = firstRun[p];
          while (nextRun[p] < run) nextRun[p] = next[nextRun[p]];
          goFrom(p, run);
        } else if (firstRun[p] < runCount) {
          const at = firstRun[p] * nodeCount;
          fixed += Math.min(...onward.subarray(at, at + nodeCount));
        }
      }
    },
    fromNs: (p, node) => fromNode[p * nodeCount + node],
    leastNs(nodeOf) {
      let ns = fixed;
      for (let p = 0; p < pageCount; p++) {
        if (nodeOf[p] !== UNMAPPED) ns += fromNode[p * nodeCount + nodeOf[p]];
      }
      return ns;
    },
  };
}

/** What run i and all later ones of its page cost at least when it is on node k, at `i * nodeCount + k`. */
function onwardCosts(
  problem: PlacementProblem,
  prices: FramePrices,
  next: Uint32Array,
): Float64Array {
  const { runCount, nodeCount, runNs } = problem;
  const gaps = createGapCosts(problem, prices);
  const gapNs = new Float64Array(nodeCount * nodeCount);
  const gapTurn = new Float64Array(nodeCount * nodeCount);
  const onward = new Float64Array(runCount * nodeCount);
  for (let i = runCount - 1; i >= 0; i--) {
    gaps.fill(i + 1, next[i], gapNs, gapTurn);
    for (let k = 0; k < nodeCount; k++) {
      let least = Infinity;
      for (let j = 0; j < nodeCount; j++) {
        const after = next[i] < runCount ? onward[next[i] * nodeCount + j] : 0;
        least = Math.min(least, gapNs[k * nodeCount + j] + after);
      }
      onward[i * nodeCount + k] = runNs[i * nodeCount + k] + prices.paid(k, i, i + 1) + least;
    }
  }
  return onward;
}

function readPlan({ runCount, pageCount }: PlacementProblem, last: Placement): PlacementPlan {
  const firstNode = new Uint8Array(pageCount);
  const moves: PlannedMove[] = [];
  let run = runCount - 1;
  for (let at: Placement = last; at.before !== undefined; at = at.before, run--) {
    const { nodeOf } = at.before;
    for (const { page, node } of at.moves.toReversed()) {
      if (nodeOf[page] === UNMAPPED) firstNode[page] = node;
      else if (nodeOf[page] !== node) moves.push({ run, page, node });
    }
  }
  return { placementNs: last.ns, firstNode, moves: moves.toReversed() };
}
