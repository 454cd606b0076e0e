import type { PageIndex } from '@tierlab/policy';
import { expect, test } from 'vitest';
import type { AddressSpace } from './address-space.ts';
import { createSimulatedSpace } from './simulated-space.ts';
import { tinyKernel } from './tiny-kernel.testing.ts';

/** Pages of two processes as the run has them: `[process, number]` by id. */
function indexOf(mapped: readonly (readonly [process: number, number: number])[]): PageIndex {
  const index: Partial<PageIndex> = {
    pageCount: mapped.length,
    processCount: 2,
    processOf: Uint8Array.from(mapped, ([process]) => process),
    pageNumber: Float64Array.from(mapped, ([, number]) => number),
    folioHead: (page) => page,
    folioPages: () => 1,
    inRange: (process) =>
      Uint32Array.from(
        [...mapped.keys()]
          .filter((page) => mapped[page][0] === process)
          .toSorted((a, b) => mapped[a][1] - mapped[b][1]),
      ),
  };
  return index as PageIndex;
}

/** The pages of each area, `|` where a page table begins: `510 | 512`. */
function show(space: AddressSpace): string {
  const { areas, pageAt, pmdStart } = space;
  return areas
    .map(({ start, pageCount, virtualPage }, area) => {
      const shown = Array.from(pageAt.subarray(start, start + pageCount), (page, i) => {
        const position = space.positionOf(page);
        expect([position, space.areaOf(position)]).toEqual([start + i, area]);
        const begins = pmdStart[space.pmdOf(position)] === position;
        return (begins ? '| ' : '') + page;
      });
      return `${virtualPage}: ${shown.join(' ')}`;
    })
    .join(', ');
}

//  process 0, by number:  509 510 511 | 512 513, a gap of more than 512, 2000;  process 1: 3
test('areas are more than 512 pages apart, and a page table maps 512 numbers of one process', () => {
  const { memory } = tinyKernel({ fast: 100, slow: 100 }, 64);
  const pages = indexOf([[0, 512], [0, 510], [1, 3], [0, 2000], [0, 513], [0, 509], [0, 511]]); // prettier-ignore
  expect(show(createSimulatedSpace(pages, memory).layOut())).toBe(
    `509: | 5 1 6 | 0 4, 2000: | 3, ${2 ** 40 + 3}: | 2`,
  );
});

test('a space that grew is the one that is made at once, and the one before stays as it was', () => {
  const { memory } = tinyKernel({ fast: 100, slow: 100 }, 4096);
  // 7919 is a prime: every number below 3 * 4096 comes once, here and there.
  const all = Array.from({ length: 3000 }, (_, i): [number, number] => [
    i % 5 === 0 ? 1 : 0,
    (i * 7919) % 12_288,
  ]);
  const growing = { ...indexOf([]) };
  const grown = createSimulatedSpace(growing, memory);
  let before: Uint32Array = Uint32Array.of();
  let copy = '';
  for (const count of [3, 4, 50, 700, 701, 1500, 3000]) {
    Object.assign(growing, indexOf(all.slice(0, count)));
    const space = grown.layOut();
    const atOnce = createSimulatedSpace(indexOf(all.slice(0, count)), memory).layOut();
    expect(show(space)).toBe(show(atOnce));
    expect(before.join(' ')).toBe(copy);
    before = space.pageAt;
    copy = before.join(' ');
  }
});
