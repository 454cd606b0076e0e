import type { PageIndex } from '@tierlab/policy';
import {
  endOfPmd,
  layOutAddressSpace,
  type AddressSpace,
  type MappedArea,
} from './address-space.ts';
import { PAGES_PER_PMD, type KernelMemory } from './memory.ts';

/** Mapped pages further apart than this are taken for different mappings: a trace does not tell them. */
const AREA_GAP_PAGES = PAGES_PER_PMD;

/** Address space of one process, in pages: the processes' lie one after the other, each at the border of a PMD. */
const PROCESS_PAGES = 2 ** 40;

/** Mapped pages of every process in address order, in areas that are a gap apart. */
export function simulatedSpace(pages: PageIndex, memory: KernelMemory): AddressSpace {
  const { pageNumber } = pages;
  const areas: MappedArea[] = [];
  const pmdStarts: number[] = [];
  let start = 0;
  for (let process = 0; process < pages.processCount; process++) {
    const mapped = pages.inRange(process, 0, Number.MAX_SAFE_INTEGER);
    let areaStart = 0;
    const endArea = (end: number): void => {
      if (end === areaStart) return;
      const virtualPage = process * PROCESS_PAGES + pageNumber[mapped[areaStart]];
      areas.push({ virtualPage, pages: mapped.subarray(areaStart, end) });
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
    start += mapped.length;
  }
  const space = layOutAddressSpace(pages.pageCount, areas, pmdStarts);
  for (let pmd = 0; pmd < space.pmdHuge.length; pmd++) {
    const head = pages.folioHead(space.pageAt[space.pmdStart[pmd]]);
    if (pages.folioPages(head) === 1) continue;
    space.pmdHuge[pmd] = 1;
    for (let position = space.pmdStart[pmd]; position < space.pmdStart[pmd + 1]; position++)
      memory.folioOf[space.pageAt[position]] = head;
  }
  return space;
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
