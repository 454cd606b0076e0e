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
  const onOneNode = restOnOneNode(problem);
  if (onOneNode !== undefined) return onOneNode;
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

/** Where one node has room for every page and serves every run at least as fast as all others, all pages on it for ever. */
function restOnOneNode(problem: PlacementProblem): PlacementPlan | undefined {
  for (let node = 0; node < problem.nodeCount; node++) {
    if (problem.capacity[node] !== Infinity) continue;
    const placementNs = leastIfAllOn(problem, node);
    if (placementNs === undefined) continue;
    return { placementNs, firstNode: new Uint8Array(problem.pageCount).fill(node), moves: [] };
  }
  return undefined;
}

/** The sum of all runs on `node`; undefined where another node serves one of them faster. */
function leastIfAllOn(
  { nodeCount, runCount, runNs }: PlacementProblem,
  node: number,
): number | undefined {
  let sumNs = 0;
  for (let first = 0; first < runCount * nodeCount; first += nodeCount) {
    for (let other = 0; other < nodeCount; other++) {
      if (runNs[first + other] < runNs[first + node]) return undefined;
    }
    sumNs += runNs[first + node];
  }
  return sumNs;
}
