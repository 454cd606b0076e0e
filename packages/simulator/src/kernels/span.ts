/** Indexes into {@link Span.registers}. */
export const CLOCK_NS = 0;
/** Trace time of the last access replayed, in ticks. */
export const TRACE_TIME = 1;
/** Think time spent since the register was last read and cleared. */
export const THINK_NS = 2;
/** Entries of `touched` that are valid. */
export const TOUCHED_COUNT = 3;
/** The registers from here on are told to the compiled loop before each of its spans. */
export const PAGE_COUNT = 4;
/** The node that the next {@link MAP_PAGES} pages are mapped on at their first touch; a fault costs the clock {@link MAP_COST_NS}. */
export const MAP_NODE = 5;
export const MAP_PAGES = 6;
export const MAP_COST_NS = 7;
/** No access costs more. */
export const COST_NS_MAX = 8;
export const TICK_NS = 9;
export const INCLUDED_NS = 10;
export const OPEN_LOOP = 11;
/** Pages that the cache holds at most, and now; and the slot that the hand is at. */
export const CACHE_PAGES = 12;
export const CACHE_SIZE = 13;
export const CACHE_HAND = 14;
/** 1: the compiled loop does exchanges itself, and counts them in EXCHANGES. */
export const EXCHANGES_HERE = 15;
export const EXCHANGES = 16;
/** The page of the last access, where the engine must see to it that it comes; -1 is none. */
export const SWAP_PAGE = 17;
/** Moves of a page one way and back count as ping-pong within so many steps; see `DateSteps`. */
export const PING_PONG_STEPS = 18;
export const PROMOTED_THEN_DEMOTED = 19;
export const DEMOTED_THEN_PROMOTED = 20;
export const WASTED = 21;
export const STEPS_PER_NS = 22;
/** The step before the first one that the dates of a cache can tell. */
export const DATE_BASE = 23;
/** In order of recency: the first use that the log holds, the one after the last, and for how many it has room; see `CacheLog`. */
export const LOG_START = 24;
export const LOG_END = 25;
export const LOG_LENGTH = 26;
/** The node that a cache is on; `NO_NODE` where it is on several. */
export const CACHE_HOME = 27;
/** 1: the column of nodes is brought up to date by `CacheSlots.settle`, not by the loop. */
export const NODES_LATER = 28;
/** In order of recency: the first use that is not listed. */
export const LOG_LISTED = 29;
export const REGISTERS = 30;

/**
 * What the replay loops work on: columns of the block, columns of the page table, and tables by
 * class. The class of an access is `2 * node + write`, plus the offset of its thread's initiator
 * where there are several. All of it lies in one column memory and moves when that grows.
 */
export interface Span {
  page: Uint32Array;
  write: Uint8Array;
  /** Absent where the trace's clock adds no think time. */
  time: Float64Array | undefined;
  /** Absent where every access of the block is of one thread, or the trace has none. */
  thread: Uint16Array | undefined;
  /** The thread of every access, where there is one. */
  soleThread: number | undefined;
  weight: Uint32Array | undefined;
  nodeOf: Uint8Array;
  /** Present where accessed bits, protections or watches matter. */
  flags: Uint8Array | undefined;
  accesses: Uint32Array | undefined;
  writes: Uint32Array | undefined;
  touched: Uint32Array | undefined;
  /** Class offset of each thread's initiator; absent with one initiator. */
  classOffsetOf: Uint32Array | undefined;
  /** Time that each thread ran; absent without a thread column. */
  threadNs: Float64Array | undefined;
  /** What an access of each class costs the clock, in time steps. */
  classCostNs: Float64Array;
  /** Accesses of each class since the counts were last taken. */
  classCount: Uint32Array;
  registers: Float64Array;
  /** Nanoseconds a tick of the trace's clock. */
  tickNs: number;
  /** What the trace's clock already contains of memory time before each access: no think time. */
  includedNs: number;
  /** Accesses come when the trace says, whatever they cost. */
  openLoop: boolean;
}
