import { count, defineMigrationPolicy, PolicyError } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { neededNodes } from '../optimum/needed-nodes.ts';
import { placementProblem } from '../optimum/placement-problem.ts';
import { priceBound } from '../optimum/price-bound.ts';

/**
 * A bound on memory time and moves that holds for traces of any size; see `priceBound` for the proof.
 * There is no placement to carry out: its run is that of `all-fast`, and the bound is in the record.
 */
export const lowerBound: MigrationPolicy = defineMigrationPolicy({
  name: 'lower-bound',
  doc: 'Runs as all-fast does and proves a bound on the sum of memory time and moves, for traces of any size.',
  signals: ['wholeTrace', 'allocation'],
  relaxes: ['capacity', 'contention'],
  params: {
    steps: count({
      default: 100,
      min: 1,
      doc: 'Prices of page frames that are tried; more of them make the bound higher.',
    }),
  },
  create({ memory, params, signals }) {
    const { problem } = placementProblem(signals.wholeTrace, memory);
    const { placementNs } = priceBound(neededNodes(problem), params.steps);
    return {
      allocate({ folioPages }) {
        if (folioPages > 1) {
          throw new PolicyError(
            'POLICY_OUT_OF_REACH',
            'lower-bound: it is of base pages; run it with hugePages never',
          );
        }
        return memory.tiers[0];
      },
      bound: () => ({ placementNs, attained: false }),
    };
  },
});
