import { assert } from '@tierlab/core';
import { BLOCK_ACCESSES } from './block.ts';
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
  /** Numbers of the pages first seen since {@link takeFreshPages}. */
  readonly fresh: Float64Array;
  freshCount: number;
}

/** Pages a reader holds unless told otherwise: 256 GiB of 4 KiB pages, 2 GiB of table. */
export const PAGE_LIMIT: number = 1 << 26;

const FIRST_SLOTS_LOG2 = 12;

export function createPageTable(name: string, limit: number = PAGE_LIMIT): PageTable {
  return {
    name,
    limit,
    slots: new Int32Array(4 << FIRST_SLOTS_LOG2),
    shift: 32 - FIRST_SLOTS_LOG2,
    count: 0,
    fresh: new Float64Array(BLOCK_ACCESSES),
    freshCount: 0,
  };
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
  if (table.count >= table.limit)
    throw new TraceError(
      'TRACE_TOO_MANY_PAGES',
      `${table.name}: more than ${table.limit} pages; check that the addresses are read rightly (--format, --radix, --addr-unit), or raise --max-pages`,
    );
  assert(table.freshCount < table.fresh.length, 'a block has no more new pages than accesses');
  const id = table.count++;
  table.slots[at] = low;
  table.slots[at + 1] = high;
  table.slots[at + 2] = id + 1;
  table.fresh[table.freshCount++] = (high >>> 0) * 4294967296 + (low >>> 0);
  if (table.count * 8 > table.slots.length) grow(table);
  return id;
}

// Kept at most half full.
function grow(table: PageTable): void {
  const old = table.slots;
  const slots = new Int32Array(old.length * 2);
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
