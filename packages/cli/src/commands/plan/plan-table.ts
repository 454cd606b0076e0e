import type { Plan } from '@tierlab/experiment';
import type { Cell, Table, TableHead } from '@tierlab/report';

/** `plan`: a row for each policy and size of DRAM that was run, for each workload. */
export function planTable(plans: readonly Plan[]): Table {
  return {
    name: 'plan',
    columns,
    rows: plans.flatMap(({ workload, machine, slowdownTarget, curves, answers }) =>
      curves.flatMap(({ policy, ruler, points }, i) =>
        points.map((point): Cell[] => [
          workload,
          machine,
          policy,
          ruler,
          point.dramShare,
          point.dramBytes,
          point.slowdown,
          point.slowdownLow,
          point.slowdownHigh,
          point.cost,
          slowdownTarget,
          answers[i]?.dramBytes === point.dramBytes,
        ]),
      ),
    ),
  };
}

const columns: readonly TableHead[] = [
  { name: 'workload', kind: 'text', definition: 'The trace, or the fleet.' },
  { name: 'machine', kind: 'text', definition: 'The machine.' },
  { name: 'policy', kind: 'text', definition: 'The policy with its chosen parameters.' },
  { name: 'ruler', kind: 'flag', definition: 'true: a bound and no policy one could run.' },
  { name: 'dram_share', kind: 'real', definition: 'DRAM over the footprint.' },
  {
    name: 'dram_bytes',
    kind: 'real',
    definition: 'DRAM, in bytes; of a fleet the mean by weight.',
  },
  { name: 'slowdown', kind: 'real', definition: 'Time over that of all-fast.' },
  { name: 'slowdown_low', kind: 'real', definition: 'Lower end of its interval.' },
  { name: 'slowdown_high', kind: 'real', definition: 'Upper end of its interval.' },
  { name: 'cost', kind: 'real', definition: 'Cost, in the currency of the prices.' },
  { name: 'slowdown_target', kind: 'real', definition: 'The slowdown that is good enough.' },
  { name: 'answer', kind: 'flag', definition: 'true: the least DRAM that meets the target.' },
];
