import { tabulate, type Column, type Table } from './table.ts';

/**
 * What a paired comparison of two policies came to; `@tierlab/experiment` makes them. Policies are
 * named with the parameters that are not at their default.
 */
export interface PolicyPair {
  readonly trace: string;
  readonly machine: string;
  /** The capacities that the runs have in common, as `nodeN=BYTES`. */
  readonly capacities: string;
  readonly policy: string;
  readonly other: string;
  /** Pairs of runs that differ in nothing but the policy. */
  readonly pairs: number;
  /** Geometric mean of the time of `policy` over the time of `other`. */
  readonly timeRatio: number;
  readonly timeRatioLow?: number;
  readonly timeRatioHigh?: number;
  readonly pValue?: number;
  readonly pValueHolm?: number;
  readonly verdict: 'quicker' | 'slower' | 'equal' | 'undecided';
}

/** `pairs`: a row for each pair of policies that ran on the same trace, machine and capacities. */
export function pairsTable(pairs: readonly PolicyPair[]): Table {
  return tabulate('pairs', pairColumns, pairs);
}

/** The columns of {@link pairsTable}. */
export const pairColumns: readonly Column<PolicyPair>[] = [
  { name: 'trace', kind: 'text', definition: 'The trace.', value: (pair) => pair.trace },
  { name: 'machine', kind: 'text', definition: 'The machine.', value: (pair) => pair.machine },
  {
    name: 'capacities',
    kind: 'text',
    definition: 'Capacities of the nodes in bytes as nodeN=BYTES, separated by blanks.',
    value: (pair) => pair.capacities,
  },
  {
    name: 'policy',
    kind: 'text',
    definition: 'The one policy, with the parameters that are not at their default.',
    value: (pair) => pair.policy,
  },
  {
    name: 'other_policy',
    kind: 'text',
    definition: 'The other policy.',
    value: (pair) => pair.other,
  },
  {
    name: 'pairs',
    kind: 'count',
    definition: 'Pairs of runs that differ in nothing but the policy.',
    value: (pair) => pair.pairs,
  },
  {
    name: 'time_ratio',
    kind: 'real',
    definition: 'Geometric mean of the time of policy over the time of other_policy.',
    value: (pair) => pair.timeRatio,
  },
  {
    name: 'time_ratio_low',
    kind: 'real',
    definition: 'Lower end of the interval of time_ratio; empty with fewer than two pairs.',
    value: (pair) => pair.timeRatioLow,
  },
  {
    name: 'time_ratio_high',
    kind: 'real',
    definition: 'Upper end of the interval of time_ratio; empty with fewer than two pairs.',
    value: (pair) => pair.timeRatioHigh,
  },
  {
    name: 'p_value',
    kind: 'real',
    definition: 'Two-sided p value of the paired sign-flip test; empty with fewer than two pairs.',
    value: (pair) => pair.pValue,
  },
  {
    name: 'p_value_holm',
    kind: 'real',
    definition: 'p_value corrected by Holm for all pairs of the file.',
    value: (pair) => pair.pValueHolm,
  },
  {
    name: 'verdict',
    kind: 'text',
    definition:
      'quicker or slower: what the interval says of policy; equal: every pair took the same time; undecided otherwise.',
    value: (pair) => pair.verdict,
  },
];
