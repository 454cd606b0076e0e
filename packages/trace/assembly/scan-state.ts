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
  /** Four words a slot: low half, high half, id + 1 (0: free), unused. */
  slots: usize;
  /** 32 - log2 of the number of slots. */
  shift: u32;
  pageCount: u32;
  /** A line may be read while no more pages than this are known. */
  pageRoom: u32;
  freshCount: u32;
  /** Columns; 0 where the source has none. */
  page: usize;
  write: usize;
  clock: usize;
  line: usize;
  thread: usize;
  weight: usize;
  /** Numbers of the block's new pages. */
  fresh: usize;
  /** Threads seen lately: `THREADS_KEPT` entries of u64 number, u32 id + 1. */
  threads: usize;
  /** Sum of what was looked at ahead of time, which nobody reads. */
  ahead: u64;
}

/** Accesses in a full block: BLOCK_ACCESSES of src/block.ts. */
export const BLOCK_ACCESSES: u32 = 65536;
/** A line or record brings two accesses at most, which is the room that must be left. */
export const LENGTH_MAX: u32 = BLOCK_ACCESSES - 2;

const THREADS_KEPT: u64 = 256;

/** The slot where page `number` is looked for first, as `hash` of src/pages.ts. */
// @ts-ignore: decorator
@inline
export function homeSlot(state: ScanState, number: u64): usize {
  const mixed = <u32>number ^ (<u32>(number >> 32) * 0x85ebca6b);
  const hash = (mixed ^ (mixed >> 15)) * 0x9e3779b1;
  return state.slots + (<usize>(hash >> state.shift) << 4);
}

/** Dense id of page `number`, as `pageId` of src/pages.ts. */
// @ts-ignore: decorator
@inline
export function pageId(state: ScanState, number: u64): u32 {
  const slots = state.slots;
  const shift = state.shift;
  let at = homeSlot(state, number);
  let id = load<u32>(at, 8);
  while (id != 0 && load<u64>(at) != number) {
    at += 16;
    if (at == slots + (<usize>16 << (32 - shift))) at = slots;
    id = load<u32>(at, 8);
  }
  return id != 0 ? id - 1 : insert(state, at, number);
}

function insert(state: ScanState, at: usize, number: u64): u32 {
  const id = state.pageCount;
  state.pageCount = id + 1;
  store<u64>(at, number);
  store<u32>(at, id + 1, 8);
  store<f64>(state.fresh + (<usize>state.freshCount << 3), <f64>number);
  state.freshCount++;
  return id;
}

/** Whether a line or record fits: into the block, and into the page table. */
// @ts-ignore: decorator
@inline
export function hasRoom(state: ScanState): bool {
  return state.length <= LENGTH_MAX && state.pageCount <= state.pageRoom;
}

/** Appends an access of page `number` at `state.time`. */
// @ts-ignore: decorator
@inline
export function appendPage(state: ScanState, number: u64, write: u32): void {
  const i = <usize>state.length;
  store<u32>(state.page + (i << 2), pageId(state, number));
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

/** Appends an access to byte `address`, in 4 KiB pages, at `state.time`. */
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
