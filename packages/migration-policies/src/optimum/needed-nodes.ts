import type { PlacementProblem } from './placement-problem.ts';

/**
 * `problem` without the nodes that nobody needs: those with another one that has room for every page, serves every run at
 * least as fast and is reached and left at least as cheaply from everywhere. The least sum is the same: in
 * any solution that other node can stand for it, where it fits, costs no more, and saves the moves between the two.
 */
export function neededNodes(problem: PlacementProblem): PlacementProblem {
  let kept = Array.from({ length: problem.nodeCount }, (_, node) => node);
  for (const node of kept.toReversed()) {
    const others = kept.filter((other) => other !== node);
    if (others.some((other) => standsFor(problem, other, node, others))) kept = others;
  }
  if (kept.length === problem.nodeCount) return problem;
  const { nodeCount, runCount, capacity, moveNs, runNs } = problem;
  const newRunNs = new Float64Array(runCount * kept.length);
  for (let run = 0; run < runCount; run++) {
    for (let k = 0; k < kept.length; k++) {
      newRunNs[run * kept.length + k] = runNs[run * nodeCount + kept[k]];
    }
  }
  const newCapacity = kept.map((node) => capacity[node]);
  return {
    ...problem,
    nodeCount: kept.length,
    capacity: newCapacity,
    // What stood for the old home has room for every page as well.
    home: kept.includes(problem.home) ? kept.indexOf(problem.home) : newCapacity.indexOf(Infinity),
    moveNs: Float64Array.from(
      kept.flatMap((from) => kept.map((to) => moveNs[from * nodeCount + to])),
    ),
    runNs: newRunNs,
  };
}

function standsFor(
  { nodeCount, runCount, capacity, moveNs, runNs }: PlacementProblem,
  other: number,
  node: number,
  nodes: readonly number[],
): boolean {
  if (capacity[other] !== Infinity) return false;
  for (const third of nodes) {
    if (third === other) continue;
    if (moveNs[third * nodeCount + other] > moveNs[third * nodeCount + node]) return false;
    if (moveNs[other * nodeCount + third] > moveNs[node * nodeCount + third]) return false;
  }
  for (let run = 0; run < runCount; run++) {
    if (runNs[run * nodeCount + other] > runNs[run * nodeCount + node]) return false;
  }
  return true;
}
