import { defineMigrationPolicy, PolicyError } from '@tierlab/policy';
import type { MigrationPolicy, Moves, NodeId } from '@tierlab/policy';
import { findOptimum } from '../optimum/find-optimum.ts';
import { placementProblem } from '../optimum/placement-problem.ts';
import type { PlannedMove } from '../optimum/placement-problem.ts';

/**
 * The placement with the least sum of memory time and moves of all there are, found before the run
 * and then carried out: what no policy can beat, knowing everything. See its page for what the sum holds.
 */
export const optimum: MigrationPolicy = defineMigrationPolicy({
  name: 'optimum',
  doc: 'The placement with the least sum of memory time and moves, found by looking at the whole trace; for traces small enough.',
  signals: ['wholeTrace', 'accessStream', 'allocation'],
  relaxes: ['contention', 'watermarks'],
  create({ memory, moves, signals }) {
    const { problem, roomy } = placementProblem(signals.wholeTrace, memory);
    if (!roomy) throw outOfReach(`no node has room for all ${problem.pageCount} pages`);
    const plan = findOptimum(problem);
    if (typeof plan === 'string') throw outOfReach(plan);
    const nodes = memory.nodes.map(({ id }) => id);
    let next = 0;
    return {
      allocate({ page, folioPages }) {
        if (folioPages > 1) throw outOfReach('it places base pages; run it with hugePages never');
        return [nodes[plan.firstNode[page] ?? problem.home]];
      },
      block({ start, length, replayThrough }) {
        while (next < plan.moves.length) {
          const { run } = plan.moves[next];
          const access = problem.firstAccess[run];
          if (access >= start + length) return;
          if (access > start) replayThrough(access - start - 1);
          const first = next;
          while (next < plan.moves.length && plan.moves[next].run === run) next++;
          makeMoves(moves, plan.moves.slice(first, next), nodes);
        }
      },
      bound: () => ({ placementNs: plan.placementNs, attained: true }),
    };
  },
});

/** Makes the moves before one run; those that wait for one another, in a ring of full nodes, by exchanges. */
function makeMoves(moves: Moves, planned: readonly PlannedMove[], nodes: readonly NodeId[]): void {
  const ring = planned.filter(({ page, node }) => !moves.request(page, nodes[node]));
  for (let i = ring.length - 1; i > 0; i--) moves.exchange(ring[i].page, ring[i - 1].page);
}

function outOfReach(reason: string): PolicyError {
  return new PolicyError(
    'POLICY_OUT_OF_REACH',
    `optimum: ${reason}; lower-bound takes any trace, and a window of it (--windows) may be small enough`,
  );
}
