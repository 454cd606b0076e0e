import type { PlacementProblem } from './placement-problem.ts';

/**
 * What a page frame of each node costs in each run, in nanoseconds: level within windows of equally
 * many runs, never negative, 0 where a node has room for every page.
 */
export interface FramePrices {
  readonly windowCount: number;
  readonly windowRuns: number;
  /** At `node * windowCount + window`. */
  readonly price: Float64Array;
  /** Makes what follows go by `price`. */
  update(): void;
  /** The sum of the prices of a frame of each node in the runs before `moment`. */
  upTo(moment: number, sums: Float64Array): void;
  /** The sum of the prices of a frame of `node` in the runs from a to b - 1. */
  paid(node: number, a: number, b: number): number;
  /** The first window that begins between the moments a and b with the least {@link leadBefore}; -1: none begins there. */
  leastLead(from: number, to: number, a: number, b: number): number;
  /** The sum of the prices of a frame of `from` in the windows before `window`, less that of `to`; not of the home node. */
  leadBefore(from: number, to: number, window: number): number;
}

/** Prices of 0. */
export function createFramePrices(problem: PlacementProblem, windowCount: number): FramePrices {
  const { nodeCount, runCount } = problem;
  const windowRuns = Math.max(1, Math.ceil(runCount / windowCount));
  const price = new Float64Array(nodeCount * windowCount);
  const stride = windowCount + 1;
  /** Price of all windows before this one, at `node * stride + window`. */
  const before = new Float64Array(nodeCount * stride);
  const sumBefore = (node: number, moment: number): number => {
    const window = Math.floor(moment / windowRuns);
    const inside = moment - window * windowRuns;
    const sum = before[node * stride + window];
    return inside === 0 ? sum : sum + inside * price[node * windowCount + window];
  };
  const leads = createLeads(problem, windowCount, before);
  return {
    windowCount,
    windowRuns,
    price,
    upTo(moment, sums) {
      const window = Math.floor(moment / windowRuns);
      const inside = moment - window * windowRuns;
      for (let node = 0; node < nodeCount; node++) {
        const inWindow = inside === 0 ? 0 : inside * price[node * windowCount + window];
        sums[node] = before[node * stride + window] + inWindow;
      }
    },
    update() {
      for (let node = 0; node < nodeCount; node++) {
        for (let window = 0; window < windowCount; window++) {
          before[node * stride + window + 1] =
            before[node * stride + window] + windowRuns * price[node * windowCount + window];
        }
      }
      leads.update();
    },
    paid: (node, a, b) => sumBefore(node, b) - sumBefore(node, a),
    leastLead(from, to, a, b) {
      const first = Math.floor(a / windowRuns) + 1;
      const last = Math.ceil(b / windowRuns) - 1;
      return first > last ? -1 : leads.least(from, to, first, last);
    },
    leadBefore: (from, to, window) => before[from * stride + window] - before[to * stride + window],
  };
}

/** By two nodes that have a price: the window before which the one is dearest behind the other. */
interface Leads {
  update(): void;
  /** The first window from `first` to `last` with the least sum of prices of `from` before it, less that of `to`. */
  least(from: number, to: number, first: number, last: number): number;
}

/**
 * Leads of sums `before` windows, each range of windows in two looks.
 *
 * Source: Bender and Farach-Colton, "The LCA Problem Revisited", LATIN 2000, section 3: the sparse table of range minima.
 */
function createLeads(
  { nodeCount, home }: PlacementProblem,
  windowCount: number,
  before: Float64Array,
): Leads {
  const stride = windowCount + 1;
  const levels = 32 - Math.clz32(stride);
  /** For each pair and level, the window with the least lead among the 2^level from here on. */
  const tables: Uint32Array[] = [];
  for (let from = 0; from < nodeCount; from++)
    for (let to = 0; to < nodeCount; to++)
      tables.push(
        new Uint32Array(from === to || from === home || to === home ? 0 : levels * stride),
      );

  const smaller = (from: number, to: number, a: number, b: number): number => {
    const leadA = before[from * stride + a] - before[to * stride + a];
    const leadB = before[from * stride + b] - before[to * stride + b];
    return leadB < leadA ? b : a;
  };
  return {
    update() {
      for (const [pair, table] of tables.entries()) {
        if (table.length === 0) continue;
        const [from, to] = [Math.floor(pair / nodeCount), pair % nodeCount];
        for (let window = 0; window < stride; window++) table[window] = window;
        for (let level = 1; level < levels; level++) {
          const half = 2 ** (level - 1);
          const [below, here] = [(level - 1) * stride, level * stride];
          for (let window = 0; window + 2 * half <= stride; window++)
            table[here + window] = smaller(
              from,
              to,
              table[below + window],
              table[below + window + half],
            );
        }
      }
    },
    least(from, to, first, last) {
      const table = tables[from * nodeCount + to];
      const level = 31 - Math.clz32(last - first + 1);
      const at = level * stride;
      return smaller(from, to, table[at + first], table[at + last + 1 - 2 ** level]);
    },
  };
}
