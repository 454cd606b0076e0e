import { type AccessBlock, BLOCK_ACCESSES } from './block.ts';
import { createPageTable, type PageTable, pageId, takeFreshPages } from './pages.ts';

/** The block that a reader is filling: columns of {@link BLOCK_ACCESSES} and the page table. */
export interface Columns {
  length: number;
  readonly page: Uint32Array;
  readonly write: Uint8Array;
  readonly time: Float64Array | undefined;
  readonly line: Uint8Array | undefined;
  readonly thread: Uint16Array | undefined;
  readonly weight: Uint32Array | undefined;
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

export function createColumns(name: string, choice: ColumnChoice, pageLimit?: number): Columns {
  return {
    length: 0,
    page: new Uint32Array(BLOCK_ACCESSES),
    write: new Uint8Array(BLOCK_ACCESSES),
    time: choice.time ? new Float64Array(BLOCK_ACCESSES) : undefined,
    line: choice.line ? new Uint8Array(BLOCK_ACCESSES) : undefined,
    thread: choice.thread ? new Uint16Array(BLOCK_ACCESSES) : undefined,
    weight: choice.weight ? new Uint32Array(BLOCK_ACCESSES) : undefined,
    pages: createPageTable(name, pageLimit),
    lastTime: -Infinity,
    timesMoved: 0,
    taken: 0,
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
  const i = columns.length;
  columns.page[i] = pageId(columns.pages, low | 0, high | 0);
  columns.write[i] = write;
  if (columns.time !== undefined) columns.time[i] = forward(columns, time);
  columns.length = i + 1;
}

/** Whether no further access fits. */
export function isFull(columns: Columns): boolean {
  return columns.length === BLOCK_ACCESSES;
}

/** The block filled so far, borrowed until {@link clear}. */
export function filledBlock(columns: Columns): AccessBlock {
  const newPageFirst = columns.pages.count - columns.pages.freshCount;
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
