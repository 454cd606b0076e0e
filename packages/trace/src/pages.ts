import { assert } from '@tierlab/core';
import { TraceError } from './errors.ts';

/**
 * Page numbers to dense ids, numbered from 0 in the order of first touch.
 *
 * An open-addressing table in one typed array, so that a look-up touches one cache line and
 * allocates nothing. A page number is a pair of 32-bit halves, because 64-bit numbers from a trace
 * fit neither an int nor a double.
 */
export interface PageTable {
  /** Source shown in errors. */
  readonly name: string;
  /** Pages that the table may hold. */
  readonly limit: number;
  /** Four words a slot: low half, high half, id + 1 (0: free), unused. */
  slots: Int32Array;
  /** 32 - log2 of the number of slots. */
  shift: number;
  /** Pages seen. */
  count: number;
  /** Numbers of the pages first seen since {@link takeFreshPages}; length 0 where nobody asks for them. */
  fresh: Float64Array;
  freshCount: number;
  /** What {@link lookAhead} found, kept so that the looking is not left out. */
  ahead: number;
  /** Gives `slots` of so many words, all 0, which may be the same memory as before. */
  readonly reserve: (words: number) => Int32Array;
}

/** Pages a reader holds unless told otherwise: 256 GiB of 4 KiB pages, 2 GiB of table. */
export const PAGE_LIMIT: number = 1 << 26;

/**
 * Pages that no reader goes beyond: a table of 2^27 slots, 2 GiB, almost full, which is what a WebAssembly memory holds.
 */
export const PAGE_LIMIT_MAX: number = 117_000_000;
const SLOTS_LOG2_MAX = 27;

const FIRST_SLOTS_LOG2 = 6;

/** An empty table in memory of its own, which keeps the numbers of new pages in `fresh`. */
export function createPageTable(
  name: string,
  limit: number = PAGE_LIMIT,
  fresh: Float64Array = new Float64Array(0),
): PageTable {
  return {
    name,
    limit,
    slots: new Int32Array(4 << FIRST_SLOTS_LOG2),
    shift: 32 - FIRST_SLOTS_LOG2,
    count: 0,
    fresh,
    freshCount: 0,
    ahead: 0,
    reserve: (words) => new Int32Array(words),
  };
}

/** Sees to it that `pages` new pages fit before `table` has to grow. */
export function makeRoom(table: PageTable, pages: number): void {
  if (table.count + pages > pageRoom(table)) grow(table);
}

/** Pages that may be known before a table has to grow: it is kept at most half full, as long as it may grow. */
export function pageRoom(table: PageTable): number {
  const slots = table.slots.length / 4;
  return slots < 1 << SLOTS_LOG2_MAX ? slots / 2 : slots;
}

/**
 * Dense id of the page whose number is `high` * 2^32 + `low` (as signed 32-bit halves).
 * @throws TRACE_TOO_MANY_PAGES beyond the table's limit.
 */
export function pageId(table: PageTable, low: number, high: number): number {
  const slots = table.slots;
  const mask = slots.length - 1;
  let at = (hash(low, high) >>> table.shift) << 2;
  for (;;) {
    const found = slots[at + 2];
    if (found === 0) return insert(table, at, low, high);
    if (slots[at] === low && slots[at + 1] === high) return found - 1;
    at = (at + 4) & mask;
  }
}

/**
 * Looks at the slots of `count` pages from `number` on before they are asked for. A look-up branches on what its slot
 * holds, so that slots far apart come one after the other; looked at without a branch, they come side by side.
 */
export function lookAhead(table: PageTable, number: number, count: number): void {
  const { slots, shift } = table;
  let sum = 0;
  for (let next = number; next < number + count; next++) {
    const high = Math.floor(next / 4294967296) | 0;
    sum += slots[((hash(next | 0, high) >>> shift) << 2) + 2];
  }
  table.ahead = sum;
}

/** Numbers of the pages first seen since the last call: a copy, in the order of their ids. */
export function takeFreshPages(table: PageTable): Float64Array {
  const numbers = table.fresh.slice(0, table.freshCount);
  table.freshCount = 0;
  return numbers;
}

// Fibonacci hashing on both halves: neighbouring pages spread over the table.
function hash(low: number, high: number): number {
  const mixed = low ^ Math.imul(high, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1);
}

function insert(table: PageTable, at: number, low: number, high: number): number {
  if (table.count >= Math.min(table.limit, PAGE_LIMIT_MAX)) throw tooManyPages(table);
  const id = table.count++;
  table.slots[at] = low;
  table.slots[at + 1] = high;
  table.slots[at + 2] = id + 1;
  if (table.fresh.length > 0) {
    assert(table.freshCount < table.fresh.length, 'a block has no more new pages than accesses');
    table.fresh[table.freshCount++] = (high >>> 0) * 4294967296 + (low >>> 0);
  }
  if (table.count > pageRoom(table)) grow(table);
  return id;
}

function tooManyPages({ name, limit }: PageTable): TraceError {
  const advice =
    limit < PAGE_LIMIT_MAX
      ? 'or raise --max-pages'
      : 'for this is more than a reader can hold; read a part of the trace';
  return new TraceError(
    'TRACE_TOO_MANY_PAGES',
    `${name}: more than ${Math.min(limit, PAGE_LIMIT_MAX)} pages; check that the addresses are read rightly (--format, --radix, --addr-unit), ${advice}`,
  );
}

function grow(table: PageTable): void {
  const old = table.slots.slice();
  const slots = table.reserve(old.length * 2);
  const mask = slots.length - 1;
  table.shift--;
  for (let from = 0; from < old.length; from += 4) {
    if (old[from + 2] === 0) continue;
    let at = (hash(old[from], old[from + 1]) >>> table.shift) << 2;
    while (slots[at + 2] !== 0) at = (at + 4) & mask;
    slots[at] = old[from];
    slots[at + 1] = old[from + 1];
    slots[at + 2] = old[from + 2];
  }
  table.slots = slots;
}
