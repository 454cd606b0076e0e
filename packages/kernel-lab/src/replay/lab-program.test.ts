import { PAGES_PER_PMD, type KernelVersion } from '@tierlab/linux-mm';
import { expect, test } from 'vitest';
import { measuredGuest } from './guest-costs.ts';
import { programPages, programSpace } from './lab-program.ts';
import { olderPages } from './replay-record.ts';

/** Where the program's arrays lie, and how many pages of the mapping precede its first border of huge pages. */
function layout(mapping: number, kernel: KernelVersion): string {
  const pages = programPages(mapping, olderPages(measuredGuest('6.12')));
  const space = programSpace(pages, kernel, 7);
  const first = space.positionOf(0);
  const arrays = space.positionOf(pages.statusFirst) < first ? 'below' : 'above';
  const pmd = space.pmdOf(first);
  return `${arrays}, ${(space.pmdStart[pmd + 1] - first) % PAGES_PER_PMD}`;
}

// The highest place is 7 pages below a border of huge pages. Pages by address, upwards:
//   80000: arrays | mapping, which ends 7 below a border and is 156 huge pages and 128: 135 to its first border
//   81920: mapping from a border to one | 505 free, of which the arrays take the upper 242
// Held against /proc/self/maps and change_protection of a traced kernel: the second pass of `thp-hot` meets 163 base pages.
test.each([
  [80_000, '6.12', 'below, 135'],
  [81_920, '6.12', 'above, 0'],
  [81_920, '6.1', 'below, 7'],
] as const)('%d pages under %s: arrays %s', (mapping, kernel, expected) => {
  expect(layout(mapping, kernel)).toBe(expected);
});

test('arrays that the gap above an aligned mapping cannot hold are below it', () => {
  expect(layout(400 * PAGES_PER_PMD, '6.12')).toBe('below, 0');
});

// The first turn of kswapd in `thp-hot` demotes 318 small pages: 161 of the addresses, one of the other array, and 156 that
// were there before. What is mapped, it leaves for later.
test('as many older pages as the kernel finds idle', () => {
  const { unmappedFileCount, olderCount, recentCount, mappedFileCount, small } = programPages(
    81_920,
    olderPages(measuredGuest('6.12')),
  );
  const idle =
    unmappedFileCount + olderCount + recentCount + small.reduce((sum, { pages }) => sum + pages, 0);
  expect(idle).toBeGreaterThanOrEqual(150);
  expect(idle).toBeLessThanOrEqual(162);
  expect(mappedFileCount).toBeGreaterThan(500);
});

// By address: zeroed data and heap below all else but the files, then arrays and mapping, vDSO and stack above.
test('the small mappings have their places, and the page of the stack in use is none of them', () => {
  const own = {
    bss: { pages: 2, busy: 0, reporting: 2 },
    heap: { pages: 5, busy: 3, reporting: 4 },
    stack: { pages: 2, busy: 1, reporting: 2 },
  };
  const pages = programPages(80_000, {
    files: 720,
    mappedFiles: 594,
    smallMappings: 32,
    olderSmallMappings: 10,
    own,
  });
  const [bss, heap, vdso, stack] = pages.small;
  expect(pages.olderCount).toBe(10 + 1);
  expect(pages.recentCount).toBe(32 - (10 + 1) - (2 + 5 + 1));
  expect(
    [bss, heap, vdso, stack].map(({ pages, busy, reporting }) => [pages, busy, reporting]),
  ).toEqual([
    [2, 0, 2],
    [5, 3, 4],
    [0, 0, 0],
    [1, 0, 1],
  ]);
  const space = programSpace(pages, '6.12', 7);
  const order = [bss.first, bss.first + 1, heap.first, pages.addressFirst, 0, 79_999]
    .concat(vdso.first, stack.first)
    .map((page) => space.positionOf(page));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(space.positionOf(stack.first)).toBe(space.pageAt.length - 1);
});
