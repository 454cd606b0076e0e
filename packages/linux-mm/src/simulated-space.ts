import type { PageIndex } from '@tierlab/policy';
import {
  endOfPmd,
  layOutAddressSpace,
  type AddressSpace,
  type MemoryArea,
} from './address-space.ts';
import { PAGES_PER_PMD, type KernelMemory } from './memory.ts';

/** Mapped pages further apart than this are taken for different mappings: a trace does not tell them. */
const AREA_GAP_PAGES = PAGES_PER_PMD;

/** Address space of one process, in pages: the processes' lie one after the other, each at the border of a PMD. */
const PROCESS_PAGES = 2 ** 40;

/** The mapped pages of every process in address order, in areas that are a gap apart. */
export interface SimulatedSpace {
  /** As they are now. What the call before returned still has its pages, but does not find them any more. */
  layOut(): AddressSpace;
}

/** The address space of a run, whose columns grow with its pages. */
export function createSimulatedSpace(pages: PageIndex, memory: KernelMemory): SimulatedSpace {
  /** Page ids by position: of the last layout, and of the one before it. */
  let pageAt = new Uint32Array(0);
  let before = new Uint32Array(0);
  let laidOut = 0;
  /** Few pages are looked for between two layouts, so that their positions are not kept. */
  const positionOf = (page: number): number => {
    // Ids are in the order of first touch.
    if (page >= laidOut) return -1;
    const { processOf, pageNumber } = pages;
    const process = processOf[page];
    const number = pageNumber[page];
    let low = 0;
    let high = laidOut - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = pageAt[middle];
      const earlier = processOf[other] - process || pageNumber[other] - number;
      if (earlier < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    layOut() {
      [pageAt, before] = [before, pageAt];
      if (pageAt.length < pages.pageCount) pageAt = new Uint32Array(2 * pages.pageCount);
      const areas: MemoryArea[] = [];
      const pmdStarts: number[] = [];
      laidOut = 0;
      for (let process = 0; process < pages.processCount; process++) {
        const mapped = pages.inRange(process, 0, Number.MAX_SAFE_INTEGER);
        pageAt.set(mapped, laidOut);
        placeAreas(pages, process, mapped, laidOut, areas, pmdStarts);
        laidOut += mapped.length;
      }
      const space = layOutAddressSpace(areas, pmdStarts, pageAt.subarray(0, laidOut), positionOf);
      noteHugePages(pages, memory, space);
      return space;
    },
  };
}

/** Adds the areas and the PMDs of one process, whose first page is at position `start`. */
function placeAreas(
  { pageNumber }: PageIndex,
  process: number,
  mapped: Readonly<Uint32Array>,
  start: number,
  areas: MemoryArea[],
  pmdStarts: number[],
): void {
  let areaStart = 0;
  const endArea = (end: number): void => {
    if (end === areaStart) return;
    const virtualPage = process * PROCESS_PAGES + pageNumber[mapped[areaStart]];
    const pageCount = end - areaStart;
    areas.push({ start: start + areaStart, pageCount, virtualPage, readOnlyFile: false });
    areaStart = end;
  };
  let previous = Infinity;
  for (let i = 0; i < mapped.length;) {
    const number = pageNumber[mapped[i]];
    if (number - previous > AREA_GAP_PAGES) endArea(i);
    pmdStarts.push(start + i);
    i = firstFrom(mapped, pageNumber, i + 1, endOfPmd(number));
    previous = pageNumber[mapped[i - 1]];
  }
  endArea(mapped.length);
}

/** Marks the PMDs that map a huge page, and names the pages' folio. */
function noteHugePages(pages: PageIndex, memory: KernelMemory, space: AddressSpace): void {
  for (let pmd = 0; pmd < space.pmdHuge.length; pmd++) {
    const head = pages.folioHead(space.pageAt[space.pmdStart[pmd]]);
    if (pages.folioPages(head) === 1) continue;
    space.pmdHuge[pmd] = 1;
    for (let position = space.pmdStart[pmd]; position < space.pmdStart[pmd + 1]; position++)
      memory.folioOf[space.pageAt[position]] = head;
  }
}

/** Index of the first of the pages `mapped`, sorted by number, from `from` on whose number is at least `number`: near it, most often. */
function firstFrom(
  mapped: Readonly<Uint32Array>,
  pageNumber: Readonly<Float64Array>,
  from: number,
  number: number,
): number {
  let low = from;
  let step = 1;
  while (low + step <= mapped.length && pageNumber[mapped[low + step - 1]] < number) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step - 1, mapped.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pageNumber[mapped[middle]] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
