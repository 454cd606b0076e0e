import type { ColumnMemory } from '../kernels/column-memory.ts';
import { RUNS_PER_WORD } from './count-columns.ts';

/** Rows that a run has room for. */
export const ROWS_OF_RUN = 16;
/** Numbers of a row before those that the run was served. */
export const ROW_SERVED = 3;
/** Lines before those by kind. */
const FIRST_KIND = 11;

/**
 * Where the runs of a pass are, in lines of a number for each of 64 runs that compiled loops know too; those by kind, twice the index of a node
 * plus 1 for writes, lie one behind the other.
 *
 * Where an interval of a run ended, a row has what the run did since the row before it: its clock, accesses, pages mapped, and what it was served by kind. The lines
 * of what it did begin anew then.
 */
export interface RunLines {
  /** All lines, one behind the other. */
  all: Float64Array;
  clockNs: Float64Array;
  /** The next event; -Infinity of a run that was not taken past the piece. */
  untilNs: Float64Array;
  /** The end of the interval, and the next event that is none. */
  intervalNs: Float64Array;
  othersNs: Float64Array;
  /** How long an interval is. */
  lengthNs: Float64Array;
  /** What a first touch costs, and whether the run maps the new pages of the piece in it, 1 or 0. */
  faultNs: Float64Array;
  maps: Float64Array;
  /** What it did and was not told of: accesses, and first touches. */
  accesses: Float64Array;
  pages: Float64Array;
  /** Rows that it was not told of, and how many there may be. */
  rowCount: Float64Array;
  rowsMax: Float64Array;
  costNs: Float64Array;
  served: Float64Array;
  /** The rows of run r from number `ROWS_OF_RUN * r` on, of `ROW_SERVED + kinds` numbers each. */
  rows: Float64Array;
}

/** Lines of runs with so many kinds, all 0. */
export function createRunLines(memory: ColumnMemory, kinds: number): RunLines {
  const none = new Float64Array(0);
  const lines: RunLines = {
    all: none,
    clockNs: none,
    untilNs: none,
    intervalNs: none,
    othersNs: none,
    lengthNs: none,
    faultNs: none,
    maps: none,
    accesses: none,
    pages: none,
    rowCount: none,
    rowsMax: none,
    costNs: none,
    served: none,
    rows: none,
  };
  memory.add(Float64Array, (FIRST_KIND + 2 * kinds) * RUNS_PER_WORD, (view) => {
    const line = (first: number, count = 1): Float64Array =>
      view.subarray(first * RUNS_PER_WORD, (first + count) * RUNS_PER_WORD);
    lines.all = view;
    lines.clockNs = line(0);
    lines.untilNs = line(1);
    lines.intervalNs = line(2);
    lines.othersNs = line(3);
    lines.lengthNs = line(4);
    lines.faultNs = line(5);
    lines.maps = line(6);
    lines.accesses = line(7);
    lines.pages = line(8);
    lines.rowCount = line(9);
    lines.rowsMax = line(10);
    lines.costNs = line(FIRST_KIND, kinds);
    lines.served = line(FIRST_KIND + kinds, kinds);
  });
  memory.add(
    Float64Array,
    RUNS_PER_WORD * ROWS_OF_RUN * (ROW_SERVED + kinds),
    (view) => (lines.rows = view),
  );
  return lines;
}
