import { createColumnMemory } from '../kernels/column-memory.ts';
import type { ColumnMemory } from '../kernels/column-memory.ts';
import type { Accessed, MoveBook } from '../move-book.ts';
import { dateSteps } from '../move-judge.ts';
import { PIECE_MAX, RUNS_PER_WORD } from './count-columns.ts';

/** Entries of a chunk; see `assembly/judge.ts`. */
const CHUNK_ENTRIES = 512;
/** Pairs that are judged at once. */
const PAIRS_MAX = 1024;
/** Counts are short of those of the piece in which the first move came; with this added they are not negative. */
const SHORT_MAX = PIECE_MAX;
/** The last date that an entry can hold, with its sign. */
const DATE_MAX = 2 ** 31 - 1;

/** The books of runs that move pages of one trace, as `createMoveBook` keeps that of a run on its own. */
export interface RunBooks {
  /** The book of run `run`, of 64, which has no moves yet. It is asked for its outcome when the trace has ended. */
  of(run: number, pingPongWindowNs: number, dateMax?: number): MoveBook;
}

/**
 * Books without moves. A page has a slot from the first move that any run makes of it, which is its place in the book of each run: there is
 * nothing to look for. What runs move at one time lies side by side then, in chunks that a run has where it moved one of those pages.
 *
 * Memory: 8 bytes a page, and 8 for each page that a run has moved.
 */
export function createRunBooks(): RunBooks {
  let columns: BookColumns | undefined;
  return {
    of: (run, pingPongWindowNs, dateMax = DATE_MAX) =>
      createRunBook(() => (columns ??= createBookColumns()), run, pingPongWindowNs, dateMax),
  };
}

function createRunBook(
  columnsOfAll: () => BookColumns,
  run: number,
  pingPongWindowNs: number,
  dateMax: number,
): MoveBook {
  const { stepsPerNs, window } = dateSteps(pingPongWindowNs);
  let moved = false;
  /** The step before the first one that dates tell. */
  let dateBase = -1;

  /** The date of a move now, from 1; where it would be too late, moves of long ago count as moves just outside of the window. */
  const dateOf = (timeNs: number): number => {
    const step = Math.floor(timeNs * stepsPerNs);
    if (step - dateBase > dateMax) {
      const base = step - window - 2;
      if (moved) makeEarlier(columnsOfAll(), run, base - dateBase);
      dateBase = base;
    }
    moved = true;
    return step - dateBase;
  };

  return {
    judge(page, timeNs, due, accessed) {
      const date = dateOf(timeNs);
      const columns = columnsOfAll();
      columns.makeRoom(page + 1, 1);
      const { kernels, book, pages, sums } = columns;
      pages[0] = page;
      const sumsAt = sums.byteOffset + 4 * SUMS * run;
      kernels.judgeMove(
        book.byteOffset,
        run,
        pages.byteOffset,
        accessed + SHORT_MAX,
        date,
        due,
        window,
        sumsAt,
      );
    },
    judgeSwaps({ pages, others, from, to }, timeNs, due, dueBack, counts) {
      const date = dateOf(timeNs);
      const columns = columnsOfAll();
      for (let start = from; start < to; start += PAIRS_MAX) {
        const count = Math.min(to - start, PAIRS_MAX);
        columns.makeRoom(counts.tally.length, 2 * count);
        const { kernels, book, sums } = columns;
        takeIn(pages, start, count, counts, columns.pages, columns.accessed);
        takeIn(others, start, count, counts, columns.others, columns.otherAccessed);
        kernels.judgePairs(
          book.byteOffset,
          run,
          columns.pages.byteOffset,
          columns.others.byteOffset,
          columns.accessed.byteOffset,
          columns.otherAccessed.byteOffset,
          count,
          date,
          due,
          dueBack,
          window,
          sums.byteOffset + 4 * SUMS * run,
        );
      }
    },
    outcome(accessedOf) {
      const [promotedThenDemotedPages, demotedThenPromotedPages, wastedPromotionPages] = moved
        ? columnsOfAll().sums.subarray(SUMS * run, SUMS * (run + 1))
        : [0, 0, 0];
      return {
        promotedThenDemotedPages,
        demotedThenPromotedPages,
        wastedPromotionPages,
        unpaidPromotionPages: moved ? countUnpaid(columnsOfAll(), run, accessedOf) : 0,
      };
    },
  };
}

/** Numbers of a run's sums; see `judgePairs`. */
const SUMS = 3;
/** Places in the table of a book that change as moves are judged, behind the addresses of four columns. */
const SLOTS = 4;
const CHUNKS_USED = 5;

/** The columns of the books of all runs, in a memory of their own: a policy holds views of the others while it moves pages. */
interface BookColumns {
  readonly kernels: ColumnMemory['kernels'];
  /** Makes room for pages below `pageCount` and this many moves more; columns move. */
  makeRoom(pageCount: number, moves: number): void;
  /** Addresses of the next four columns, and how many slots and chunks are taken; see `assembly/judge.ts`. */
  book: Uint32Array;
  /** By page: its slot, 0 where it has none. By slot: the page. */
  slotOf: Uint32Array;
  pageOf: Uint32Array;
  /** At `64 * part + run`: the chunk that a run has for this part of the slots, plus 1. */
  chunks: Uint32Array;
  /** Entries of all chunks, two numbers each: the date, and at how many accesses the promotion has paid. */
  entries: Uint32Array;
  sums: Uint32Array;
  /** By slot: how often the page was accessed in all; undefined until the first run asks what its moves came to. */
  accessedInAll: Uint32Array | undefined;
  /** Pairs of moves, and how often their pages were accessed before. */
  pages: Uint32Array;
  others: Uint32Array;
  accessed: Uint32Array;
  otherAccessed: Uint32Array;
}

function createBookColumns(): BookColumns {
  const memory = createColumnMemory();
  const none = new Uint32Array(0);
  const columns: BookColumns = {
    kernels: memory.kernels,
    makeRoom(pageCount, moves) {
      const capacity = columns.slotOf.length - 1;
      if (capacity < pageCount) lengthenPages(Math.max(pageCount, 4 * capacity, 1024));
      const { book, entries: held } = columns;
      const parts = Math.ceil((book[SLOTS] + moves + 1) / CHUNK_ENTRIES);
      const room = 2 * CHUNK_ENTRIES * (book[CHUNKS_USED] + Math.min(moves, parts));
      if (room <= held.length) return;
      memory.lengthen([entries], Math.max(room, 2 * held.length));
      showAddresses();
    },
    book: none,
    slotOf: none,
    pageOf: none,
    chunks: none,
    entries: none,
    sums: none,
    accessedInAll: undefined,
    pages: none,
    others: none,
    accessed: none,
    otherAccessed: none,
  };
  memory.add(Uint32Array, 6, (view) => (columns.book = view));
  memory.add(Uint32Array, SUMS * RUNS_PER_WORD, (view) => (columns.sums = view));
  memory.add(Uint32Array, PAIRS_MAX, (view) => (columns.pages = view));
  memory.add(Uint32Array, PAIRS_MAX, (view) => (columns.others = view));
  memory.add(Uint32Array, PAIRS_MAX, (view) => (columns.accessed = view));
  memory.add(Uint32Array, PAIRS_MAX, (view) => (columns.otherAccessed = view));
  const byPage = [
    memory.add(Uint32Array, 0, (view) => (columns.slotOf = view)),
    memory.add(Uint32Array, 0, (view) => (columns.pageOf = view)),
  ];
  const chunks = memory.add(Uint32Array, 0, (view) => (columns.chunks = view));
  // The last one, since nothing is behind it that would have to move when it grows.
  const entries = memory.add(Uint32Array, 0, (view) => (columns.entries = view));

  const lengthenPages = (pageCount: number): void => {
    memory.lengthen(byPage, pageCount + 1);
    memory.lengthen([chunks], Math.ceil((pageCount + 1) / CHUNK_ENTRIES) * RUNS_PER_WORD);
    showAddresses();
  };
  const showAddresses = (): void => {
    [columns.slotOf, columns.pageOf, columns.chunks, columns.entries].forEach((view, i) => {
      columns.book[i] = view.byteOffset;
    });
  };
  return columns;
}

/** Copies `count` pages from index `from` on, and how often each was accessed. */
function takeIn(
  pages: ArrayLike<number>,
  from: number,
  count: number,
  { tally, accesses }: Accessed,
  into: Uint32Array,
  accessed: Uint32Array,
): void {
  for (let i = 0; i < count; i++) {
    const page = pages[from + i];
    into[i] = page;
    accessed[i] = tally[page] + SHORT_MAX;
  }
  if (accesses === undefined) return;
  for (let i = 0; i < count; i++) accessed[i] += accesses[into[i]];
}

/** The chunks of a run: calls `visit` with the first slot and where its entry is in `entries`. */
function eachChunk(
  { book, chunks }: BookColumns,
  run: number,
  visit: (slot: number, at: number) => void,
): void {
  for (let slot = 0; slot <= book[SLOTS]; slot += CHUNK_ENTRIES) {
    const chunk = chunks[(slot / CHUNK_ENTRIES) * RUNS_PER_WORD + run];
    if (chunk > 0) visit(slot, 2 * CHUNK_ENTRIES * (chunk - 1));
  }
}

/** Makes all dates of a run earlier by so many steps, but none earlier than 1. */
function makeEarlier(columns: BookColumns, run: number, steps: number): void {
  const { buffer, byteOffset, length } = columns.entries;
  const dates = new Int32Array(buffer, byteOffset, length);
  eachChunk(columns, run, (_, first) => {
    for (let at = first; at < first + 2 * CHUNK_ENTRIES; at += 2) {
      const date = dates[at];
      if (date > 0) dates[at] = Math.max(1, date - steps);
      else if (date < 0) dates[at] = Math.min(-1, date + steps);
    }
  });
}

/** Promotions of a run that have not paid, where pages were accessed so often in all. */
function countUnpaid(
  columns: BookColumns,
  run: number,
  accessedOf: (page: number) => number,
): number {
  const { entries } = columns;
  const accessed = accessedBySlot(columns, accessedOf);
  let count = 0;
  eachChunk(columns, run, (slot, first) => {
    const end = Math.min(CHUNK_ENTRIES, accessed.length - slot);
    for (let i = 0; i < end; i++) {
      // One that is not judged has paid at 0.
      if (entries[first + 2 * i + 1] > accessed[slot + i]) count++;
    }
  });
  return count;
}

/** Nothing is accessed any more, so what was looked up for one run holds for the others; these may have moved more pages since. */
function accessedBySlot(
  columns: BookColumns,
  accessedOf: (page: number) => number,
): Readonly<Uint32Array> {
  const { book, pageOf, accessedInAll } = columns;
  const slots = book[SLOTS] + 1;
  if (accessedInAll?.length === slots) return accessedInAll;
  // Slot 0 has no page.
  columns.accessedInAll = Uint32Array.from({ length: slots }, (_, slot) =>
    slot === 0 ? 0 : accessedOf(pageOf[slot]) + SHORT_MAX,
  );
  return columns.accessedInAll;
}
