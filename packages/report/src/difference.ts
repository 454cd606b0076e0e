import { placementTable } from './placement.ts';
import type { Result } from './result.ts';
import { tabulate, type Cell, type Column, type Table } from './table.ts';

/** One value of a run that is not the same in two results. */
export interface Difference {
  /** What tells the run: trace, machine, capacities, policy, parameters and seed. */
  readonly run: string;
  readonly column: string;
  /** Absent where that result does not have the run or the value. */
  readonly before: Cell;
  readonly after: Cell;
}

/** How two results differ. */
export interface ResultDifference {
  /** Runs that both results have. */
  readonly common: number;
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  readonly differences: readonly Difference[];
}

type RunsOfResult = Pick<Result, 'records' | 'slowdowns' | 'costs'>;

/**
 * Compares two results run by run: a run is the same where trace, machine, capacities, policy, parameters and
 * seed are called the same, so that a change of the tool, a setting or the bytes of an input shows in the figures.
 * Numbers differ where they are apart by more than `tolerance` of the larger one.
 */
export function compareResults(
  before: RunsOfResult,
  after: RunsOfResult,
  tolerance = 0,
): ResultDifference {
  const [old, young] = [indexRuns(before), indexRuns(after)];
  const common = [...old.keys()].filter((run) => young.has(run));
  return {
    common: common.length,
    onlyBefore: [...old.keys()].filter((run) => !young.has(run)),
    onlyAfter: [...young.keys()].filter((run) => !old.has(run)),
    differences: common.flatMap((run) =>
      differencesOf(run, old.get(run) ?? new Map(), young.get(run) ?? new Map(), tolerance),
    ),
  };
}

/** `differences`: a row for each value that differs. */
export function differencesTable(differences: readonly Difference[]): Table {
  return tabulate('differences', differenceColumns, differences);
}

/** The columns of {@link differencesTable}. */
export const differenceColumns: readonly Column<Difference>[] = [
  {
    name: 'run',
    kind: 'text',
    definition: 'Trace, machine, capacities, policy with parameters, and seed of the run.',
    value: (difference) => difference.run,
  },
  {
    name: 'column',
    kind: 'text',
    definition: 'The column of placement.csv that differs.',
    value: (difference) => difference.column,
  },
  {
    name: 'before',
    kind: 'text',
    definition: 'Its value in the first result; empty where it has none.',
    value: ({ before }) => text(before),
  },
  {
    name: 'after',
    kind: 'text',
    definition: 'Its value in the second result; empty where it has none.',
    value: ({ after }) => text(after),
  },
  {
    name: 'ratio',
    kind: 'real',
    definition:
      'The second value over the first; empty where either is no number or the first is 0.',
    value: ({ before, after }) =>
      typeof before === 'number' && typeof after === 'number' && before !== 0
        ? after / before
        : undefined,
  },
];

const text = (cell: Cell): string | undefined => (cell === undefined ? undefined : String(cell));

/** Columns that name a run instead of saying what it came to; `run` follows from the rest and its manifest. */
const NAMES = /^(run|trace|machine|policy|params|seed|node\d+_capacity_bytes)$/;

type Values = ReadonlyMap<string, Cell>;

function indexRuns(runs: RunsOfResult): Map<string, Values> {
  const table = placementTable(runs.records, runs);
  return new Map(
    table.rows.map((row) => {
      const values = new Map(table.columns.map(({ name }, i) => [name, row[i]]));
      const name = [...values]
        .filter(([column, cell]) => NAMES.test(column) && column !== 'run' && cell !== undefined)
        .map(([column, cell]) =>
          /^(seed|node)/.test(column) ? `${column}=${String(cell)}` : String(cell),
        )
        .filter((part) => part !== '')
        .join(' ');
      return [name, values];
    }),
  );
}

function differencesOf(
  run: string,
  before: Values,
  after: Values,
  tolerance: number,
): readonly Difference[] {
  const columns = new Set([...before.keys(), ...after.keys()]);
  return [...columns].flatMap((column) => {
    const [old, young] = [before.get(column), after.get(column)];
    if (NAMES.test(column) || same(old, young, tolerance)) return [];
    return [{ run, column, before: old, after: young }];
  });
}

function same(a: Cell, b: Cell, tolerance: number): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
}
