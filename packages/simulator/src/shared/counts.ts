import type { AccessBlock } from '@tierlab/trace';
import { createColumnMemory } from '../kernels/column-memory.ts';
import { TOUCHED_COUNT } from '../kernels/span.ts';
import { growColumn, longerColumns } from '../pages.ts';
import type { Swaps } from '../move-judge.ts';
import type { PageNumbers } from '../pages.ts';
import type { Accessed } from '../move-book.ts';
import { CHUNK, CHUNKED_SHARE, createCountColumns, RUNS_PER_WORD } from './count-columns.ts';
import type { WantedCounts } from './count-columns.ts';
import { createRunLines, ROWS_OF_RUN } from './run-lines.ts';
import type { RunLines } from './run-lines.ts';
import { createPageRows } from './page-rows.ts';
import type { PageRows } from './page-rows.ts';

/** Pointer of the served table, in `assembly/state.ts`. */
const SERVED_POINTER = 29;
/** Runs for which there is room to look through lists of pages together before the first one asks: 16 bytes a page, which is one for each of them. */
const ROWS_RUNS = 16;
const TALLY_POINTER = 24;
/** Accesses by which it is seen whether a piece dwells on few pages, and the pieces after one that does not that are not looked at. */
const PROBE = 4096;
const PROBE_PIECES = 8;
/** With so many pages at most, each fits 16 bits. */
const NARROW_PAGES = 65_536;

/**
 * What up to 64 runs over one trace count together: accesses by page, which no placement changes, and which of
 * them each run serves from where.
 *
 * Where a page is in every run is a bit in each of the planes: plane k has a word of 64 bits a page, bit r of
 * which says that run r has the page on the node with index k + 1. A page without a bit in any plane is on the node with index 0.
 */
export interface SharedCounts {
  /** Planes; one less than the most nodes of a run. */
  readonly planes: number;
  /** The page numbers of what was shown. */
  readonly numbers: PageNumbers;
  /** Counts of the running epoch, where a policy asks for them; `touched` in the order of the first count. */
  readonly accesses: Uint32Array | undefined;
  readonly writes: Uint32Array | undefined;
  readonly touched: Uint32Array | undefined;
  readonly touchedCount: number;
  /** Accesses of a page; only differences since {@link startTally} mean anything. */
  readonly accessedOf: (page: number) => number;
  /** The columns that {@link accessedOf} is of, now. */
  readonly accessed: () => Accessed;
  /** A number by page for whoever needs one, 0 whenever nobody does. */
  readonly spare: Uint32Array;
  startTally(): void;
  /** How many of the first `length` bytes of a column by page have each of these values. */
  countBytes(column: Readonly<Uint8Array>, length: number, values: readonly number[]): number[];
  /** Takes a block in, of pages below `pageCount`. */
  show(block: AccessBlock, pageCount: number): void;
  /** Counts accesses `from` to `to` of the block, by page. */
  count(from: number, to: number): void;
  /** As {@link count}, for a piece of the block whose records stand for several accesses. */
  countWeighted(piece: AccessBlock): void;
  /** Where the runs are. */
  readonly lines: RunLines;
  /** Whether {@link advance} takes runs past pieces; {@link countToAdvance} comes before it then. */
  readonly advances: boolean;
  /** As {@link count}, for a piece that `advance` takes the runs past. */
  countToAdvance(from: number, to: number): void;
  /**
   * Takes the runs past the piece counted last, by their lines, which comes to have the untold rest of it: see `assembly/advance.ts`. Pages from
   * `newPageFirst` up to `endPage` are mapped in it.
   */
  advance(from: number, to: number, newPageFirst: number, endPage: number): Served;
  /** Which of the accesses counted last each run serves from where; valid until the next call. */
  serve(): Served;
  /**
   * Takes run `run` on its own from access `from` towards `to`; see {@link Walked}. Pages from `pageNext` on are mapped at their first
   * touch.
   */
  walk(run: number, from: number, to: number, pace: WalkPace, pageNext: number): Walked;
  /** Notes that in run `run` a page is on the node with this index. */
  place(run: number, page: number, nodeIndex: number): void;
  /** As {@link place} for pairs of pages, of which the first ones are now at index `to` and the others at `from`. */
  swap(run: number, swaps: Swaps, from: number, to: number): void;
  /** As {@link place} for `count` pages from `first` on, in every run: it has the index `nodeIndexOf[run]`. */
  placeAll(first: number, count: number, nodeIndexOf: readonly number[]): void;
  /** The largest page of accesses `from` to `to` of the block; -1 of none. */
  largestPage(from: number, to: number): number;
  /** All accesses of the epoch are counted: policies hear of it next, and many moves come. */
  foldEpoch(): void;
  /** Whether the piece counted last has few pages. */
  readonly isDense: () => boolean;
  /** Ends the epoch: its counts are 0. */
  clearEpoch(): void;
  /** Where the pages of lists are, run by run. */
  readonly rows: PageRows;
  /** What the runs know together of touches, where one of them wants to. */
  readonly touches: SharedTouches | undefined;
}

/**
 * Touches of pages by the piece in which they last were, and where pages stop a run: it takes a fault there,
 * or wants to be told.
 */
export interface SharedTouches {
  /** Number of the piece that the runs are in, from 1. */
  piece: number;
  /** By page: the last piece before which all runs were that touched it; 0 if none did. */
  readonly touchedIn: Uint32Array;
  readonly writtenIn: Uint32Array;
  /** The pages of accesses `from` to `to` were touched in this piece, by the runs that do not replay it. */
  stamp(from: number, to: number): void;
  /** Notes whether the page stops run `run`. */
  setStop(run: number, page: number, stops: boolean): void;
  /** Which runs some page of the piece stops, one bit each; valid until the next call. */
  stopped(): Uint32Array;
}

/** Reads and writes among the accesses of a piece, and how many of them the nodes of each run serve. */
export interface Served {
  readonly reads: number;
  readonly writes: number;
  /** At `(2 * plane + write) * 64 + run`. */
  readonly of: Uint32Array;
}

/** The clock of a run that goes on its own, and what its accesses cost. */
export interface WalkPace {
  readonly clockNs: number;
  /** When it stops. */
  readonly nextNs: number;
  /** What a first touch costs. */
  readonly faultNs: number;
  /** What a read costs and what a write costs, of each node. */
  readonly costNs: Readonly<Float64Array>;
}

/** How far a run came; valid until the next walk. */
export interface Walked {
  /** The first access that it has not made. */
  reached: number;
  clockNs: number;
  pageNext: number;
  /** Reads and writes of each node. */
  served: Readonly<Uint32Array>;
}

/** Counts of nothing yet, for so many runs; `planes` is one less than the most nodes of one. */
export function createSharedCounts(
  runs: number,
  planes: number,
  wanted: WantedCounts,
): SharedCounts {
  const memory = createColumnMemory();
  const { kernels } = memory;
  const columns = createCountColumns(memory, planes, wanted);
  const { views } = columns;
  let registers = new Float64Array(0) as Float64Array;
  memory.showRegisters((shown) => (registers = shown));
  memory.setNodeClasses(2 * planes + 2);
  let tallies = false;
  /** The tally has the accesses of the running epoch, which has come to its end. */
  let folded = false;
  const step: Walked = { reached: 0, clockNs: 0, pageNext: 0, served: views.walked };
  /** What was counted last. */
  const piece = { from: 0, length: 0, reads: 0, chunk: 0 };
  let distinctPages = 0;
  let knownPages = 0;
  const numbers = { pageNumber: new Float64Array(1024), processOf: new Uint8Array(1024) };

  const point = (): void => {
    const { page, write, accesses, writes, touched, tally, served } = views;
    memory.point(0, [page, write]);
    memory.point(7, [accesses, writes, touched]);
    memory.point(TALLY_POINTER, [tallies ? tally : undefined]);
    memory.point(SERVED_POINTER, [served]);
  };

  const lines = createRunLines(memory, 2 * planes + 2);
  /** Pieces until it is looked again whether accesses dwell on few pages. */
  let untilProbe = 0;

  /** Whether to count the piece in chunks. */
  const dwells = (from: number, to: number): boolean => {
    if (piece.chunk > 0) return CHUNKED_SHARE * distinctPages < piece.length;
    if (untilProbe-- > 0) return false;
    untilProbe = PROBE_PIECES;
    const { pieceCounts, distinct } = views;
    const probed = Math.min(to - from, PROBE);
    const [countsAt, distinctAt] = [pieceCounts.byteOffset, distinct.byteOffset];
    const pages = kernels.countPiece(countsAt, distinctAt, from, from + probed);
    kernels.forgetPiece(countsAt, distinctAt, pages);
    return CHUNKED_SHARE * pages < probed;
  };

  const touches: SharedTouches = {
    piece: 0,
    get touchedIn() {
      return views.touchedIn;
    },
    get writtenIn() {
      return views.writtenIn;
    },
    stamp(from, to) {
      const { touchedIn, writtenIn } = views;
      kernels.stampPages(touchedIn.byteOffset, writtenIn.byteOffset, from, to, touches.piece);
    },
    setStop(run, page, stops) {
      const at = 2 * page + (run >>> 5);
      const bit = 1 << (run & 31);
      if (stops) views.stops[at] |= bit;
      else views.stops[at] &= ~bit;
    },
    stopped() {
      const { stops, distinct, stopped } = views;
      kernels.joinWords(stops.byteOffset, distinct.byteOffset, distinctPages, stopped.byteOffset);
      return stopped;
    },
  };

  const countPages = (from: number, to: number, inChunks: boolean): void => {
    const { pieceCounts, distinct, chunks: listed, chunkEnds } = views;
    const [countsAt, distinctAt] = [pieceCounts.byteOffset, distinct.byteOffset];
    piece.from = from;
    piece.length = to - from;
    piece.chunk = inChunks ? CHUNK : 0;
    distinctPages = inChunks
      ? kernels.countChunks(
          countsAt,
          distinctAt,
          listed.byteOffset,
          chunkEnds.byteOffset,
          from,
          to,
          CHUNK,
          knownPages <= NARROW_PAGES,
        )
      : kernels.countPiece(countsAt, distinctAt, from, to);
    // Of writes alone, the order of the first ones counts.
    if (wanted.writes && !wanted.accesses) kernels.touchWritten(from, to);
    const [listsAt, endsAt] = [views.lists.byteOffset, views.listEnds.byteOffset];
    piece.reads =
      kernels.takePiece(countsAt, distinctAt, distinctPages, piece.length, listsAt, endsAt) >>> 0;
  };

  const serve = (): Served => {
    const { length, reads } = piece;
    const [at, ends] = [views.lists.byteOffset, views.listEnds.byteOffset];
    views.planes.forEach(({ byteOffset: plane }, k) => {
      const slot = 2 * k * RUNS_PER_WORD;
      kernels.countServed(plane, length, at, ends, 0, reads, slot);
      kernels.countServed(plane, length, at, ends, 1, length - reads, slot + RUNS_PER_WORD);
    });
    return { reads, writes: length - reads, of: views.served };
  };

  const rows = createPageRows(
    memory,
    planes,
    (plane) => views.planes[plane].byteOffset,
    wanted.accesses && runs >= ROWS_RUNS,
  );

  return {
    planes,
    numbers,
    rows,
    touches: wanted.touches ? touches : undefined,
    get accesses() {
      return views.accesses;
    },
    get writes() {
      return views.writes;
    },
    get touched() {
      return views.touched;
    },
    get touchedCount() {
      return registers[TOUCHED_COUNT];
    },
    accessedOf: (page) =>
      folded ? views.tally[page] : (views.tally[page] + (views.accesses?.[page] ?? 0)) >>> 0,
    accessed: () => ({ tally: views.tally, accesses: folded ? undefined : views.accesses }),
    get spare() {
      return views.spare;
    },
    startTally() {
      tallies = true;
      point();
    },
    countBytes(column, length, values) {
      const { buffer, byteOffset } = views.spare;
      const bytes = new Uint8Array(buffer, byteOffset, length);
      bytes.set(column.subarray(0, length));
      const counts = values.map((value) => kernels.countBytes(byteOffset, length, value));
      bytes.fill(0);
      return counts;
    },
    show({ page, write, length, newPageFirst, newPageNumber }, pageCount) {
      if (numbers.pageNumber.length < pageCount) {
        const capacity = longerColumns(numbers.pageNumber.length, pageCount, true);
        numbers.pageNumber = growColumn(numbers.pageNumber, capacity);
        numbers.processOf = new Uint8Array(capacity);
      }
      // A run may still write to a shorter column, and comes to this one when it needs it.
      numbers.pageNumber.set(newPageNumber, newPageFirst);
      knownPages = pageCount;
      columns.reserve(length, pageCount);
      rows.makeRoom();
      views.page.set(page.subarray(0, length));
      views.write.set(write.subarray(0, length));
      point();
    },
    count: (from, to) => countPages(from, to, CHUNKED_SHARE * distinctPages < piece.length),
    advances: wanted.steady && !wanted.touches,
    lines,
    countToAdvance(from, to) {
      if (dwells(from, to)) {
        countPages(from, to, true);
        return;
      }
      piece.from = from;
      piece.length = to - from;
      piece.chunk = 0;
      kernels.countEpoch(from, to);
      if (wanted.writes && !wanted.accesses) kernels.touchWritten(from, to);
    },
    advance(from, to, newPageFirst, endPage) {
      const { planeTable, part, costNs, walked, walkEnd, chunks: listed, chunkEnds } = views;
      for (let k = 0; k < planes; k++) planeTable[k] = views.planes[k].byteOffset;
      if (piece.chunk > 0) serve();
      kernels.setAdvance(
        lines.all.byteOffset,
        lines.rows.byteOffset,
        ROWS_OF_RUN,
        part.byteOffset,
        planeTable.byteOffset,
        planes,
        costNs.byteOffset,
        walked.byteOffset,
        walkEnd.byteOffset,
        listed.byteOffset,
        chunkEnds.byteOffset,
      );
      piece.reads = kernels.advanceRuns(from, to, newPageFirst, endPage, piece.chunk, piece.reads);
      return { reads: piece.reads, writes: piece.length - piece.reads, of: views.served };
    },
    countWeighted({ page, write, weight, length }) {
      const { accesses, writes, touched, tally } = views;
      for (let i = 0; i < length; i++) {
        const p = page[i];
        const stands = weight![i];
        if (tallies) tally[p] += accesses === undefined ? 1 : 1 - stands;
        if (touched === undefined) continue;
        const seen = (accesses?.[p] ?? 0) + (writes?.[p] ?? 0);
        if (accesses !== undefined) accesses[p] += stands;
        if (writes !== undefined) writes[p] += write[i] * stands;
        if (seen > 0 || stands === 0 || (accesses === undefined && write[i] === 0)) continue;
        touched[registers[TOUCHED_COUNT]++] = p;
      }
    },
    serve,
    walk(run, from, to, { clockNs, nextNs, faultNs, costNs }, pageNext) {
      const { planeTable, walkEnd, walked } = views;
      for (let k = 0; k < planes; k++) planeTable[k] = views.planes[k].byteOffset;
      views.costNs.set(costNs);
      const reached = kernels.walkPiece(
        run,
        planeTable.byteOffset,
        planes,
        from,
        to,
        clockNs,
        nextNs,
        Math.min(pageNext, 2 ** 32 - 1),
        faultNs,
        views.costNs.byteOffset,
        walked.byteOffset,
        walkEnd.byteOffset,
        piece.from,
        piece.chunk,
        views.chunks.byteOffset,
        views.chunkEnds.byteOffset,
      );
      step.reached = reached;
      step.clockNs = walkEnd[0];
      step.pageNext = walkEnd[1];
      step.served = walked;
      return step;
    },
    place(run, page, nodeIndex) {
      rows.moved(run);
      const at = 2 * page + (run >>> 5);
      const bit = 1 << (run & 31);
      for (let k = 0; k < planes; k++) {
        const plane = views.planes[k];
        if (k + 1 === nodeIndex) plane[at] |= bit;
        else plane[at] &= ~bit;
      }
    },
    swap(run, { pages, others, from: first, to: end }, from, to) {
      rows.moved(run);
      const word = run >>> 5;
      const bit = 1 << (run & 31);
      for (let k = 0; k < planes; k++) {
        if (k + 1 !== from && k + 1 !== to) continue;
        const plane = views.planes[k];
        const here = k + 1 === to ? bit : 0;
        // A page may be in several pairs: the last one says where it is.
        for (let i = first; i < end; i++) {
          const at = 2 * pages[i] + word;
          plane[at] = (plane[at] & ~bit) | here;
          const otherAt = 2 * others[i] + word;
          plane[otherAt] = (plane[otherAt] & ~bit) | (bit ^ here);
        }
      }
    },
    placeAll(first, count, nodeIndexOf) {
      views.planes.forEach((plane, k) => {
        const word = [0, 0];
        nodeIndexOf.forEach((nodeIndex, run) => {
          if (nodeIndex === k + 1) word[run >>> 5] |= 1 << (run & 31);
        });
        for (let at = 2 * first; at < 2 * (first + count); at += 2) {
          plane[at] = word[0];
          plane[at + 1] = word[1];
        }
      });
    },
    largestPage: (from, to) =>
      from === to ? -1 : kernels.largestPage(views.page.byteOffset + 4 * from, to - from) >>> 0,
    foldEpoch() {
      if (!tallies || views.accesses === undefined) return;
      kernels.foldCounts();
      folded = true;
    },
    isDense: () => CHUNKED_SHARE * distinctPages < piece.length,
    clearEpoch() {
      if (folded) memory.point(TALLY_POINTER, [undefined]);
      kernels.clearCounts();
      folded = false;
      point();
    },
  };
}
