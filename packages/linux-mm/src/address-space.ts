import { PAGES_PER_PMD } from './memory.ts';

/** One mapping: a run of positions in address order whose virtual addresses are contiguous, or nearly. */
export interface MemoryArea {
  /** First position in address order. */
  readonly start: number;
  readonly pageCount: number;
  /** Virtual page number of the first page. */
  readonly virtualPage: number;
  /** A file that can only be read is mapped: the hint-fault scanner leaves it alone. */
  readonly readOnlyFile: boolean;
}

/** A task's mappings in address order, and the page tables that map them, one for every PMD that holds a page. */
export interface AddressSpace {
  readonly areas: readonly MemoryArea[];
  /** Page id by position in address order. */
  readonly pageAt: Uint32Array;
  /** First position of each PMD, and one entry past the last. */
  readonly pmdStart: Uint32Array;
  /** The PMD's own accessed bit: set when the hardware walks through it. */
  readonly pmdAccessed: Uint8Array;
  /** The PMD maps one huge page. */
  readonly pmdHuge: Uint8Array;
  /** The PMD has its page-table page. */
  readonly pmdPopulated: Uint8Array;
  /** -1: the page is not of this address space. */
  positionOf(page: number): number;
  pmdOf(position: number): number;
  areaOf(position: number): number;
}

/** One mapping as an address space is made of: its page ids in address order. */
export interface MappedArea {
  /** Virtual page number of the first page. */
  readonly virtualPage: number;
  readonly pages: Readonly<Uint32Array>;
  /** See {@link MemoryArea}; not unless given. */
  readonly readOnlyFile?: boolean;
}

/** Describes the mappings of one task, each without holes; areas ascend in address. */
export function createAddressSpace(pageCount: number, areas: readonly MappedArea[]): AddressSpace {
  const placed: MemoryArea[] = [];
  const pmdStarts: number[] = [];
  let start = 0;
  let pmdEnd = -Infinity;
  for (const { virtualPage, pages, readOnlyFile = false } of areas) {
    placed.push({ start, pageCount: pages.length, virtualPage, readOnlyFile });
    for (let i = 0; i < pages.length; i++) {
      if (virtualPage + i < pmdEnd) continue;
      pmdStarts.push(start + i);
      pmdEnd = endOfPmd(virtualPage + i);
    }
    start += pages.length;
  }
  const pageAt = new Uint32Array(start);
  for (const [index, { pages }] of areas.entries()) pageAt.set(pages, placed[index].start);
  const positions = new Int32Array(pageCount).fill(-1);
  for (let position = 0; position < start; position++) positions[pageAt[position]] = position;
  return layOutAddressSpace(placed, pmdStarts, pageAt, (page) => positions[page]);
}

/** Virtual page number at which the PMD of a page ends. */
export function endOfPmd(virtualPage: number): number {
  return (Math.floor(virtualPage / PAGES_PER_PMD) + 1) * PAGES_PER_PMD;
}

/** Describes mappings whose PMDs start at the given positions, the first at 0. The column becomes that of the address space. */
export function layOutAddressSpace(
  areas: readonly MemoryArea[],
  pmdStarts: readonly number[],
  pageAt: Uint32Array,
  positionOf: AddressSpace['positionOf'],
): AddressSpace {
  const pmdCount = pmdStarts.length;
  const pmdStart = new Uint32Array(pmdCount + 1);
  pmdStart.set(pmdStarts);
  pmdStart[pmdCount] = pageAt.length;
  const areaStart = new Uint32Array(areas.map(({ start }) => start));
  return {
    areas,
    pageAt,
    positionOf,
    pmdStart,
    pmdAccessed: new Uint8Array(pmdCount),
    pmdHuge: new Uint8Array(pmdCount),
    pmdPopulated: new Uint8Array(pmdCount),
    pmdOf: (at) => lastAtMost(pmdStart, pmdCount, at),
    areaOf: (at) => lastAtMost(areaStart, areaStart.length, at),
  };
}

/** Index of the last of the first `count` ascending starts that is at most `position`. */
function lastAtMost(starts: Uint32Array, count: number, position: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle] <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
