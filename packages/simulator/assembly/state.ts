// What the kernels share with TypeScript: addresses of columns and a few numbers, at fixed places at the start of the
// module's heap. `src/kernels/columns.ts` lays the columns out and writes the addresses; 0 is an absent column.

/** Where the module's own data has ended: a constant, so that what lies at a fixed place has its address in the code. */
const BASE: usize = 4096;

const POINTERS: usize = BASE;
/** f64, by the numbers of `src/kernels/span.ts`. */
const REGISTERS: usize = BASE + 128;
export const CLOCK_NS: usize = REGISTERS;
export const TRACE_TIME: usize = REGISTERS + 8;
export const THINK_NS: usize = REGISTERS + 16;
export const TOUCHED_COUNT: usize = REGISTERS + 24;
export const PAGE_COUNT: usize = REGISTERS + 32;
export const MAP_NODE: usize = REGISTERS + 40;
export const MAP_PAGES: usize = REGISTERS + 48;
export const MAP_COST_NS: usize = REGISTERS + 56;
export const COST_NS_MAX: usize = REGISTERS + 64;
export const TICK_NS: usize = REGISTERS + 72;
export const INCLUDED_NS: usize = REGISTERS + 80;
export const OPEN_LOOP: usize = REGISTERS + 88;
export const CACHE_PAGES: usize = REGISTERS + 96;
export const CACHE_SIZE: usize = REGISTERS + 104;
export const CACHE_HAND: usize = REGISTERS + 112;
export const EXCHANGES_HERE: usize = REGISTERS + 120;
export const EXCHANGES: usize = REGISTERS + 128;
export const SWAP_PAGE: usize = REGISTERS + 136;
export const PING_PONG_STEPS: usize = REGISTERS + 144;
export const PROMOTED_THEN_DEMOTED: usize = REGISTERS + 152;
export const DEMOTED_THEN_PROMOTED: usize = REGISTERS + 160;
export const WASTED: usize = REGISTERS + 168;
export const STEPS_PER_NS: usize = REGISTERS + 176;
export const DATE_BASE: usize = REGISTERS + 184;
export const LOG_START: usize = REGISTERS + 192;
export const LOG_END: usize = REGISTERS + 200;
export const LOG_LENGTH: usize = REGISTERS + 208;
export const CACHE_HOME: usize = REGISTERS + 216;
export const NODES_LATER: usize = REGISTERS + 224;
export const LOG_LISTED: usize = REGISTERS + 232;
/** Counters of a chunk, by class, four of each that are summed at its end. */
export const SCRATCH: usize = BASE + 512;
/** Classes that a chunk can count: 2 for each node id of one byte. */
export const SCRATCH_CLASSES: usize = 512;
/** What a group of accesses of a cache notes of each. */
export const GROUP_BUFFERS: usize = SCRATCH + 16 * SCRATCH_CLASSES;
const GROUP_BUFFER_BYTES: usize = 1024;
/** What is noted of pages that leave a cache next. */
export const AHEAD_BUFFERS: usize = GROUP_BUFFERS + GROUP_BUFFER_BYTES;
const AHEAD_BUFFER_BYTES: usize = 2304;
/** What is noted of a group's misses where they are alike. */
export const ALIKE_BUFFERS: usize = AHEAD_BUFFERS + AHEAD_BUFFER_BYTES;
const ALIKE_BUFFER_BYTES: usize = 1024;

/** Node of a page that is not mapped. */
export const NO_NODE: u32 = 255;

// @ts-ignore: decorator
@inline
export function addTo(register: usize, count: u32): void {
  store<f64>(register, load<f64>(register) + <f64>count);
}

/** A whole number below 2^32: without the test for others, which a conversion makes. */
// @ts-ignore: decorator
@inline
export function lowBits(number: f64): u32 {
  // 2^52 leaves the number in the low bits of the sum.
  return <u32>reinterpret<u64>(number + 4503599627370496);
}

// @ts-ignore: decorator
@inline
export function whole(register: usize): u32 {
  return lowBits(load<f64>(register));
}

/** Where pointers and, 128 bytes on, registers are. */
export function stateBase(): usize {
  return BASE;
}

/** Where the columns can start. */
export function heapBase(): usize {
  if (__heap_base > BASE) unreachable();
  return ALIKE_BUFFERS + ALIKE_BUFFER_BYTES;
}

// @ts-ignore: decorator
@inline
function pointer(index: usize): usize {
  return load<u32>(POINTERS + 4 * index);
}

// @ts-ignore: decorator
@inline
export function pageColumn(): usize {
  return pointer(0);
}
// @ts-ignore: decorator
@inline
export function writeColumn(): usize {
  return pointer(1);
}
// @ts-ignore: decorator
@inline
export function timeColumn(): usize {
  return pointer(2);
}
// @ts-ignore: decorator
@inline
export function threadColumn(): usize {
  return pointer(3);
}
// @ts-ignore: decorator
@inline
export function weightColumn(): usize {
  return pointer(4);
}
// @ts-ignore: decorator
@inline
export function nodeOfColumn(): usize {
  return pointer(5);
}
// @ts-ignore: decorator
@inline
export function flagsColumn(): usize {
  return pointer(6);
}
// @ts-ignore: decorator
@inline
export function accessesColumn(): usize {
  return pointer(7);
}
// @ts-ignore: decorator
@inline
export function writesColumn(): usize {
  return pointer(8);
}
// @ts-ignore: decorator
@inline
export function touchedColumn(): usize {
  return pointer(9);
}
// @ts-ignore: decorator
@inline
export function classOffsetTable(): usize {
  return pointer(10);
}
/** f64 by thread; where the block has no column of threads: of the one thread that all of it is of, 0 without threads. */
// @ts-ignore: decorator
@inline
export function threadNsTable(): usize {
  return pointer(11);
}
// @ts-ignore: decorator
@inline
export function classCostTable(): usize {
  return pointer(12);
}
// @ts-ignore: decorator
@inline
export function classCountTable(): usize {
  return pointer(13);
}
/** Classes of one initiator. */
// @ts-ignore: decorator
@inline
export function nodeClasses(): usize {
  return pointer(14);
}
/** u32 by page: what a cache knows of it. */
// @ts-ignore: decorator
@inline
export function standingColumn(): usize {
  return pointer(16);
}
/** u32 by page: its last move, where a cache has no room for it beside all else that it knows. */
// @ts-ignore: decorator
@inline
export function lastMoveColumn(): usize {
  return pointer(17);
}
// @ts-ignore: decorator
@inline
export function pairTable(): usize {
  return pointer(18);
}
// @ts-ignore: decorator
@inline
export function dueTable(): usize {
  return pointer(19);
}
// @ts-ignore: decorator
@inline
export function logPositionColumn(): usize {
  return pointer(20);
}
// @ts-ignore: decorator
@inline
export function logPageColumn(): usize {
  return pointer(21);
}
// @ts-ignore: decorator
@inline
export function logTimeColumn(): usize {
  return pointer(22);
}
// @ts-ignore: decorator
@inline
export function logDueColumn(): usize {
  return pointer(23);
}
// @ts-ignore: decorator
@inline
export function tallyColumn(): usize {
  return pointer(24);
}
// @ts-ignore: decorator
@inline
export function judgedColumn(): usize {
  return pointer(25);
}
// @ts-ignore: decorator
@inline
export function residentColumn(): usize {
  return pointer(26);
}
// @ts-ignore: decorator
@inline
export function insideTable(): usize {
  return pointer(28);
}
// @ts-ignore: decorator
@inline
export function servedTable(): usize {
  return pointer(29);
}
