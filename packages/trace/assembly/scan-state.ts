// What a scanner of text or records keeps between calls, in memory that both sides see: the page table and the columns
// of the block that is being filled. The plain scanners of src/ keep the same in src/columns.ts and src/pages.ts, with
// the same hash and the same slots, so that either side goes on where the other stopped.

/** Its fields in order are those of `ScanField` in src/arena.ts. */
@unmanaged
export class ScanState {
  /** Clock of the line or record last read. */
  time: f64;
  /** Time of the latest access. */
  lastTime: f64;
  /** Accesses in the block. */
  length: u32;
  /** Lines read. */
  lines: u32;
  /** Lines that fetch an instruction, which is no access. */
  fetches: u32;
  withoutAddress: u32;
  servedByCache: u32;
  timesMoved: u32;
  /** u32 by slot: id + 1 and a tag, or 0 where it is free; see `PageTable` of src/pages.ts. */
  slots: usize;
  /** 32 - log2 of the number of slots. */
  shift: u32;
  /** u64 by id + 1: the page's number. */
  numbers: usize;
  pageCount: u32;
  /** Pages that the table has room for. */
  pageRoom: u32;
  /** Columns; 0 where the source has none. */
  page: usize;
  write: usize;
  clock: usize;
  line: usize;
  thread: usize;
  weight: usize;
  /** Threads seen lately: `THREADS_KEPT` entries of u64 number, u32 id + 1. */
  threads: usize;
  /** u64 numbers of the pages of the batch: the accesses that are not looked up yet. */
  batch: usize;
  /** Room for a u32 for each of the batch: where it is looked for first, then the places in the batch of those not there. */
  misses: usize;
  /** The batch's first access, and where it is full. */
  batchStart: u32;
  batchEnd: u32;
}

/** Accesses in a full block: BLOCK_ACCESSES of src/block.ts. */
export const BLOCK_ACCESSES: u32 = 65536;
/** A line or record brings two accesses at most, which is the room that must be left. */
const ACCESSES_OF_LINE: u32 = 2;
/** Accesses in a batch: BATCH_ACCESSES of src/arena.ts. */
const BATCH_ACCESSES: u32 = 1024;

const THREADS_KEPT: u64 = 256;

/** Begins a batch that fits into the block and, were each of its pages new, into the page table. */
export function openBatch(stateAt: usize): void {
  const state = changetype<ScanState>(stateAt);
  const length = state.length;
  state.batchStart = length;
  state.batchEnd =
    length + min(BATCH_ACCESSES, min(BLOCK_ACCESSES - length, state.pageRoom - state.pageCount));
}

/** Whether a line or record fits into the batch. */
// @ts-ignore: decorator
@inline
export function hasRoom(state: ScanState): bool {
  return state.length + ACCESSES_OF_LINE <= state.batchEnd;
}

/** Records of one access each that fit into the batch as {@link hasRoom} has it. */
// @ts-ignore: decorator
@inline
export function roomOf(state: ScanState): usize {
  const end = state.length + ACCESSES_OF_LINE - 1;
  return end < state.batchEnd ? <usize>(state.batchEnd - end) : 0;
}

/** Slots of a table that a cache holds beside all else: its lines need not be called for before they are looked at. */
const CACHED_SLOTS_LOG2: u32 = 14;

/** What was in lines called for: kept, or the calls would be left out. */
let called: u32 = 0;

/** Looks up the pages of the batch, in their order; gives 1 where the batch was full, else 0. */
export function closeBatch(stateAt: usize): u32 {
  const state = changetype<ScanState>(stateAt);
  const ids = state.page + (<usize>state.batchStart << 2);
  const count = <usize>(state.length - state.batchStart);
  for (let from: usize = 0; from < count; from += LOOKED_UP_TOGETHER) {
    const length = min(LOOKED_UP_TOGETHER, count - from);
    lookUp(state, state.batch + (from << 3), length, ids + (from << 2));
  }
  return <u32>!hasRoom(state);
}

/** Pages whose slots and numbers are called for together: few enough that the first cache holds the lines. */
const LOOKED_UP_TOGETHER: usize = 256;

/**
 * Stores the ids of `count` pages at `ids`, given their numbers.
 *
 * Where the table is larger than a cache, what takes time is waiting for slots and numbers. A processor waits for as
 * many lines at a time as its window of instructions has loads in it, so that they are called for by loops of little
 * else. Then, without a branch, each page is looked for in its first slot; then, one after the other, those not found
 * there.
 */
function lookUp(state: ScanState, pages: usize, count: usize, ids: usize): void {
  const numbers = state.numbers;
  const misses = state.misses;
  homeSlots(state.slots, state.shift, pages, count, misses);
  if (state.shift < 32 - CACHED_SLOTS_LOG2) callForPages(misses, count, numbers);
  let missed: usize = 0;
  for (let i: usize = 0; i < count; i++) {
    const entry = <usize>(load<u32>(<usize>load<u32>(misses + (i << 2))) & ENTRY_MASK);
    const isOther = load<u64>(numbers + (entry << 3)) != load<u64>(pages + (i << 3));
    store<u32>(ids + (i << 2), <u32>entry - 1);
    // No further than the slot that was read.
    store<u32>(misses + (missed << 2), <u32>i);
    missed += <usize>isOther | <usize>(entry == 0);
  }
  for (let k: usize = 0; k < missed; k++) {
    const i = <usize>load<u32>(misses + (k << 2));
    store<u32>(ids + (i << 2), pageId(state, load<u64>(pages + (i << 3))));
  }
}

/** Calls for the lines of `count` slots, given where they are, then for those of the numbers of their entries. */
function callForPages(slots: usize, count: usize, numbers: usize): void {
  callForSlots(slots, count);
  let line: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const entry = <usize>(load<u32>(<usize>load<u32>(slots + (i << 2))) & ENTRY_MASK);
    line |= load<u32>(numbers + (entry << 3));
  }
  called |= line;
}

function callForSlots(slots: usize, count: usize): void {
  let line: u32 = 0;
  for (let i: usize = 0; i < count; i++) line |= load<u32>(<usize>load<u32>(slots + (i << 2)));
  called |= line;
}

/**
 * Where the slots are, as addresses of u32 at `out`, in which the `count` pages are looked for first whose u64 numbers
 * are at `from`; reads and writes up to a multiple of four of them.
 */
function homeSlots(slots: usize, shift: u32, from: usize, count: usize, out: usize): void {
  const base = i32x4.splat(<i32>slots);
  const highFactor = i32x4.splat(HIGH_FACTOR);
  const factor = i32x4.splat(FACTOR);
  for (let i: usize = 0; i < count; i += 4) {
    const first = v128.load(from + (i << 3));
    const second = v128.load(from + (i << 3), 16);
    const low = i32x4.shuffle(first, second, 0, 2, 4, 6);
    const high = i32x4.shuffle(first, second, 1, 3, 5, 7);
    const mixed = v128.xor(low, i32x4.mul(high, highFactor));
    const hash = i32x4.mul(v128.xor(mixed, i32x4.shr_u(mixed, 15)), factor);
    v128.store(out + (i << 2), i32x4.add(base, i32x4.shl(i32x4.shr_u(hash, shift), 2)));
  }
}

/** Factors of `hash` of src/pages.ts. */
const HIGH_FACTOR: i32 = 0x85ebca6b;
const FACTOR: i32 = 0x9e3779b1;

/** Bits of a slot that are the id + 1; those above are the tag: the lowest bits of the number's hash. */
const ENTRY_BITS: u32 = 27;
const ENTRY_MASK: u32 = (1 << ENTRY_BITS) - 1;

/** `hash` of src/pages.ts. */
// @ts-ignore: decorator
@inline
function hash(number: u64): u32 {
  const mixed = <u32>number ^ (<u32>(number >> 32) * <u32>HIGH_FACTOR);
  return (mixed ^ (mixed >> 15)) * <u32>FACTOR;
}

/** Dense id of page `number`, as `pageId` of src/pages.ts. */
function pageId(state: ScanState, number: u64): u32 {
  const slots = state.slots;
  const numbers = state.numbers;
  const mask = (<usize>1 << (32 - state.shift)) - 1;
  const mixed = hash(number);
  const tag = mixed << ENTRY_BITS;
  let slot = <usize>(mixed >> state.shift);
  let found = load<u32>(slots + (slot << 2));
  while (found != 0) {
    const entry = found & ENTRY_MASK;
    // The number is looked at last: it is in no cache.
    if ((found ^ tag) <= ENTRY_MASK && load<u64>(numbers + (<usize>entry << 3)) == number)
      return entry - 1;
    slot = (slot + 1) & mask;
    found = load<u32>(slots + (slot << 2));
  }
  const id = state.pageCount++;
  store<u32>(slots + (slot << 2), (id + 1) | tag);
  store<u64>(numbers + ((<usize>id + 1) << 3), number);
  return id;
}

/** Appends an access of page `number` at `state.time` to the batch. */
// @ts-ignore: decorator
@inline
export function appendPage(state: ScanState, number: u64, write: u32): void {
  const i = <usize>state.length;
  store<u64>(state.batch + ((i - <usize>state.batchStart) << 3), number);
  store<u8>(state.write + i, write);
  if (state.clock != 0) {
    let time = state.time;
    if (time >= state.lastTime) {
      state.lastTime = time;
    } else {
      state.timesMoved++;
      time = state.lastTime;
    }
    store<f64>(state.clock + (i << 3), time);
  }
  state.length = <u32>i + 1;
}

/** Appends an access to byte `address`, in 4 KiB pages, at `state.time` to the batch. */
// @ts-ignore: decorator
@inline
export function appendAddress(state: ScanState, address: u64, write: u32): void {
  if (state.line != 0) store<u8>(state.line + <usize>state.length, (<u32>address >> 6) & 63);
  appendPage(state, address >> 12, write);
}

/** Dense id of thread `number`, or -1 where it is not among those seen lately. */
// @ts-ignore: decorator
@inline
export function threadId(state: ScanState, number: u64): i32 {
  const at = state.threads + ((<usize>(number & (THREADS_KEPT - 1))) << 4);
  return load<u64>(at) == number ? <i32>load<u32>(at, 8) - 1 : -1;
}

/**
 * Fills slots that are all free with entries 1 to `count`, in their order, given their numbers, as `grow` of src/pages.ts;
 * `room` is for a u32 for each of a batch.
 */
export function fillSlots(
  slots: usize,
  shift: u32,
  numbers: usize,
  count: u32,
  room: usize,
): void {
  const end = slots + (<usize>4 << (32 - shift));
  for (let from: u32 = 1; from <= count; from += <u32>LOOKED_UP_TOGETHER) {
    const length = min(LOOKED_UP_TOGETHER, <usize>(count + 1 - from));
    homeSlots(slots, shift, numbers + (<usize>from << 3), length, room);
    callForSlots(room, length);
    for (let i: usize = 0; i < length; i++) {
      let slot = <usize>load<u32>(room + (i << 2));
      while (load<u32>(slot) != 0) {
        slot += 4;
        if (slot == end) slot = slots;
      }
      const entry = from + <u32>i;
      const tag = hash(load<u64>(numbers + (<usize>entry << 3))) << ENTRY_BITS;
      store<u32>(slot, entry | tag);
    }
  }
}
