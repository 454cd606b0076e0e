import { BLOCK_ACCESSES } from './block.ts';
import { instantiateKernels, type KernelMemory, type Kernels } from './kernels.generated.ts';

/**
 * The WebAssembly memory that a reader works in: a block's columns, the page table and the text being read, where the
 * kernels and plain TypeScript both reach them. The views are made anew when the memory grows.
 */
export interface Arena {
  readonly kernels: Kernels;
  /** All of the memory. */
  bytes: Uint8Array;
  /** A kernel's `ScanState`: its 64-bit fields, and its 32-bit fields; `ScanField` has their indexes. */
  state64: Float64Array;
  state32: Uint32Array;
  page: Uint32Array;
  write: Uint8Array;
  time: Float64Array;
  line: Uint8Array;
  thread: Uint16Array;
  weight: Uint32Array;
  /** Numbers of the pages that are new in the block. */
  fresh: Float64Array;
  /** Entries of 16 bytes: u64 thread number, u32 dense id + 1, unused. */
  threads: Int32Array;
  /** The page table, which extends to the end of the memory. */
  slots: Int32Array;
}

/** First bytes of the parts of an arena. */
export interface ArenaLayout {
  readonly state: number;
  readonly plan: number;
  readonly threads: number;
  readonly page: number;
  readonly write: number;
  readonly time: number;
  readonly line: number;
  readonly thread: number;
  readonly weight: number;
  readonly fresh: number;
  readonly text: number;
  readonly slots: number;
}

/** Bytes of text that an arena holds. */
export const ARENA_TEXT_BYTES: number = (1 << 20) + 16;
/** What a kernel may read before and behind the text. */
const TEXT_MARGIN_BYTES = 128;
/** Threads that the kernels know at a time; a power of two. Source: THREADS_KEPT of assembly/scan-state.ts. */
export const THREADS_KEPT: number = 256;

const PARTS: readonly (readonly [name: keyof ArenaLayout, size: number])[] = [
  ['state', 256],
  ['plan', 4096],
  ['threads', THREADS_KEPT * 16],
  ['page', BLOCK_ACCESSES * 4],
  ['write', BLOCK_ACCESSES],
  ['time', BLOCK_ACCESSES * 8],
  ['line', BLOCK_ACCESSES],
  ['thread', BLOCK_ACCESSES * 2],
  ['weight', BLOCK_ACCESSES * 4],
  ['fresh', BLOCK_ACCESSES * 8],
  ['text', ARENA_TEXT_BYTES + 2 * TEXT_MARGIN_BYTES],
  ['slots', 0],
];

/** Where the parts of an arena are that begins at byte `base`. */
function layOut(base: number): ArenaLayout {
  const places: Partial<Record<keyof ArenaLayout, number>> = {};
  let at = base;
  for (const [name, size] of PARTS) {
    places[name] = name === 'text' ? at + TEXT_MARGIN_BYTES : at;
    at += size;
  }
  return places as ArenaLayout;
}

interface OwnedArena extends Arena {
  readonly memory: KernelMemory;
  readonly layout: ArenaLayout;
}

/** Where the parts of `arena` are. */
export function layoutOf(arena: Arena): ArenaLayout {
  return (arena as OwnedArena).layout;
}

// Arenas not in use, of the size that each has at first. Making one costs as much as reading a thousand lines.
const spare: OwnedArena[] = [];
const SPARE_MAX = 4;
const WASM_PAGE_BYTES = 65_536;
/** log2 of the slots of an empty page table. */
export const FIRST_SLOTS_LOG2 = 10;

/** An arena with an empty page table of `1 << FIRST_SLOTS_LOG2` slots; given back with {@link releaseArena}. */
export function takeArena(): Arena {
  const arena = spare.pop() ?? createArena();
  arena.slots.subarray(0, 4 << FIRST_SLOTS_LOG2).fill(0);
  arena.threads.fill(0);
  return arena;
}

/** Says that nobody looks at `arena`'s columns any more: the blocks made of them were borrowed. */
export function releaseArena(arena: Arena): void {
  const owned = arena as OwnedArena;
  const isSmall = owned.slots.length <= 4 << (FIRST_SLOTS_LOG2 + 4);
  if (isSmall && spare.length < SPARE_MAX && !spare.includes(owned)) spare.push(owned);
}

/** Room for a page table of `words`, all 0, in place of the one that is there. */
export function reserveSlots(arena: Arena, words: number): Int32Array {
  const { memory, layout } = arena as OwnedArena;
  const missing = layout.slots + words * 4 - memory.buffer.byteLength;
  if (missing > 0) {
    memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
    Object.assign(arena, viewsOf(memory, layout));
  }
  return arena.slots.subarray(0, words).fill(0);
}

function createArena(): OwnedArena {
  const { kernels, memory } = instantiateKernels(1);
  const layout = layOut(kernels.heapBase());
  const size = layout.slots + (16 << FIRST_SLOTS_LOG2);
  memory.grow(Math.ceil((size - memory.buffer.byteLength) / WASM_PAGE_BYTES));
  return { kernels, memory, layout, ...viewsOf(memory, layout) };
}

function viewsOf({ buffer }: KernelMemory, at: ArenaLayout): Omit<Arena, 'kernels'> {
  return {
    bytes: new Uint8Array(buffer),
    state64: new Float64Array(buffer, at.state, 2),
    state32: new Uint32Array(buffer, at.state, 64),
    page: new Uint32Array(buffer, at.page, BLOCK_ACCESSES),
    write: new Uint8Array(buffer, at.write, BLOCK_ACCESSES),
    time: new Float64Array(buffer, at.time, BLOCK_ACCESSES),
    line: new Uint8Array(buffer, at.line, BLOCK_ACCESSES),
    thread: new Uint16Array(buffer, at.thread, BLOCK_ACCESSES),
    weight: new Uint32Array(buffer, at.weight, BLOCK_ACCESSES),
    fresh: new Float64Array(buffer, at.fresh, BLOCK_ACCESSES),
    threads: new Int32Array(buffer, at.threads, THREADS_KEPT * 4),
    slots: new Int32Array(buffer, at.slots, Math.floor((buffer.byteLength - at.slots) / 4)),
  };
}
