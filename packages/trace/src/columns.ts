import {
  type Arena,
  FIRST_SLOTS_LOG2,
  layoutOf,
  releaseArena,
  reserveTable,
  takeArena,
} from './arena.ts';
import type { AccessBlock } from './block.ts';
import { createPageTable, type PageTable, pageId, takeFreshPages } from './pages.ts';

/**
 * The block that a reader is filling: columns of `BLOCK_ACCESSES` and the page table, in an arena.
 *
 * A new page may make the arena grow, and then the columns are others: they are not kept beyond a look-up.
 */
export interface Columns {
  readonly arena: Arena;
  length: number;
  page: Uint32Array;
  write: Uint8Array;
  time: Float64Array | undefined;
  line: Uint8Array | undefined;
  thread: Uint16Array | undefined;
  weight: Uint32Array | undefined;
  readonly pages: PageTable;
  /** Time of the latest access; an earlier one is moved up to it. */
  lastTime: number;
  /** Accesses whose time was before that of the one they follow. */
  timesMoved: number;
  /** Accesses in the blocks that were taken. */
  taken: number;
}

/** Columns that a source carries beside `page` and `write`. */
export interface ColumnChoice {
  readonly time?: boolean;
  readonly line?: boolean;
  readonly thread?: boolean;
  readonly weight?: boolean;
}

/** Empty columns, given back with {@link releaseColumns}. */
export function createColumns(name: string, choice: ColumnChoice, pageLimit?: number): Columns {
  const arena = takeArena();
  const { slots, numbers } = arena;
  const pages: PageTable = {
    ...createPageTable(name, pageLimit),
    slots,
    shift: 32 - FIRST_SLOTS_LOG2,
    numbers,
    reserve(slotCount) {
      reserveTable(arena, slotCount);
      Object.assign(columns, chosenColumns(arena, choice));
      return arena;
    },
    fill: ({ slots, shift, numbers, count }) =>
      arena.kernels.fillSlots(
        slots.byteOffset,
        shift,
        numbers.byteOffset,
        count,
        layoutOf(arena).misses,
      ),
  };
  const columns: Columns = {
    arena,
    length: 0,
    ...chosenColumns(arena, choice),
    pages,
    lastTime: -Infinity,
    timesMoved: 0,
    taken: 0,
  };
  return columns;
}

/** Says that the columns and the blocks made of them are no longer looked at. */
export function releaseColumns(columns: Columns): void {
  releaseArena(columns.arena);
}

type ChosenColumns = Pick<Columns, 'page' | 'write' | 'time' | 'line' | 'thread' | 'weight'>;

function chosenColumns(arena: Arena, choice: ColumnChoice): ChosenColumns {
  const { page, write, time, line, thread, weight } = arena;
  return {
    page,
    write,
    time: choice.time ? time : undefined,
    line: choice.line ? line : undefined,
    thread: choice.thread ? thread : undefined,
    weight: choice.weight ? weight : undefined,
  };
}

/** Appends an access to byte address `high` * 2^32 + `low`, in 4 KiB pages; the caller sees to room. */
export function appendAddress(
  columns: Columns,
  low: number,
  high: number,
  write: number,
  time: number,
): void {
  const i = columns.length;
  if (columns.line !== undefined) columns.line[i] = (low >>> 6) & 63;
  appendPage(columns, (low >>> 12) | (high << 20), high >>> 12, write, time);
}

/** Appends an access to page number `high` * 2^32 + `low`; the caller sees to room. */
export function appendPage(
  columns: Columns,
  low: number,
  high: number,
  write: number,
  time: number,
): void {
  appendKnown(columns, pageId(columns.pages, low | 0, high | 0), write, time);
}

/** Appends an access to the page with the id `page`; the caller sees to room. */
export function appendKnown(columns: Columns, page: number, write: number, time: number): void {
  const i = columns.length;
  columns.page[i] = page;
  columns.write[i] = write;
  if (columns.time !== undefined) columns.time[i] = forward(columns, time);
  columns.length = i + 1;
}

/** The block filled so far, borrowed until {@link clear}. */
export function filledBlock(columns: Columns): AccessBlock {
  const newPageFirst = columns.pages.taken;
  const { length, page, write, time, line, thread, weight } = columns;
  return {
    length,
    page,
    write,
    ...(time && { time }),
    ...(line && { line }),
    ...(thread && { thread }),
    ...(weight && { weight }),
    newPageFirst,
    newPageNumber: takeFreshPages(columns.pages),
  };
}

/** Makes room for the next block. */
export function clear(columns: Columns): void {
  columns.taken += columns.length;
  columns.length = 0;
}

function forward(columns: Columns, time: number): number {
  if (time >= columns.lastTime) {
    columns.lastTime = time;
    return time;
  }
  columns.timesMoved++;
  return columns.lastTime;
}
