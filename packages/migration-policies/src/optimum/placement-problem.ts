import type { MemoryView, NodeId, WholeTrace } from '@tierlab/policy';

/**
 * Where to keep pages while they are accessed, with nodes numbered 0 to `nodeCount - 1`.
 *
 * Accesses to one page that follow each other are one run: no placement gains by parting them. A page
 * is somewhere from its first run on, to the end; getting there the first time is free. Between two
 * runs any pages may move, `moveNs[from * nodeCount + to]` each. During every run, node k holds at
 * most `capacity[k]` pages. What is to be least is the sum of runs and moves.
 */
export interface PlacementProblem {
  readonly nodeCount: number;
  /** Pages that each node holds at most; Infinity where it has room for every page. */
  readonly capacity: readonly number[];
  /** A node that has room for every page. */
  readonly home: number;
  /** Moves by way of a third node are never cheaper. */
  readonly moveNs: Readonly<Float64Array>;
  readonly runCount: number;
  readonly pageCount: number;
  /** The page of each run. */
  readonly page: Readonly<Uint32Array>;
  /** Index in the trace of each run's first access; column, length `runCount + 1`. */
  readonly firstAccess: Readonly<Uint32Array>;
  /** What run i takes on node k, at `i * nodeCount + k`. */
  readonly runNs: Readonly<Float64Array>;
}

/** A schedule of moves that solves a {@link PlacementProblem}. */
export interface PlacementPlan {
  /** The sum of runs and moves. */
  readonly placementNs: number;
  /** Node of each page at its first run. */
  readonly firstNode: Readonly<Uint8Array>;
  /** Moves in order; each is made before its run, and a node has room for each when its turn comes. */
  readonly moves: readonly PlannedMove[];
}

export interface PlannedMove {
  readonly run: number;
  readonly page: number;
  readonly node: number;
}

/**
 * The problem that a trace poses on a machine, at unloaded latencies. A node holds what moves can
 * fill: its capacity down to its min watermark. Where no node has room for every page (not `roomy`),
 * the roomiest one is taken as if it had, which can only make the least sum smaller.
 */
export function placementProblem(
  trace: WholeTrace,
  memory: MemoryView,
): { readonly problem: PlacementProblem; readonly roomy: boolean } {
  const nodes = memory.nodes.map(({ id }) => id);
  const room = nodes.map((id) => memory.node(id).capacityPages - memory.watermarks(id).minPages);
  const runs = joinRuns(trace, nodes);
  const roomiest = room.indexOf(Math.max(...room));
  const roomy = room[roomiest] >= runs.pageCount;
  return {
    roomy,
    problem: {
      ...runs,
      nodeCount: nodes.length,
      capacity: room.map((pages, k) =>
        k === roomiest || pages >= runs.pageCount ? Infinity : pages,
      ),
      home: roomiest,
      moveNs: Float64Array.from(
        nodes.flatMap((from) => nodes.map((to) => moveNs(memory, from, to))),
      ),
    },
  };
}

const moveNs = (memory: MemoryView, from: NodeId, to: NodeId): number =>
  from === to ? 0 : memory.movePageNs(from, to);

type Runs = Pick<PlacementProblem, 'runCount' | 'pageCount' | 'page' | 'firstAccess' | 'runNs'>;

/** Accesses joined to runs, priced on each node. */
function joinRuns(trace: WholeTrace, nodes: readonly NodeId[]): Runs {
  let runCount = 0;
  let pageCount = 0;
  for (let i = 0; i < trace.length; i++) {
    if (i === 0 || trace.page[i] !== trace.page[i - 1]) runCount++;
    if (trace.page[i] >= pageCount) pageCount = trace.page[i] + 1;
  }
  const page = new Uint32Array(runCount);
  const firstAccess = new Uint32Array(runCount + 1);
  const runNs = new Float64Array(runCount * nodes.length);
  let run = -1;
  for (let i = 0; i < trace.length; i++) {
    if (i === 0 || trace.page[i] !== trace.page[i - 1]) {
      page[++run] = trace.page[i];
      firstAccess[run] = i;
    }
    const stands = trace.weight?.[i] ?? 1;
    for (let k = 0; k < nodes.length; k++) {
      runNs[run * nodes.length + k] += stands * trace.accessNs(trace.kind[i], nodes[k]);
    }
  }
  firstAccess[runCount] = trace.length;
  return { runCount, pageCount, page, firstAccess, runNs };
}

/** The next run of the page of each run; `runCount` if there is none. */
export function nextRuns({ runCount, pageCount, page }: PlacementProblem): Uint32Array {
  const next = new Uint32Array(runCount);
  const later = new Uint32Array(pageCount).fill(runCount);
  for (let run = runCount - 1; run >= 0; run--) {
    next[run] = later[page[run]];
    later[page[run]] = run;
  }
  return next;
}
