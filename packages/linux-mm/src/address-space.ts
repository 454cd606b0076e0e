import { PAGES_PER_PMD } from './memory.ts';

/** One mapping: a run of positions in address order whose virtual addresses are contiguous. */
export interface MemoryArea {
  /** First position in address order. */
  readonly start: number;
  readonly pageCount: number;
  /** Virtual page number of the first page. */
  readonly virtualPage: number;
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

/** Describes the mappings of one task. `pages`: page ids of each area in address order; areas ascend in address. */
export function createAddressSpace(
  pageCount: number,
  areas: readonly { readonly virtualPage: number; readonly pages: Uint32Array }[],
): AddressSpace {
  let total = 0;
  for (const area of areas) total += area.pages.length;
  const pageAt = new Uint32Array(total);
  const positionOf = new Int32Array(pageCount).fill(-1);
  const pmdOfPosition = new Uint32Array(total);
  const areaOfPosition = new Uint16Array(total);
  const pmdStart: number[] = [];
  const placed: MemoryArea[] = [];
  let position = 0;
  let lastPmd = -1;
  for (const [index, area] of areas.entries()) {
    placed.push({ start: position, pageCount: area.pages.length, virtualPage: area.virtualPage });
    for (let i = 0; i < area.pages.length; i++) {
      const pmd = Math.floor((area.virtualPage + i) / PAGES_PER_PMD);
      if (pmd !== lastPmd) {
        pmdStart.push(position);
        lastPmd = pmd;
      }
      pageAt[position] = area.pages[i];
      positionOf[area.pages[i]] = position;
      pmdOfPosition[position] = pmdStart.length - 1;
      areaOfPosition[position] = index;
      position++;
    }
  }
  const pmdCount = pmdStart.length;
  pmdStart.push(total);
  return {
    areas: placed,
    pageAt,
    positionOf,
    pmdStart: Uint32Array.from(pmdStart),
    pmdAccessed: new Uint8Array(pmdCount),
    pmdHuge: new Uint8Array(pmdCount),
    pmdPopulated: new Uint8Array(pmdCount),
    pmdOf: (at) => pmdOfPosition[at],
    areaOf: (at) => areaOfPosition[at],
  };
}
