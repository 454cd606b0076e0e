import type { PlacementPlan, PlacementProblem } from './placement-problem.ts';
import { searchOptimum } from './search-optimum.ts';
import { twoNodeOptimum } from './two-node-optimum.ts';

/** Runs times page frames that the flow of two nodes is made for: about half a minute. */
const FLOW_MAX = 1e8;

/** Runs times pages that the search on three nodes and more is made for. */
const SEARCH_MAX = 1e5;

/** The best placement, or why it is out of reach. */
export function findOptimum(problem: PlacementProblem): PlacementPlan | string {
  const { nodeCount, capacity, home, runCount, pageCount } = problem;
  if (runCount === 0) return { placementNs: 0, firstNode: new Uint8Array(0), moves: [] };
  if (nodeCount === 2) {
    const frames = Math.min(capacity[1 - home], pageCount);
    if (runCount * frames > FLOW_MAX) {
      return `${runCount} runs of accesses and ${frames} page frames make ${runCount * frames}, and ${FLOW_MAX} is the most`;
    }
    return twoNodeOptimum(problem);
  }
  if (runCount * pageCount > SEARCH_MAX) {
    return `on ${nodeCount} nodes, ${runCount} runs of accesses and ${pageCount} pages make ${runCount * pageCount}, and ${SEARCH_MAX} is the most`;
  }
  return searchOptimum(problem) ?? 'more placements are nearly as good as can be held';
}
