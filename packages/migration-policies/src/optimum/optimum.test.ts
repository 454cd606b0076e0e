import { createRandom } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { createFramePrices } from './frame-prices.ts';
import { neededNodes } from './needed-nodes.ts';
import type { PlacementPlan, PlacementProblem } from './placement-problem.ts';
import { priceBound } from './price-bound.ts';
import { createRelaxedProblem, runsByPage } from './relaxed-problem.ts';
import { searchOptimum } from './search-optimum.ts';
import { twoNodeOptimum } from './two-node-optimum.ts';
import { createTwoNodeRelaxation } from './two-node-relaxation.ts';

/** The least sum, by every assignment of pages to nodes at every run and every way between two of them. */
function leastOfAll(problem: PlacementProblem): number {
  const { nodeCount, pageCount, runCount, capacity, moveNs, runNs, page } = problem;
  const states = nodeCount ** pageCount;
  const nodeIn = (state: number, p: number): number =>
    Math.floor(state / nodeCount ** p) % nodeCount;
  let ns = new Float64Array(states);
  let mapped = 0;
  for (let run = 0; run < runCount; run++) {
    // One page after the other may go anywhere; a page that is new may come from anywhere.
    for (let p = 0; p < pageCount; p++) {
      const moved = new Float64Array(states).fill(Infinity);
      for (let state = 0; state < states; state++) {
        for (let node = 0; node < nodeCount; node++) {
          const from = nodeIn(state, p);
          const to = state + (node - from) * nodeCount ** p;
          const cost = p < mapped ? moveNs[from * nodeCount + node] : 0;
          moved[to] = Math.min(moved[to], ns[state] + cost);
        }
      }
      ns = moved;
    }
    mapped = Math.max(mapped, page[run] + 1);
    for (let state = 0; state < states; state++) {
      const held = Array.from({ length: nodeCount }, () => 0);
      for (let p = 0; p < mapped; p++) held[nodeIn(state, p)]++;
      const fits = held.every((count, node) => count <= capacity[node]);
      ns[state] += fits ? runNs[run * nodeCount + nodeIn(state, page[run])] : Infinity;
    }
  }
  return Math.min(...ns);
}

/** What a plan costs, made move by move; throws where a node is too full during a run. */
function costOf(problem: PlacementProblem, plan: PlacementPlan): number {
  const { nodeCount, runCount, capacity, moveNs, runNs, page } = problem;
  const nodeOf = new Map<number, number>();
  let ns = 0;
  let next = 0;
  for (let run = 0; run < runCount; run++) {
    for (; next < plan.moves.length && plan.moves[next].run === run; next++) {
      const { page: moved, node } = plan.moves[next];
      ns += moveNs[nodeOf.get(moved)! * nodeCount + node];
      nodeOf.set(moved, node);
    }
    if (!nodeOf.has(page[run])) nodeOf.set(page[run], plan.firstNode[page[run]]);
    for (let node = 0; node < nodeCount; node++) {
      const held = [...nodeOf.values()].filter((at) => at === node).length;
      if (held > capacity[node]) throw new Error(`run ${run}: node ${node} holds ${held}`);
    }
    ns += runNs[run * nodeCount + nodeOf.get(page[run])!];
  }
  expect(next).toBe(plan.moves.length);
  return ns;
}

/** A tiny problem: costs of nodes in any order, moves dear and cheap, capacities from 0. */
function drawProblem(random: () => number, nodeCount: number): PlacementProblem {
  const whole = (most: number): number => Math.floor(random() * (most + 1));
  const pagesWanted = 1 + whole(nodeCount === 2 ? 5 : 3);
  const page: number[] = [];
  let pageCount = 0;
  for (let i = 1 + whole(10); i > 0; i--) {
    const p = Math.min(pageCount, whole(pagesWanted - 1));
    if (p === pageCount) pageCount++;
    page.push(p);
  }
  const home = whole(nodeCount - 1);
  const speed = Array.from({ length: nodeCount }, () => 1 + whole(40));
  const dearness = whole(60);
  // Out of one node and into another: a way by a third node is never cheaper.
  const out = Array.from({ length: nodeCount }, () => whole(dearness));
  const into = Array.from({ length: nodeCount }, () => whole(dearness));
  return {
    nodeCount,
    home,
    capacity: speed.map((_, k) => (k === home ? Infinity : whole(3))),
    moveNs: Float64Array.from({ length: nodeCount ** 2 }, (_, at) => {
      const [from, to] = [Math.floor(at / nodeCount), at % nodeCount];
      return from === to ? 0 : out[from] + into[to];
    }),
    runCount: page.length,
    pageCount,
    page: Uint32Array.from(page),
    firstAccess: Uint32Array.from({ length: page.length + 1 }, (_, i) => i),
    runNs: Float64Array.from(
      { length: page.length * nodeCount },
      (_, at) => speed[at % nodeCount] * (random() < 0.3 ? 1 + whole(4) : 1),
    ),
  };
}

test('on two nodes the flow finds the least of all placements, and a plan that costs it', () => {
  let moves = 0;
  for (let seed = 1; seed <= 3000; seed++) {
    const problem = drawProblem(createRandom(seed), 2);
    const plan = twoNodeOptimum(problem);
    expect(plan.placementNs, `seed ${seed}`).toBe(leastOfAll(problem));
    expect(costOf(problem, plan), `seed ${seed}`).toBe(plan.placementNs);
    moves += plan.moves.length;
  }
  expect(moves).toBeGreaterThan(500);
});

test('on two and three nodes the search does', () => {
  let moves = 0;
  for (let seed = 1; seed <= 1200; seed++) {
    const problem = drawProblem(createRandom(seed), 2 + (seed % 3 === 0 ? 0 : 1));
    const plan = searchOptimum(problem)!;
    expect(plan.placementNs, `seed ${seed}`).toBe(leastOfAll(problem));
    expect(costOf(problem, plan), `seed ${seed}`).toBe(plan.placementNs);
    moves += plan.moves.length;
  }
  expect(moves).toBeGreaterThan(200);
});

test('the bound is never above the least of all placements, and mostly near it', () => {
  let share = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const problem = drawProblem(createRandom(seed), 2 + (seed % 2));
    const least = leastOfAll(problem);
    const { placementNs } = priceBound(problem, 60);
    expect(placementNs, `seed ${seed}`).toBeLessThanOrEqual(least);
    share += placementNs / least / 1000;
  }
  expect(share).toBeGreaterThan(0.97);
});

test('at any prices the relaxation of two nodes has the value of the one for any number, and its excess supports it', () => {
  let bent = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const random = createRandom(seed);
    const problem = drawProblem(random, 2);
    const windowCount = 1 + Math.floor(problem.runCount * random());
    const at = (): { price: Float64Array; value: number; excess: Float64Array } => {
      const prices = createFramePrices(problem, windowCount);
      for (let window = 0; window < prices.windowCount; window++) {
        const index = (1 - problem.home) * prices.windowCount + window;
        if (problem.capacity[1 - problem.home] !== Infinity) {
          prices.price[index] = Math.floor(40 * random() ** 2);
        }
      }
      const pages = runsByPage(problem);
      const relaxed = createTwoNodeRelaxation(problem, pages, prices);
      const value = relaxed.solve();
      expect(value, `seed ${seed}`).toBeCloseTo(
        createRelaxedProblem(problem, pages, prices).solve(),
        6,
      );
      return { price: prices.price, value, excess: relaxed.excess };
    };
    // The value is a least of straight lines: no line of its excess is below it anywhere.
    const [a, b] = [at(), at()];
    const line = a.value + a.excess.reduce((sum, x, i) => sum + x * (b.price[i] - a.price[i]), 0);
    expect(b.value, `seed ${seed}`).toBeLessThanOrEqual(line + 1e-6);
    if (b.value < line - 1) bent++;
  }
  expect(bent).toBeGreaterThan(40);
});

test('the least sum needs none of the nodes that another one stands for', () => {
  let fewer = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const problem = drawProblem(createRandom(seed), 3);
    const needed = neededNodes(problem);
    expect(needed.capacity[needed.home], `seed ${seed}`).toBe(Infinity);
    expect(leastOfAll(needed), `seed ${seed}`).toBe(leastOfAll(problem));
    if (needed.nodeCount < 3) fewer++;
  }
  expect(fewer).toBeGreaterThan(40);
  expect(fewer).toBeLessThan(360);
});
