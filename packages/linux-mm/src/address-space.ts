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
  /** Position by page id; -1: not of this address space. */
  readonly positionOf: Int32Array;
  /** First position of each PMD, and one entry past the last. */
  readonly pmdStart: Uint32Array;
  /** The PMD's own accessed bit: set when the hardware walks through it. */
  readonly pmdAccessed: Uint8Array;
  /** The PMD maps one huge page. */
  readonly pmdHuge: Uint8Array;
  /** The PMD has its page-table page. */
  readonly pmdPopulated: Uint8Array;
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
  const pmdStart: number[] = [];
  let start = 0;
  let pmdEnd = -Infinity;
  for (const { virtualPage, pages } of areas) {
    for (let i = 0; i < pages.length; i++) {
      if (virtualPage + i < pmdEnd) continue;
      pmdStart.push(start + i);
      pmdEnd = endOfPmd(virtualPage + i);
    }
    start += pages.length;
  }
  return layOutAddressSpace(pageCount, areas, pmdStart);
}

/** Virtual page number at which the PMD of a page ends. */
export function endOfPmd(virtualPage: number): number {
  return (Math.floor(virtualPage / PAGES_PER_PMD) + 1) * PAGES_PER_PMD;
}

/** Describes mappings whose PMDs start at the given positions, the first at 0. */
export function layOutAddressSpace(
  pageCount: number,
  areas: readonly MappedArea[],
  pmdStarts: readonly number[],
): AddressSpace {
  let total = 0;
  const placed = areas.map(({ virtualPage, pages, readOnlyFile = false }): MemoryArea => {
    const start = total;
    total += pages.length;
    return { start, pageCount: pages.length, virtualPage, readOnlyFile };
  });
  const pageAt = new Uint32Array(total);
  const positionOf = new Int32Array(pageCount).fill(-1);
  const pmdOfPosition = new Uint32Array(total);
  const areaOfPosition = new Uint32Array(total);
  for (const [index, { pages }] of areas.entries()) {
    const { start } = placed[index];
    pageAt.set(pages, start);
    areaOfPosition.fill(index, start, start + pages.length);
  }
  for (let position = 0; position < total; position++) positionOf[pageAt[position]] = position;
  const pmdCount = pmdStarts.length;
  const pmdStart = Uint32Array.from([...pmdStarts, total]);
  for (let pmd = 0; pmd < pmdCount; pmd++)
    pmdOfPosition.fill(pmd, pmdStart[pmd], pmdStart[pmd + 1]);
  return {
    areas: placed,
    pageAt,
    positionOf,
    pmdStart,
    pmdAccessed: new Uint8Array(pmdCount),
    pmdHuge: new Uint8Array(pmdCount),
    pmdPopulated: new Uint8Array(pmdCount),
    pmdOf: (at) => pmdOfPosition[at],
    areaOf: (at) => areaOfPosition[at],
  };
}
