import { BLOCK_ACCESSES } from '../block.ts';
import { type Kernels, instantiateKernels } from '../kernels.generated.ts';
import { streamBound } from './stream-vbyte.ts';

/** Where the kernels read and write: the payload's bytes, then the columns. */
export interface Arena {
  readonly kernels: Kernels;
  /** Views over the memory, made again when it grows. */
  input: Uint8Array;
  page: Uint32Array;
  write: Uint8Array;
  time: Float64Array;
  weight: Uint32Array;
  /** Four lanes of the largest page id. */
  largest: Uint32Array;
  reserve(inputBytes: number): void;
}

function createArena(): Arena {
  const { kernels, memory } = instantiateKernels(1);
  // A kernel writes whole vectors, so every column has one or two to spare.
  const pageAt = kernels.heapBase();
  const writeAt = pageAt + BLOCK_ACCESSES * 4 + 16;
  const timeAt = writeAt + BLOCK_ACCESSES + 32;
  const weightAt = timeAt + BLOCK_ACCESSES * 8 + 32;
  const largestAt = weightAt + BLOCK_ACCESSES * 4 + 32;
  const inputAt = largestAt + 16;
  const arena = { kernels } as Arena;
  arena.reserve = (inputBytes) => {
    // A broken control stream reads past its column: at most 16 bytes a group of one block.
    const needed = inputAt + inputBytes + streamBound(BLOCK_ACCESSES) + 16;
    const missing = needed - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65_536));
    else if (arena.input !== undefined) return;
    const { buffer } = memory;
    arena.page = new Uint32Array(buffer, pageAt, BLOCK_ACCESSES);
    arena.write = new Uint8Array(buffer, writeAt, BLOCK_ACCESSES);
    arena.time = new Float64Array(buffer, timeAt, BLOCK_ACCESSES);
    arena.weight = new Uint32Array(buffer, weightAt, BLOCK_ACCESSES);
    arena.largest = new Uint32Array(buffer, largestAt, 4);
    arena.input = new Uint8Array(buffer, inputAt);
  };
  arena.reserve(1 << 18);
  return arena;
}

/** Arenas that nobody decodes into: the first touch of a fresh memory takes longer than decoding a million accesses. */
const idle: Arena[] = [];
const IDLE_LIMIT = 2;

/** An arena of the caller's own until it is given back. */
export const takeArena = (): Arena => idle.pop() ?? createArena();

/** Gives an arena back, whose columns nobody reads any more. */
export function giveBackArena(arena: Arena): void {
  if (idle.length < IDLE_LIMIT) idle.push(arena);
}
