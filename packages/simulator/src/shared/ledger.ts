import type { Run } from '../run.ts';
import { EXACT_NS } from '../time.ts';
import { RUNS_PER_WORD } from './count-columns.ts';
import type { Served, SharedCounts } from './counts.ts';
import type { Outlook, Passed } from './skip.ts';
import { ROW_SERVED, ROWS_OF_RUN } from './run-lines.ts';
import { walkThrough } from './walk.ts';

/** Where the runs of a pass are, in columns: a run hears of the pieces that it passed when something is to happen in it. */
export interface Ledger {
  /** Pages that may come until a node is full that some run maps them on. */
  roomPages(): number;
  /** Index of the node that all of the next `count` pages are mapped on in a run; -1: that is not known. */
  placeNext(run: number, count: number): number;
  /** The new pages of the piece are in the books of the run already. */
  mapped(run: number): void;
  /** Takes all runs past a piece but those that `stops` names, a bit each; returns those in which something may happen that takes a replay of it. */
  pass(piece: PassedPiece, stops: Readonly<Uint32Array> | undefined): readonly number[];
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
}

/** A ledger of runs before their first access, by what they count together. */
export function createLedger(runs: readonly Run[], counts: SharedCounts): Ledger {
  const kinds = 2 * (counts.planes + 1);
  const { lines } = counts;
  const columns = createColumns(runs.length, kinds);
  const { current, ahead, followed, roomIndex, roomPages, pieceAccesses, pagesFirst } = columns;
  const { split, outlook, passed } = columns;
  /** The lines before the piece, and who cannot pass it as the others do. */
  let before = new Float64Array(0);
  const unable = new Uint8Array(RUNS_PER_WORD);
  /** Runs that the pass just made leaves to replay the piece. */
  const replaying: number[] = [];

  /** Asks the run where it is, if it did anything since it was last asked. */
  const look = (run: number): void => {
    if (current[run] === 1) return;
    runs[run].look(outlook);
    current[run] = 1;
    followed[run] = outlook.followed ? 1 : 0;
    lines.clockNs[run] = outlook.clockNs;
    lines.intervalNs[run] = outlook.intervalNs;
    lines.othersNs[run] = Math.min(outlook.othersNs, EXACT_NS);
    lines.untilNs[run] = Math.min(outlook.intervalNs, lines.othersNs[run]);
    lines.lengthNs[run] = outlook.intervalLengthNs;
    lines.rowsMax[run] = Math.min(outlook.intervalsLeft, ROWS_OF_RUN);
    lines.faultNs[run] = outlook.faultNs;
    pagesFirst[run] = outlook.pageCount;
    roomIndex[run] = outlook.roomIndex;
    roomPages[run] = outlook.roomPages;
    for (let kind = 0; kind < kinds; kind++) {
      lines.costNs[kind * RUNS_PER_WORD + run] = outlook.costNs[kind];
    }
  };

  /** Tells the run of the intervals that have ended in it. */
  const settleRows = (run: number): void => {
    const { rows, rowCount } = lines;
    const width = ROW_SERVED + kinds;
    for (let i = 0; i < rowCount[run]; i++) {
      const row = (run * ROWS_OF_RUN + i) * width;
      [passed.clockNs, passed.accesses, passed.pages] = [rows[row], rows[row + 1], rows[row + 2]];
      passed.pagesFirst = pagesFirst[run];
      for (let kind = 0; kind < kinds; kind++) passed.served[kind] = rows[row + ROW_SERVED + kind];
      runs[run].parts.take(passed);
      runs[run].parts.happen();
      pagesFirst[run] += passed.pages;
    }
    rowCount[run] = 0;
  };

  const settle = (run: number): void => {
    const { accesses, pages, served, rowCount } = lines;
    current[run] = 0;
    if (accesses[run] === 0 && rowCount[run] === 0) return;
    passed.roomIndex = roomIndex[run];
    passed.pieceAccesses = pieceAccesses[run];
    if (rowCount[run] > 0) settleRows(run);
    passed.accesses = accesses[run];
    passed.clockNs = lines.clockNs[run];
    passed.pagesFirst = pagesFirst[run];
    passed.pages = pages[run];
    accesses[run] = 0;
    pages[run] = 0;
    for (let kind = 0; kind < kinds; kind++) {
      const at = kind * RUNS_PER_WORD + run;
      passed.served[kind] = served[at];
      served[at] = 0;
    }
    runs[run].takePassed(passed);
  };

  /** As {@link look}, of a run that has filled its node. */
  const lookForRoom = (run: number): void => {
    look(run);
    if (roomPages[run] > 0 || (lines.accesses[run] === 0 && lines.rowCount[run] === 0)) return;
    settle(run);
    look(run);
  };

  /** What the run is served by kind, in `split`; returns when it is past the piece if nothing happens. */
  const endOf = (run: number, fresh: number, { reads, writes, of }: Served): number => {
    split[0] = reads;
    split[1] = writes;
    const { costNs } = lines;
    let endNs = lines.clockNs[run] + fresh * lines.faultNs[run];
    for (let kind = 2; kind < kinds; kind++) {
      const count = of[(kind - 2) * RUNS_PER_WORD + run];
      split[kind] = count;
      split[kind & 1] -= count;
      endNs += count * costNs[kind * RUNS_PER_WORD + run];
    }
    return endNs + split[0] * costNs[run] + split[1] * costNs[RUNS_PER_WORD + run];
  };

  /** Takes a run past a piece in which something happens; false: that takes a replay of it. */
  const passBusy = (run: number, piece: PassedPiece, fresh: number): boolean => {
    // Who hears of the epoch may ask for the touches of the piece, which are not noted yet.
    if (piece.isLast && counts.touches !== undefined) return false;
    settle(run);
    runs[run].look(outlook);
    const { from, to, newPageFirst } = piece;
    const walked = { from, to, pagesFirst: newPageFirst, pages: fresh };
    return walkThrough(runs[run], run, counts, walked, outlook, split, passed);
  };

  const passOne = (run: number, piece: PassedPiece, served: Served): boolean => {
    const { from, to, newPages } = piece;
    look(run);
    const fresh = ahead[run] === 1 ? 0 : newPages;
    ahead[run] = 0;
    if (followed[run] === 0 || fresh > roomPages[run]) return false;
    const endNs = endOf(run, fresh, served);
    if (endNs > EXACT_NS) return false;
    if (endNs >= lines.untilNs[run]) return passBusy(run, piece, fresh);
    lines.clockNs[run] = endNs;
    lines.accesses[run] += to - from;
    pieceAccesses[run] = to - from;
    for (let kind = 0; kind < kinds; kind++) {
      lines.served[kind * RUNS_PER_WORD + run] += split[kind];
    }
    lines.pages[run] += fresh;
    roomPages[run] -= fresh;
    return true;
  };

  /** Takes all runs past a piece in a compiled loop, and those in which more happens than ends of intervals one by one. */
  const passTogether = (piece: PassedPiece): void => {
    const { from, to, newPageFirst, newPages } = piece;
    for (let run = 0; run < runs.length; run++) {
      if (lines.rowCount[run] > ROWS_OF_RUN / 2) settle(run);
      look(run);
      const fresh = ahead[run] === 1 ? 0 : newPages;
      lines.maps[run] = fresh > 0 ? 1 : 0;
      unable[run] = followed[run] === 0 || fresh > roomPages[run] ? 1 : 0;
    }
    if (before.length < lines.all.length) before = new Float64Array(lines.all.length);
    before.set(lines.all);
    for (let run = 0; run < RUNS_PER_WORD; run++) {
      if (run >= runs.length || unable[run] === 1) lines.untilNs[run] = -Infinity;
    }
    const served = counts.advance(from, to, newPageFirst, newPageFirst + newPages);
    for (let run = 0; run < runs.length; run++) {
      if (lines.untilNs[run] > -Infinity) {
        pieceAccesses[run] = to - from;
        if (ahead[run] === 0) roomPages[run] -= newPages;
        ahead[run] = 0;
        continue;
      }
      for (let at = run; at < before.length; at += RUNS_PER_WORD) lines.all[at] = before[at];
      if (unable[run] === 1 || !passOne(run, piece, served)) replaying.push(run);
    }
  };

  return {
    roomPages() {
      let room = Infinity;
      for (let run = 0; run < runs.length; run++) {
        lookForRoom(run);
        if (followed[run] === 1 && roomPages[run] > 0) room = Math.min(room, roomPages[run]);
      }
      return room;
    },
    placeNext(run, count) {
      lookForRoom(run);
      return followed[run] === 1 && roomPages[run] >= count ? roomIndex[run] : -1;
    },
    mapped(run) {
      look(run);
      ahead[run] = 1;
    },
    pass(piece, stops) {
      replaying.length = 0;
      if (counts.advances) {
        passTogether(piece);
        return replaying;
      }
      const served = counts.serve();
      for (let run = 0; run < runs.length; run++) {
        const isStopped = stops !== undefined && ((stops[run >>> 5] >>> (run & 31)) & 1) === 1;
        if (isStopped || !passOne(run, piece, served)) replaying.push(run);
      }
      return replaying;
    },
    settle,
    settleAll() {
      for (let run = 0; run < runs.length; run++) settle(run);
    },
  };
}

/** The columns of a ledger by run, besides the lines. */
interface Columns {
  /** The run has not done anything since it was last asked. */
  readonly current: Uint8Array;
  /** The new pages of the piece are mapped. */
  readonly ahead: Uint8Array;
  /** What the run said of itself, see `Outlook`, and how far it has come since then. */
  readonly followed: Uint8Array;
  readonly roomIndex: Int32Array;
  readonly roomPages: Float64Array;
  /** Of what it has passed and was not told of; see `Passed`. */
  readonly pieceAccesses: Float64Array;
  readonly pagesFirst: Float64Array;
  /** Reads and writes of each node by one run in one piece. */
  readonly split: Float64Array;
  /** What one run says, and is told. */
  readonly outlook: Outlook;
  readonly passed: Passed;
}

function createColumns(runs: number, kinds: number): Columns {
  const byRun = (): Float64Array => new Float64Array(runs);
  return {
    current: new Uint8Array(runs),
    ahead: new Uint8Array(runs),
    followed: new Uint8Array(runs),
    roomIndex: new Int32Array(runs),
    roomPages: byRun(),
    pieceAccesses: byRun(),
    pagesFirst: byRun(),
    split: new Float64Array(kinds),
    outlook: {
      followed: false,
      clockNs: 0,
      nextNs: 0,
      intervalNs: 0,
      othersNs: 0,
      intervalLengthNs: 0,
      intervalsLeft: 0,
      faultNs: 0,
      pageCount: 0,
      roomIndex: -1,
      roomPages: 0,
      costNs: new Float64Array(kinds),
    },
    passed: {
      accesses: 0,
      pieceAccesses: 0,
      clockNs: 0,
      pagesFirst: 0,
      pages: 0,
      roomIndex: -1,
      served: new Float64Array(kinds),
    },
  };
}
