import { BLOCK_ACCESSES } from './block.ts';
import { instantiateKernels, type KernelMemory, type Kernels } from './kernels.generated.ts';
import { numberWords } from './pages.ts';

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
  /** Entries of 16 bytes: u64 thread number, u32 dense id + 1, unused. */
  threads: Int32Array;
  /** The page table's numbers, and behind them its slots: as long as the table is at the time. */
  numbers: Int32Array;
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
  readonly batch: number;
  readonly misses: number;
  readonly text: number;
  /** The page table, to the end of the memory. */
  readonly table: number;
}

/** Bytes of text that an arena holds. */
const ARENA_TEXT_BYTES: number = (1 << 20) + 16;
/** What a kernel may read before and behind the text. */
const TEXT_MARGIN_BYTES = 128;
/** Threads that the kernels know at a time; a power of two. Source: THREADS_KEPT of assembly/scan-state.ts. */
export const THREADS_KEPT: number = 256;
/** Accesses whose pages a kernel looks up together. Source: BATCH_ACCESSES of assembly/scan-state.ts. */
export const BATCH_ACCESSES: number = 1024;

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
  ['batch', BATCH_ACCESSES * 8],
  ['misses', BATCH_ACCESSES * 4],
  ['text', ARENA_TEXT_BYTES + 2 * TEXT_MARGIN_BYTES],
  ['table', 0],
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
/** log2 of the slots of an empty page table: room for the pages of a batch, and as many again. */
export const FIRST_SLOTS_LOG2 = 12;

/** An arena with an empty page table of `1 << FIRST_SLOTS_LOG2` slots; given back with {@link releaseArena}. */
export function takeArena(): Arena {
  const arena = spare.pop() ?? createArena();
  reserveTable(arena, 1 << FIRST_SLOTS_LOG2);
  arena.threads.fill(0);
  return arena;
}

/** Says that nobody looks at `arena`'s columns any more: the blocks made of them were borrowed. */
export function releaseArena(arena: Arena): void {
  const owned = arena as OwnedArena;
  const isSmall = owned.slots.length <= 1 << (FIRST_SLOTS_LOG2 + 2);
  if (isSmall && spare.length < SPARE_MAX && !spare.includes(owned)) spare.push(owned);
}

/** Room for a page table of `slotCount` slots, all 0, with the numbers that are there. */
export function reserveTable(arena: Arena, slotCount: number): void {
  const { memory, layout } = arena as OwnedArena;
  const words = numberWords(slotCount);
  const slotsAt = layout.table + words * 4;
  const missing = slotsAt + slotCount * 4 - memory.buffer.byteLength;
  if (missing > 0) {
    memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
    Object.assign(arena, viewsOf(memory, layout));
  }
  arena.numbers = new Int32Array(memory.buffer, layout.table, words);
  arena.slots = new Int32Array(memory.buffer, slotsAt, slotCount).fill(0);
}

function createArena(): OwnedArena {
  const { kernels, memory } = instantiateKernels(1);
  const layout = layOut(kernels.heapBase());
  memory.grow(Math.ceil((layout.table - memory.buffer.byteLength) / WASM_PAGE_BYTES));
  const none = new Int32Array(0);
  return { kernels, memory, layout, ...viewsOf(memory, layout), numbers: none, slots: none };
}

type ArenaViews = Omit<Arena, 'kernels' | 'numbers' | 'slots'>;

function viewsOf({ buffer }: KernelMemory, at: ArenaLayout): ArenaViews {
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
    threads: new Int32Array(buffer, at.threads, THREADS_KEPT * 4),
  };
}
