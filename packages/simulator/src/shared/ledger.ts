import type { Run } from '../run.ts';
import { EXACT_NS } from '../time.ts';
import { RUNS_PER_WORD } from './counts.ts';
import type { Served, SharedCounts } from './counts.ts';
import type { Outlook, Passed } from './skip.ts';
import { walkThrough } from './walk.ts';

/** Where the runs of a pass are, in columns: a run hears of the pieces that it passed when something is to happen in it. */
export interface Ledger {
  /** Index of the node that all of the next `count` pages are mapped on in a run; -1: that is not known. */
  placeNext(run: number, count: number): number;
  /** The new pages of the piece are in the books of the run already. */
  mapped(run: number): void;
  /** Takes a run past a piece; false: something may happen in it that takes a replay of it. */
  pass(run: number, piece: PassedPiece): boolean;
  /** Tells a run of what it has passed; whatever happens in it then, the ledger asks anew. */
  settle(run: number): void;
  settleAll(): void;
}

export interface PassedPiece {
  /** Its accesses in the block that the counts show. */
  readonly from: number;
  readonly to: number;
  /** An epoch ends with it. */
  readonly isLast: boolean;
  readonly newPageFirst: number;
  readonly newPages: number;
  readonly served: Served;
}

interface Line extends Outlook, Passed {
  /** The run has not done anything since it was last asked. */
  current: boolean;
  /** The new pages of the piece are mapped. */
  ahead: boolean;
}

/** A ledger of runs before their first access, by what they count together. */
export function createLedger(runs: readonly Run[], counts: SharedCounts): Ledger {
  const nodes = counts.planes + 1;
  const lines = runs.map((): Line => ({
    current: false,
    ahead: false,
    followed: false,
    clockNs: 0,
    nextNs: 0,
    faultNs: 0,
    roomIndex: -1,
    roomPages: 0,
    costNs: new Float64Array(2 * nodes),
    accesses: 0,
    pieceAccesses: 0,
    pagesFirst: 0,
    pages: 0,
    served: new Float64Array(2 * nodes),
  }));
  /** Accesses of one piece and run, as in `Passed.served`. */
  const split = new Float64Array(2 * nodes);

  const lineOf = (run: number): Line => {
    const line = lines[run];
    if (line.current) return line;
    runs[run].look(line);
    line.current = true;
    return line;
  };

  const splitFor = (run: number, { reads, writes, of }: Served): void => {
    split[0] = reads;
    split[1] = writes;
    for (let node = 1; node < nodes; node++) {
      const at = 2 * (node - 1) * RUNS_PER_WORD + run;
      split[2 * node] = of[at];
      split[2 * node + 1] = of[at + RUNS_PER_WORD];
      split[0] -= split[2 * node];
      split[1] -= split[2 * node + 1];
    }
  };

  const settle = (run: number): void => {
    const line = lines[run];
    line.current = false;
    if (line.accesses === 0) return;
    const passed = { ...line, served: line.served.slice() };
    line.accesses = 0;
    line.pages = 0;
    line.served.fill(0);
    runs[run].takePassed(passed);
  };

  return {
    placeNext(run, count) {
      const { followed, roomPages, roomIndex } = lineOf(run);
      return followed && roomPages >= count ? roomIndex : -1;
    },
    mapped(run) {
      lineOf(run).ahead = true;
    },
    pass(run, { from, to, isLast, newPageFirst, newPages, served }) {
      const line = lineOf(run);
      const fresh = line.ahead ? 0 : newPages;
      line.ahead = false;
      if (!line.followed || fresh > line.roomPages) return false;
      splitFor(run, served);
      let endNs = line.clockNs + fresh * line.faultNs;
      for (let kind = 0; kind < split.length; kind++) endNs += split[kind] * line.costNs[kind];
      if (endNs > EXACT_NS) return false;
      if (endNs >= line.nextNs) {
        // Who hears of the epoch may ask for the touches of the piece, which are not noted yet.
        if (isLast && counts.touches !== undefined) return false;
        settle(run);
        const piece = { from, to, pagesFirst: newPageFirst, pages: fresh };
        return walkThrough(runs[run], run, counts, piece, line, split);
      }
      line.clockNs = endNs;
      line.accesses += to - from;
      line.pieceAccesses = to - from;
      for (let kind = 0; kind < split.length; kind++) line.served[kind] += split[kind];
      if (fresh === 0) return true;
      if (line.pages === 0) line.pagesFirst = newPageFirst;
      line.pages += fresh;
      line.roomPages -= fresh;
      return true;
    },
    settle,
    settleAll: () => runs.forEach((_, run) => settle(run)),
  };
}
