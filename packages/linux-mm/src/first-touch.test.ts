import { expect, test } from 'vitest';
import { mapHugePage, placeResident } from './first-touch.ts';
import { age } from './generation-walks.ts';
import { PAGES_PER_PMD } from './memory.ts';
import { tinyKernel } from './tiny-kernel.testing.ts';

/** Huge pages touched in order; the node of each. */
function nodesOfHugePages(fastPages: number, count: number): number[] {
  const kernel = tinyKernel({ fast: fastPages, slow: 4000 }, count * PAGES_PER_PMD);
  return Array.from({ length: count }, (_, i) => {
    expect(mapHugePage(kernel, i * PAGES_PER_PMD, 0)).toBe(true);
    return kernel.memory.nodeOf[i * PAGES_PER_PMD];
  });
}

test('a huge page takes its own node down to the minimum before it takes another', () => {
  // the first leaves 1041 - 512 and a page table's page: 528, of which a block leaves 16, between 10 and 20
  expect(nodesOfHugePages(1041, 3)).toEqual([0, 0, 1]);
});

test('each puts a page table by, which comes off the next one’s free memory', () => {
  // 1035 - 512 - 1 leave a block's 511 and 11, above the minimum of 10
  expect(nodesOfHugePages(1035, 2)).toEqual([0, 0]);
  expect(nodesOfHugePages(1034, 2)).toEqual([0, 1]);
});

// A file's page that is mapped is among the older until a walk finds its entry young; one that is not mapped stays there.
test('of the pages that were there before, a walk brings those up that are mapped', () => {
  const kernel = tinyKernel({ fast: 1000, slow: 1000 }, 8);
  const { memory, walked, generationOf } = kernel;
  const [fast] = kernel.generations;
  for (let page = 0; page < 8; page++)
    placeResident(kernel, page, 0, { active: false, accessed: page < 5 });
  expect(memory.zones[0].freePages).toBe(1000);
  expect(age(memory, fast, generationOf, walked)).toMatchObject({
    entries: 8,
    young: 5,
    rejuvenated: 5,
  });
});
