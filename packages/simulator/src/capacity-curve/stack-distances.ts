import { instantiateKernels } from '../kernels.generated.ts';

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
/** What tables are a whole multiple of; so no look beyond their end is needed. */
const POSITIONS_STEP = 262_144;
const WASM_PAGE_BYTES = 65_536;
const CHUNK_ACCESSES = 65_536;

/**
 * Stack distances of pages with ids below a number that grows as needed, exactly; 10 bytes a page.
 *
 * Source: Mattson, Gecsei, Slutz, Traiger, "Evaluation Techniques for Storage Hierarchies", IBM
 * Systems Journal 9 (2), 1970, for what they are good for.
 */
export function createStackDistances(): StackDistances {
  let tables = createTables(1 << 13);
  /** Next position; positions below it may be live, as many as pages were accessed. */
  let position = 0;
  let live = 0;
  let pageCount = 0;

  const makeRoomFor = (pages: number): void => {
    tables.renumber();
    position = live;
    const wider = createTables(Math.max(pages, 2 * tables.pagesMax));
    wider.last().set(tables.last());
    wider.counts().set(tables.counts());
    wider.carries().set(tables.carries());
    tables = wider;
  };
  return {
    add(page, length, pagesKnown) {
      pageCount = Math.max(pageCount, pagesKnown);
      if (pageCount > tables.pagesMax) makeRoomFor(pageCount);
      for (let from = 0; from < length;) {
        if (position === tables.positionsMax) {
          tables.renumber();
          position = live;
        }
        const count = Math.min(length - from, CHUNK_ACCESSES, tables.positionsMax - position);
        live = tables.take(page.subarray(from, from + count), position, live);
        position += count;
        from += count;
      }
    },
    histogram() {
      const counts = tables.counts();
      const carries = tables.carries();
      const histogram = new Float64Array(pageCount);
      for (let d = 0; d < pageCount; d++) histogram[d] = 256 * carries[d] + counts[d];
      return histogram;
    },
  };
}

/** The kernel over tables for so many pages. */
interface Tables {
  readonly pagesMax: number;
  readonly positionsMax: number;
  /** By page, the position of its last access plus 1. */
  last(): Uint32Array;
  /** By distance, the low 8 bits of how many accesses there were: a table for every access is small. */
  counts(): Uint8Array;
  /** The bits above. */
  carries(): Uint32Array;
  /** Takes accesses at positions from `position` on; returns how many positions are live after them. */
  take(page: Readonly<Uint32Array>, position: number, live: number): number;
  /** Renumbers the live positions from 0 on. */
  renumber(): void;
}

function createTables(pagesMax: number): Tables {
  const positionsMax = Math.ceil((POSITIONS_PER_PAGE * pagesMax) / POSITIONS_STEP) * POSITIONS_STEP;
  const sizes = {
    chunk: 4 * CHUNK_ACCESSES,
    last: 4 * pagesMax,
    counts: pagesMax,
    carries: 4 * pagesMax,
    bits: positionsMax / 8,
    words: positionsMax / 64,
    blocks: positionsMax / 512,
    regions: positionsMax / 8192,
    areas: 64 * Math.ceil(positionsMax / 2 ** 22),
    worlds: 4 * Math.ceil(positionsMax / 2 ** 22),
  };
  const bytes = Object.values(sizes).reduce((sum, size) => sum + size + 16, 1 << 20);
  const { kernels, memory } = instantiateKernels(Math.ceil(bytes / WASM_PAGE_BYTES));
  const at = {} as Record<keyof typeof sizes, number>;
  let next = kernels.heapBase();
  for (const [name, size] of Object.entries(sizes) as [keyof typeof sizes, number][]) {
    at[name] = next;
    next += Math.ceil(size / 16) * 16;
  }
  const dead = [at.bits, at.words, at.blocks, at.regions, at.areas, at.worlds] as const;
  const column = (offset: number, length: number): Uint32Array =>
    new Uint32Array(memory.buffer, offset, length);
  return {
    pagesMax,
    positionsMax,
    last: () => column(at.last, pagesMax),
    counts: () => new Uint8Array(memory.buffer, at.counts, pagesMax),
    carries: () => column(at.carries, pagesMax),
    take(page, position, live) {
      column(at.chunk, page.length).set(page);
      const [start, count] = [at.chunk, page.length];
      const kept = [at.last, at.counts, at.carries] as const;
      return kernels.stackDistances(start, count, ...kept, ...dead, position, live) >>> 0;
    },
    renumber() {
      kernels.renumberPositions(at.last, pagesMax, ...dead);
      new Uint8Array(memory.buffer, at.bits, next - at.bits).fill(0);
    },
  };
}
