import type { FramePrices } from './frame-prices.ts';
import type { PlacementProblem } from './placement-problem.ts';

/**
 * The cheapest way of one page through the nodes when every frame has a price a run: what it costs
 * from moment a (right after one run of the page) to moment b (right before another), by the node at
 * a and the node at b. The prices of the runs a to b - 1 are paid.
 *
 * A way with one move at most is priced exactly, at its best moment. A way with more moves is priced
 * with the moves alone, which is no more than it costs: so no way costs less than this says. With two nodes
 * it says exactly what the cheapest way costs.
 */
export interface GapCosts {
  /** Fills `cost[i * nodeCount + j]`, and `turn` at the same place with the moment of the move; see {@link NO_STAY}. */
  fill(a: number, b: number, cost: Float64Array, turn: Float64Array): void;
}

/** In `turn`: the way has several moves, and no frame is counted for it between a and b. */
export const NO_STAY = -1;

/** The costs of gaps at these prices. */
export function createGapCosts(problem: PlacementProblem, prices: FramePrices): GapCosts {
  const { nodeCount, moveNs, home } = problem;
  const twoMoves = twoMoveCosts(problem);
  /** Sums of the prices of each node before a and before b. */
  const atA = new Float64Array(nodeCount);
  const atB = new Float64Array(nodeCount);
  /** What the frames before {@link bestTurn} cost more on the first node than on the second. */
  let leadNs = 0;
  /** The moment in [a, b] at which to change from one node to another is cheapest: a straight line within a window. */
  const bestTurn = (from: number, to: number, a: number, b: number): number => {
    let moment = a;
    leadNs = atA[from] - atA[to];
    const window = prices.leastLead(from, to, a, b);
    if (window !== -1 && prices.leadBefore(from, to, window) < leadNs) {
      leadNs = prices.leadBefore(from, to, window);
      moment = window * prices.windowRuns;
    }
    if (atB[from] - atB[to] >= leadNs) return moment;
    leadNs = atB[from] - atB[to];
    return b;
  };
  return {
    fill(a, b, cost, turn) {
      prices.upTo(a, atA);
      prices.upTo(b, atB);
      for (let i = 0; i < nodeCount; i++) {
        for (let j = 0; j < nodeCount; j++) {
          const at = i * nodeCount + j;
          let best = moveNs[at];
          let moment = b;
          if (i === j) best = atB[i] - atA[i];
          else if (j === home) moment = a;
          else if (i !== home) {
            moment = bestTurn(i, j, a, b);
            best += leadNs - atA[i] + atB[j];
          }
          if (twoMoves[at] < best) {
            best = twoMoves[at];
            moment = NO_STAY;
          }
          cost[at] = best;
          turn[at] = moment;
        }
      }
    },
  };
}

/** The least that a way with an intermediate node costs in moves, at `from * nodeCount + to`. */
function twoMoveCosts({ nodeCount, moveNs }: PlacementProblem): Float64Array {
  const least = new Float64Array(nodeCount * nodeCount).fill(Infinity);
  for (let i = 0; i < nodeCount; i++) {
    for (let j = 0; j < nodeCount; j++) {
      for (let k = 0; k < nodeCount; k++) {
        if (k === i || k === j) continue;
        const both = moveNs[i * nodeCount + k] + moveNs[k * nodeCount + j];
        const at = i * nodeCount + j;
        least[at] = Math.min(least[at], both);
      }
    }
  }
  return least;
}
