import { TraceError } from './errors.ts';

/**
 * Page numbers to dense ids, numbered from 0 in the order of first touch.
 *
 * The numbers are in one typed array, by id, and an open-addressing table of ids in another: four bytes a slot, so that
 * many slots fit into a cache, and the numbers of the pages known longest, which are the hot ones, lie side by side. A
 * page number is a pair of 32-bit halves, because 64-bit numbers from a trace fit neither an int nor a double.
 */
export interface PageTable {
  /** Source shown in errors. */
  readonly name: string;
  /** Pages that the table may hold. */
  readonly limit: number;
  /**
   * Where a page is: its id + 1 in the lower {@link ENTRY_BITS}, and above a tag, the lowest bits of its number's hash,
   * so that the numbers of most other pages need not be looked at; 0 where the slot is free.
   */
  slots: Int32Array;
  /** 32 - log2 of the number of slots. */
  shift: number;
  /** Low and high half of the number of each page, and of no page before the first. */
  numbers: Int32Array;
  /** Pages seen. */
  count: number;
  /** Pages seen when {@link takeFreshPages} was last called. */
  taken: number;
  /** Room for what it gave. */
  fresh: Float64Array;
  /** What {@link lookAhead} found, kept so that the looking is not left out. */
  ahead: number;
  /** Gives room for a table of so many slots: all of them 0, and the numbers that are known. */
  readonly reserve: (slotCount: number) => Pick<PageTable, 'slots' | 'numbers'>;
  /** Fills the free slots with the pages known, as {@link fillSlots} does. */
  readonly fill: (table: PageTable) => void;
}

/** Pages a reader holds unless told otherwise: 256 GiB of 4 KiB pages, 1.3 GiB of table. */
export const PAGE_LIMIT: number = 1 << 26;

/**
 * Pages that no reader goes beyond: a table of 2^27 slots, seven eighths full, which with the numbers is 1.4 GiB.
 */
export const PAGE_LIMIT_MAX: number = 117_000_000;
const SLOTS_LOG2_MAX = 27;
const ENTRY_BITS = 27;
const ENTRY_MASK = (1 << ENTRY_BITS) - 1;
/** 64 MiB of slots. */
const LARGE_SLOTS_LOG2 = 24;

const FIRST_SLOTS_LOG2 = 6;

/** An empty table in memory of its own. */
export function createPageTable(name: string, limit: number = PAGE_LIMIT): PageTable {
  const table: PageTable = {
    name,
    limit,
    slots: new Int32Array(1 << FIRST_SLOTS_LOG2),
    shift: 32 - FIRST_SLOTS_LOG2,
    numbers: new Int32Array(numberWords(1 << FIRST_SLOTS_LOG2)),
    count: 0,
    taken: 0,
    fresh: new Float64Array(0),
    ahead: 0,
    reserve(slotCount) {
      const numbers = new Int32Array(numberWords(slotCount));
      numbers.set(table.numbers);
      return { slots: new Int32Array(slotCount), numbers };
    },
    fill: fillSlots,
  };
  return table;
}

/** Words of the numbers of a table of `slotCount` slots that is as full as it gets. */
export const numberWords = (slotCount: number): number => 2 * (1 + roomOf(slotCount));

/** Sees to it that `pages` new pages fit before `table` has to grow. */
export function makeRoom(table: PageTable, pages: number): void {
  while (table.count + pages > pageRoom(table)) grow(table);
}

/** Pages that may be known before a table has to grow. */
export function pageRoom({ slots }: PageTable): number {
  return roomOf(slots.length);
}

/**
 * Half full, few pages are not in the slot where they are looked for first; a large table is filled further, for its
 * memory. The largest holds PAGE_LIMIT_MAX pages, and a batch.
 */
function roomOf(slotCount: number): number {
  if (slotCount < 1 << LARGE_SLOTS_LOG2) return slotCount * 0.5;
  return slotCount < 1 << SLOTS_LOG2_MAX ? slotCount * 0.75 : slotCount * 0.875;
}

/**
 * Dense id of the page whose number is `high` * 2^32 + `low` (as signed 32-bit halves).
 * @throws TRACE_TOO_MANY_PAGES beyond the table's limit.
 */
export function pageId(table: PageTable, low: number, high: number): number {
  const { slots, numbers } = table;
  const mask = slots.length - 1;
  const mixed = hash(low, high);
  const tag = mixed << ENTRY_BITS;
  let at = mixed >>> table.shift;
  for (;;) {
    const found = slots[at];
    if (found === 0) return insert(table, at, low, high);
    const entry = found & ENTRY_MASK;
    const isTagged = (found ^ tag) >>> ENTRY_BITS === 0;
    if (isTagged && numbers[2 * entry] === low && numbers[2 * entry + 1] === high) return entry - 1;
    at = (at + 1) & mask;
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
    sum += slots[hash(next | 0, high) >>> shift];
  }
  table.ahead = sum;
}

/** Numbers of the pages first seen since the last call, in the order of their ids: borrowed until the next call. */
export function takeFreshPages(table: PageTable): Float64Array {
  const { numbers, count, taken } = table;
  const length = count - taken;
  if (table.fresh.length < length)
    table.fresh = new Float64Array(2 ** Math.ceil(Math.log2(length)));
  const fresh = table.fresh.subarray(0, length);
  for (let i = 0, at = 2 * (taken + 1); i < length; i++, at += 2)
    fresh[i] = (numbers[at + 1] >>> 0) * 4294967296 + (numbers[at] >>> 0);
  table.taken = count;
  return fresh;
}

// Fibonacci hashing on both halves: neighbouring pages spread over the table.
function hash(low: number, high: number): number {
  const mixed = low ^ Math.imul(high, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1);
}

function insert(table: PageTable, at: number, low: number, high: number): number {
  if (table.count >= Math.min(table.limit, PAGE_LIMIT_MAX)) throw tooManyPages(table);
  const id = table.count++;
  table.slots[at] = (id + 1) | (hash(low, high) << ENTRY_BITS);
  table.numbers[2 * (id + 1)] = low;
  table.numbers[2 * (id + 1) + 1] = high;
  makeRoom(table, 1);
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
  Object.assign(table, table.reserve(table.slots.length * 2));
  table.shift--;
  table.fill(table);
}

/** The reference of `fillSlots` in assembly/scan-state.ts: in the order of ids, so that the hot ones are found first. */
function fillSlots({ slots, numbers, count, shift }: PageTable): void {
  const mask = slots.length - 1;
  for (let entry = 1; entry <= count; entry++) {
    const mixed = hash(numbers[2 * entry], numbers[2 * entry + 1]);
    let at = mixed >>> shift;
    while (slots[at] !== 0) at = (at + 1) & mask;
    slots[at] = entry | (mixed << ENTRY_BITS);
  }
}
