import { instantiateKernels } from '../kernels.generated.ts';
import type { KernelMemory, Kernels } from '../kernels.generated.ts';

/** Counts accesses by stack distance: the distinct pages accessed since the last access to the page. */
export interface StackDistances {
  /** The first `length` entries of `page` are accessed, in order; ids are below `pageCount`. */
  add(page: Readonly<Uint32Array>, length: number, pageCount: number): void;
  /**
   * Accesses by distance; length: the pages known. First accesses of a page have no distance and
   * are not in it. An LRU cache of C pages hits the distances below C.
   */
  histogram(): Float64Array;
}

/** Positions for every page that fits: live ones are at most a quarter when they are renumbered. */
const POSITIONS_PER_PAGE = 4;
const SUPER_POSITIONS = 32_768;
const WASM_PAGE_BYTES = 65_536;
const CHUNK_ACCESSES = 65_536;

/**
 * Stack distances of pages with ids below a number that grows as needed, exactly; 26 bytes a page.
 *
 * Source: Mattson, Gecsei, Slutz, Traiger, "Evaluation Techniques for Storage Hierarchies", IBM
 * Systems Journal 9 (2), 1970, for what they are good for.
 */
export function createStackDistances(): StackDistances {
  let tables = createTables(1 << 13);
  /** Next position; positions below it may be live. */
  let position = 0;
  let pageCount = 0;

  const renumber = (): void => {
    const { kernels, last, owner, bits, groups, supers } = tables;
    position = kernels.renumberPositions(last, owner, bits, groups, supers, position) >>> 0;
  };
  const makeRoomFor = (pages: number): void => {
    renumber();
    const wider = createTables(Math.max(pages, 2 * tables.pagesMax));
    wider.column(wider.last, tables.pagesMax).set(tables.column(tables.last, tables.pagesMax));
    wider.column(wider.owner, position).set(tables.column(tables.owner, position));
    const counts = tables.column(tables.histogram, tables.pagesMax);
    wider.column(wider.histogram, tables.pagesMax).set(counts);
    wider.kernels.markFirst(position, wider.bits, wider.groups, wider.supers);
    tables = wider;
  };
  return {
    add(page, length, pagesKnown) {
      pageCount = Math.max(pageCount, pagesKnown);
      if (pageCount > tables.pagesMax) makeRoomFor(pageCount);
      for (let from = 0; from < length;) {
        if (position === tables.positionsMax) renumber();
        const { kernels, chunk, last, owner, bits, groups, supers, histogram } = tables;
        const count = Math.min(length - from, CHUNK_ACCESSES, tables.positionsMax - position);
        tables.column(chunk, count).set(page.subarray(from, from + count));
        position =
          kernels.stackDistances(
            chunk,
            count,
            last,
            owner,
            bits,
            groups,
            supers,
            histogram,
            position,
          ) >>> 0;
        from += count;
      }
    },
    histogram: () => Float64Array.from(tables.column(tables.histogram, pageCount)),
  };
}

/** The kernel's tables, as byte offsets into its memory. */
interface Tables {
  readonly kernels: Kernels;
  readonly pagesMax: number;
  readonly positionsMax: number;
  readonly chunk: number;
  readonly last: number;
  readonly owner: number;
  readonly bits: number;
  readonly groups: number;
  readonly supers: number;
  readonly histogram: number;
  /** The `length` u32 at an offset. */
  column(offset: number, length: number): Uint32Array;
}

function createTables(pagesMax: number): Tables {
  const positionsMax =
    Math.ceil((POSITIONS_PER_PAGE * pagesMax) / SUPER_POSITIONS) * SUPER_POSITIONS;
  const sizes = {
    chunk: 4 * CHUNK_ACCESSES,
    last: 4 * pagesMax,
    owner: 4 * positionsMax,
    bits: positionsMax / 8,
    groups: positionsMax / 256,
    // Read by four at a time, up to the one that the next position is in.
    supers: (4 * positionsMax) / SUPER_POSITIONS + 32,
    histogram: 4 * pagesMax,
  };
  let bytes = Object.values(sizes).reduce((sum, size) => sum + size + 16, 1 << 20);
  const { kernels, memory } = instantiateKernels(Math.ceil(bytes / WASM_PAGE_BYTES));
  bytes = kernels.heapBase();
  const offsets = {} as Record<keyof typeof sizes, number>;
  for (const [name, size] of Object.entries(sizes) as [keyof typeof sizes, number][]) {
    offsets[name] = bytes;
    bytes += Math.ceil(size / 16) * 16;
  }
  return {
    kernels,
    pagesMax,
    positionsMax,
    ...offsets,
    column: (offset, length) => columnOf(memory, offset, length),
  };
}

function columnOf(memory: KernelMemory, offset: number, length: number): Uint32Array {
  return new Uint32Array(memory.buffer, offset, length);
}
