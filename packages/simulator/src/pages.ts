import { AssertionError } from '@tierlab/core';
import { NO_NODE } from '@tierlab/policy';
import type { Column, ColumnMemory } from './kernels/column-memory.ts';

/** Bits of {@link PageTable.flags}; the first two are those of the policy contract. */
export const PAGE_ACCESSED = 1;
export const PAGE_DIRTY = 2;
/** The next touch faults. */
export const PAGE_PROTECTED = 4;
/** The next write is told: the page has a shadow, or is being copied in a transaction. */
export const PAGE_WRITE_WATCHED = 8;
/** The page is part of a huge page that is mapped whole. */
export const PAGE_HUGE = 16;
/** An asynchronous move of the page is under way. */
export const PAGE_MOVING = 32;

/** Base pages of a huge page. */
export const HUGE_PAGES = 512;

/**
 * The pages of a run as columns, by dense page id. Columns are made anew when they grow: hold none
 * across a block.
 */
export interface PageTable {
  /** Ids below this have been mapped. */
  count: number;
  /** Ids below this have a value in every column. */
  known: number;
  nodeOf: Uint8Array;
  flags: Uint8Array;
  /** A flag that moves ask for was set on some page: until then, none needs to be looked at. */
  flagged: boolean;
  pageNumber: Float64Array;
  processOf: Uint8Array;
  /** Where others keep the numbers; columns then mostly lie each on its own: see `createLazyColumns`. */
  readonly numbers: PageNumbers | undefined;
  /** First page touched of the huge page of a page; undefined without huge pages. */
  headOf: Uint32Array | undefined;
  /** The next page of the same huge page, plus 1; 0 ends the list, which starts at the head. */
  nextOf: Uint32Array | undefined;
  /** Exact counts of the running epoch, where a policy declared them. */
  accesses: Uint32Array | undefined;
  writes: Uint32Array | undefined;
  /** Accesses before the running epoch, for whoever judges moves by them. */
  tally: Uint32Array | undefined;
  /** Pages counted in the running epoch, in the order of their first count. */
  touched: Uint32Array | undefined;
  /** Where touches are noted for several runs together: what is noted, and the piece up to which the flags of a page have it. */
  readonly touches: PageTouches | undefined;
  notedIn: Uint32Array | undefined;
  /** When a page was last protected, -1 if never; undefined until a policy protects pages. */
  protectedNs: Float64Array | undefined;
  /** Makes every column this long. */
  readonly lengthen: (length: number) => void;
}

/** Which optional columns a run needs. */
export interface PageColumns {
  readonly hugePages: boolean;
  readonly accesses: boolean;
  readonly writes: boolean;
  readonly protection: boolean;
  /** Numbers of pages that others keep, of one process; the table has columns of its own where it is absent. */
  readonly numbers?: PageNumbers;
  readonly touches?: PageTouches;
}

/** Touches of pages that one run of several notes for all, by the piece in which they last were. */
export interface PageTouches {
  /** The piece that the run is in. */
  readonly piece: () => number;
  readonly touchedIn: () => Uint32Array;
  readonly writtenIn: () => Uint32Array;
  /** Told whether a page stops the replay: it is protected, or its writes are watched. */
  readonly setStop: (page: number, stops: boolean) => void;
}

/** The page numbers that the runs of one trace hold together. */
export interface PageNumbers {
  /** As long as the longest table. */
  readonly pageNumber: Float64Array;
  /** As long; all 0. */
  readonly processOf: Uint8Array;
}

const FIRST_CAPACITY = 1024;
/** Columns that lie in one memory have 2^32 bytes together: up to here they take what they may need. */
const AMPLE_TOGETHER = 2 ** 24;
const AMPLE_ALONE = 2 ** 26;

/**
 * How long columns of `length` get that must have room for page ids below `pageCount`. Columns take no memory where nothing
 * was stored yet, but to move them takes time, and leaves behind what they lay in: they are made much longer,
 * until the room for them gets short. `alone`: each lies in a memory of its own.
 */
export function longerColumns(length: number, pageCount: number, alone = false): number {
  const growth = length < (alone ? AMPLE_ALONE : AMPLE_TOGETHER) ? 4 : 1.25;
  // One more than there are pages: the loops store a touched page before they know whether it is new.
  return Math.max(pageCount + 1, Math.ceil(growth * length), FIRST_CAPACITY);
}

/** A page table without pages. */
export function createPageTable(memory: ColumnMemory, wanted: PageColumns): PageTable {
  const columns: Column[] = [];
  const none = new Uint8Array(0);
  const table: PageTable = {
    count: 0,
    known: 0,
    nodeOf: none,
    flags: none,
    flagged: wanted.hugePages,
    pageNumber: new Float64Array(0),
    processOf: none,
    numbers: wanted.numbers,
    headOf: undefined,
    nextOf: undefined,
    accesses: undefined,
    writes: undefined,
    tally: undefined,
    touched: undefined,
    touches: wanted.touches,
    notedIn: undefined,
    protectedNs: undefined,
    lengthen(length) {
      memory.lengthen(columns, length);
      if (wanted.numbers === undefined) return;
      table.pageNumber = wanted.numbers.pageNumber;
      table.processOf = wanted.numbers.processOf;
    },
  };
  // Those that every run writes to come first: what is behind a column that moves takes its place, used or not.
  columns.push(memory.add(Uint8Array, 0, (view) => (table.nodeOf = view)));
  if (wanted.numbers === undefined) {
    columns.push(memory.add(Float64Array, 0, (view) => (table.pageNumber = view)));
  }
  if (wanted.accesses) {
    columns.push(memory.add(Uint32Array, 0, (view) => (table.accesses = view)));
  }
  if (wanted.writes) columns.push(memory.add(Uint32Array, 0, (view) => (table.writes = view)));
  if (wanted.accesses || wanted.writes) {
    columns.push(memory.add(Uint32Array, 0, (view) => (table.touched = view)));
  }
  if (wanted.protection) {
    columns.push(memory.add(Float64Array, 0, (view) => (table.protectedNs = view)));
  }
  if (wanted.touches) columns.push(memory.add(Uint32Array, 0, (view) => (table.notedIn = view)));
  columns.push(memory.add(Uint8Array, 0, (view) => (table.flags = view)));
  if (wanted.hugePages) {
    columns.push(
      memory.add(Uint32Array, 0, (view) => (table.headOf = view)),
      memory.add(Uint32Array, 0, (view) => (table.nextOf = view)),
    );
  }
  if (wanted.accesses) columns.push(memory.add(Uint32Array, 0, (view) => (table.tally = view)));
  if (wanted.numbers === undefined) {
    columns.push(memory.add(Uint8Array, 0, (view) => (table.processOf = view)));
  }
  growPageTable(table, FIRST_CAPACITY);
  return table;
}

/** Makes room for page ids below `pageCount`, which are on no node yet. */
export function growPageTable(table: PageTable, pageCount: number): void {
  if (pageCount >= table.nodeOf.length) {
    table.lengthen(longerColumns(table.nodeOf.length, pageCount, table.numbers !== undefined));
  }
  // Numbers that others keep have grown without this table, and those of new pages are in the longer column alone.
  else if (table.numbers !== undefined && table.pageNumber !== table.numbers.pageNumber) {
    table.lengthen(table.nodeOf.length);
  }
  if (pageCount < table.known) return;
  table.nodeOf.fill(NO_NODE, table.known, pageCount + 1);
  table.protectedNs?.fill(-1, table.known, pageCount + 1);
  table.known = pageCount + 1;
}

/** A column of `capacity` that begins as `column`. */
export function growColumn<T extends Uint32Array | Int32Array | Float64Array>(
  column: T,
  capacity: number,
): T {
  const Constructor = column.constructor as new (length: number) => T;
  const next = new Constructor(capacity);
  next.set(column);
  return next;
}

/** The page that stands for the folio of `page`. */
export function folioHead(table: PageTable, page: number): number {
  return table.headOf !== undefined && table.flags[page] & PAGE_HUGE ? table.headOf[page] : page;
}

/** Base pages that move with `page`. */
export function folioPages(table: PageTable, page: number): number {
  return table.headOf !== undefined && table.flags[page] & PAGE_HUGE ? HUGE_PAGES : 1;
}

/** The mapped pages of the folio whose head is `head`: calls `visit` with each. */
export function eachOfFolio(table: PageTable, head: number, visit: (page: number) => void): void {
  if (!(table.flags[head] & PAGE_HUGE)) return visit(head);
  for (let next = head + 1; next !== 0; next = table.nextOf![next - 1]) visit(next - 1);
}

/** Or of the flags of the pages of a folio. */
export function folioFlags(table: PageTable, head: number): number {
  if (!(table.flags[head] & PAGE_HUGE)) return table.flags[head];
  let flags = 0;
  for (let next = head + 1; next !== 0; next = table.nextOf![next - 1])
    flags |= table.flags[next - 1];
  return flags;
}

/** Sets and clears flags on every page of a folio. */
export function changeFolioFlags(table: PageTable, head: number, set: number, clear: number): void {
  if (table.flags[head] & PAGE_HUGE) changeHugeFlags(table, head, set, clear);
  else changeFlags(table, head, set, clear);
}

/** Apart, since a function that makes a closure allocates at every call, whether it comes to that or not. */
function changeHugeFlags(table: PageTable, head: number, set: number, clear: number): void {
  eachOfFolio(table, head, (page) => changeFlags(table, page, set, clear));
}

/** Sets and clears flags of a page, and of no other one of its folio. */
export function changeFlags(table: PageTable, page: number, set: number, clear: number): void {
  const before = table.flags[page];
  const after = (before & ~clear) | set;
  table.flags[page] = after;
  if (set !== 0) table.flagged = true;
  const stops = PAGE_PROTECTED | PAGE_WRITE_WATCHED;
  if ((before ^ after) & stops) table.touches?.setStop(page, (after & stops) !== 0);
}

/** Brings the accessed and dirty bits of a page up to date where touches are noted elsewhere. */
export function noteTouches({ touches, notedIn, flags }: PageTable, page: number): void {
  if (touches === undefined || notedIn === undefined) return;
  if (touches.touchedIn()[page] > notedIn[page]) flags[page] |= PAGE_ACCESSED;
  if (touches.writtenIn()[page] > notedIn[page]) flags[page] |= PAGE_DIRTY;
  notedIn[page] = touches.piece();
}

/** Throws unless `page` is mapped: policies must not name pages that are not there. */
export function assertMapped(table: PageTable, page: number): void {
  // The message is made only when it is needed: this runs for every request.
  if (page < table.count && table.nodeOf[page] < NO_NODE) return;
  throw new AssertionError(`page ${page} is not mapped (${table.count} pages are)`);
}
