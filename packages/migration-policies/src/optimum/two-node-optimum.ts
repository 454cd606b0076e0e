import { minCostFlow } from './min-cost-flow.ts';
import type { FlowNetwork } from './min-cost-flow.ts';
import { nextRuns } from './placement-problem.ts';
import type { PlacementPlan, PlacementProblem, PlannedMove } from './placement-problem.ts';

/**
 * The best placement on two nodes of which one, the home, has room for every page.
 *
 * What flows are the page frames of the other node, through time. A frame waits along the line of
 * runs (`hub(i)` is the moment before run i); before a run it can take the run's page in, which costs a
 * move unless the page is new; serving the run gains what the run costs more at home; after it the frame lets
 * the page go, which costs a move, or keeps it until the page's next run. A page that is never
 * accessed again stays for nothing. Whole frames suffice: a network with whole capacities has a
 * cheapest flow of whole units.
 *
 * Nothing is lost by moving pages only right before and right after their own runs: home has room at
 * any time, so a page can leave the other node sooner, and reach it later, at the same cost.
 */
export function twoNodeOptimum(problem: PlacementProblem): PlacementPlan {
  const { runCount, nodeCount, home, runNs } = problem;
  const frames = Math.min(problem.capacity[1 - home], problem.pageCount);
  const { cost, units } = minCostFlow(frameNetwork(problem, frames), frames);
  let atHomeNs = 0;
  for (let i = 0; i < runCount; i++) atHomeNs += runNs[i * nodeCount + home];
  return { placementNs: atHomeNs + cost, ...readPlan(problem, units) };
}

/** The arcs of run i begin at `i * ARCS`. */
const WAIT = 0;
const ENTER = 1;
const SERVE = 2;
const LEAVE = 3;
const KEEP = 4;
const ARCS = 5;

/** Nodes 3i, 3i + 1 and 3i + 2: before run i, its page taken in, its page served. The last node: the end. */
function frameNetwork(problem: PlacementProblem, frames: number): FlowNetwork {
  const { runCount, pageCount, page, nodeCount, home, moveNs, runNs } = problem;
  const other = 1 - home;
  const inNs = moveNs[home * nodeCount + other];
  const outNs = moveNs[other * nodeCount + home];
  const next = nextRuns(problem);
  const seen = new Uint8Array(pageCount);
  const end = 3 * runCount;
  const arcCount = ARCS * runCount;
  const from = new Uint32Array(arcCount);
  const to = new Uint32Array(arcCount);
  const capacity = new Uint32Array(arcCount).fill(1);
  const cost = new Float64Array(arcCount);
  const draw = (arc: number, start: number, stop: number, ns: number): void => {
    from[arc] = start;
    to[arc] = stop;
    cost[arc] = ns;
  };
  for (let i = 0; i < runCount; i++) {
    const [hub, taken, served, arc] = [3 * i, 3 * i + 1, 3 * i + 2, ARCS * i];
    const isNew = seen[page[i]] === 0;
    seen[page[i]] = 1;
    capacity[arc + WAIT] = frames;
    draw(arc + WAIT, hub, hub + 3, 0);
    draw(arc + ENTER, hub, taken, isNew ? 0 : inNs);
    draw(arc + SERVE, taken, served, runNs[i * nodeCount + other] - runNs[i * nodeCount + home]);
    draw(arc + LEAVE, served, hub + 3, outNs);
    draw(arc + KEEP, served, next[i] < runCount ? 3 * next[i] + 1 : end, 0);
  }
  return { nodeCount: end + 1, from, to, capacity, cost };
}

function readPlan(
  { runCount, pageCount, page, home }: PlacementProblem,
  units: Readonly<Uint32Array>,
): Pick<PlacementPlan, 'firstNode' | 'moves'> {
  const firstNode = new Uint8Array(pageCount).fill(home);
  const seen = new Uint8Array(pageCount);
  const moves: PlannedMove[] = [];
  for (let i = 0; i < runCount; i++) {
    if (i > 0 && units[ARCS * (i - 1) + LEAVE] === 1) {
      moves.push({ run: i, page: page[i - 1], node: home });
    }
    const isNew = seen[page[i]] === 0;
    seen[page[i]] = 1;
    if (units[ARCS * i + ENTER] === 0) continue;
    if (isNew) firstNode[page[i]] = 1 - home;
    else moves.push({ run: i, page: page[i], node: 1 - home });
  }
  return { firstNode, moves };
}
