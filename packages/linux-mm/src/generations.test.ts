import { describe, expect, test } from 'vitest';
import type { Kernel } from './kernel.ts';
import { age, testReferenced } from './generation-walks.ts';
import { isolateOldest, noteTouch, removeFolio, shouldAge } from './generations.ts';
import { tinyKernel, touchAll } from './tiny-kernel.testing.ts';
import type { KernelVersion } from './versions.ts';

/** 1,024 pages in two page tables, all on the fast node. */
function youngKernel(version: KernelVersion = '6.12'): Kernel {
  const kernel = tinyKernel({ fast: 2000, slow: 2000 }, 1024, { kernel: version });
  touchAll(kernel);
  kernel.space.pmdAccessed.fill(1);
  kernel.walked.ranSinceWalk.fill(1);
  return kernel;
}

const ageFast = (kernel: Kernel): ReturnType<typeof age> =>
  age(kernel.memory, kernel.generations[0], kernel.generationOf, kernel.walked);

/** Sequence number of a page's generation. */
function seqOf(kernel: Kernel, page: number): number {
  const { minSeq, maxSeq } = kernel.generations[0];
  for (let seq = minSeq; seq <= maxSeq; seq++)
    if (kernel.generationOf[page] - 1 === seq % 4) return seq;
  return -1;
}

test('a walk clears the accessed bits and opens a generation above the young', () => {
  const kernel = youngKernel();
  const { maxSeq } = kernel.generations[0];
  // Touched for the first time they are in the youngest generation already: all young, none moves.
  expect(ageFast(kernel)).toEqual({
    entries: 1024,
    leftAlone: 0,
    young: 1024,
    rejuvenated: 0,
  });
  expect(kernel.generations[0].maxSeq).toBe(maxSeq + 1);
  expect(kernel.memory.accessed[0]).toBe(0);
});

test('what was touched since the last walk moves up, the rest stays behind', () => {
  const kernel = youngKernel();
  ageFast(kernel);
  kernel.memory.accessed[5] = 1;
  kernel.space.pmdAccessed.fill(1);
  kernel.walked.ranSinceWalk.fill(1);
  expect(ageFast(kernel)).toMatchObject({ entries: 1024, young: 1, rejuvenated: 1 });
  expect(seqOf(kernel, 5)).toBe(seqOf(kernel, 6) + 1);
});

test('a page table with fewer young entries than cache lines is left out of the next walk', () => {
  const kernel = youngKernel();
  const walk = (touched: readonly number[]): number => {
    kernel.space.pmdAccessed.fill(1);
    kernel.walked.ranSinceWalk.fill(1);
    for (const page of touched) kernel.memory.accessed[page] = 1;
    return ageFast(kernel).entries;
  };
  // 512 entries are 64 lines: 64 young entries are worth it, 63 are not.
  const worth = Array.from({ length: 64 }, (_, i) => i);
  const little = Array.from({ length: 63 }, (_, i) => 512 + i);
  expect([walk([]), walk([...worth, ...little]), walk([])]).toEqual([1024, 1024, 512]);
});

test('young entries of another node are left alone', () => {
  const kernel = youngKernel();
  for (let page = 0; page < 300; page++) kernel.memory.nodeOf[page] = 1;
  expect(ageFast(kernel)).toMatchObject({ entries: 1024, leftAlone: 300, young: 724 });
  expect(kernel.memory.accessed[0]).toBe(1);
});

test('eviction sorts what a walk has moved, before it takes the oldest', () => {
  const kernel = youngKernel();
  const { memory, generationOf } = kernel;
  const [generations] = kernel.generations;
  const isolate = (): ReturnType<typeof isolateOldest> =>
    isolateOldest(memory, generations, generationOf, memory.nodes[0].zones);
  ageFast(kernel);
  isolate(); // drops the generations without pages
  walkAgain(
    kernel,
    Array.from({ length: 100 }, (_, page) => page),
  );
  const found = isolate();
  expect(found).toMatchObject({ sorted: 100, isolatedPages: 64, scannedPages: 164 });
  expect(found.folios[0]).toBe(100);
});

test('since 6.12 the first walk looks into every page table and leaves their own bits as they are', () => {
  const kernel = youngKernel();
  kernel.space.pmdAccessed[1] = 0;
  expect(ageFast(kernel).entries).toBe(1024);
  expect([...kernel.space.pmdAccessed]).toEqual([1, 0]);
  const before = youngKernel('6.1');
  before.space.pmdAccessed[1] = 0;
  expect(ageFast(before).entries).toBe(512);
  expect([...before.space.pmdAccessed]).toEqual([0, 0]);
});

test('later a page table whose own bit is not set, and a task that did not run, are not walked', () => {
  const kernel = youngKernel();
  kernel.space.pmdAccessed[1] = 0;
  ageFast(kernel);
  kernel.walked.ranSinceWalk.fill(1);
  // Nothing was touched since: of the table that the first walk left its bit, all entries are old.
  expect(ageFast(kernel)).toMatchObject({ entries: 512, young: 0 });
  expect([...kernel.space.pmdAccessed]).toEqual([0, 0]);
  kernel.space.pmdAccessed.fill(1);
  expect(ageFast(kernel).entries).toBe(0);
});

test('looking around a young page takes the 64 entries about it along', () => {
  const kernel = youngKernel();
  ageFast(kernel);
  ageFast(kernel);
  kernel.memory.accessed.fill(1);
  const [generations] = kernel.generations;
  expect(testReferenced(kernel.memory, generations, kernel.generationOf, kernel.walked, 100)).toBe(
    true,
  );
  const young = [...kernel.space.pageAt].filter(
    (page) => seqOf(kernel, page) === generations.maxSeq,
  );
  // 32 before and 31 after it; the page itself moves when it is put back.
  expect([young[0], young.at(-1), young.length]).toEqual([68, 131, 63]);
  expect(kernel.memory.accessed[100]).toBe(0);
});

test('aging is due when two generations are left, or when the balance of four is off', () => {
  const kernel = youngKernel();
  const [generations] = kernel.generations;
  const shape = (minSeq: number, maxSeq: number, pages: readonly number[]): boolean => {
    Object.assign(generations, { minSeq, maxSeq });
    for (let i = 0; i < 4; i++) generations.pages[(minSeq + i) % 4] = pages[i] ?? 0;
    return shouldAge(generations);
  };
  expect(shape(4, 5, [500, 500])).toBe(true);
  expect(shape(4, 7, [1, 1, 1, 1])).toBe(false);
  expect(shape(4, 6, [300, 400, 300])).toBe(false);
  expect(shape(4, 6, [300, 100, 600])).toBe(true); // more than half are young
  expect(shape(4, 6, [200, 500, 300])).toBe(true); // fewer than a quarter are old
});

/** Walks after the pages were touched. */
const walkAgain = (kernel: Kernel, touched: readonly number[]): ReturnType<typeof age> => {
  kernel.space.pmdAccessed.fill(1);
  kernel.walked.ranSinceWalk.fill(1);
  for (const page of touched) kernel.memory.accessed[page] = 1;
  return ageFast(kernel);
};

/** The accessed bit of page 100, which eviction holds, after a look around page 99. */
const accessedWhileHeld = (version: KernelVersion): number => {
  const kernel = youngKernel(version);
  const [generations] = kernel.generations;
  removeFolio(kernel.memory, generations, kernel.generationOf, 100, true);
  testReferenced(kernel.memory, generations, kernel.generationOf, kernel.walked, 99);
  return kernel.memory.accessed[100];
};

describe('since 6.14', () => {
  /** As many of one page table as make it worth the next walk. */
  const worth = Array.from({ length: 64 }, (_, i) => i);

  test('what a fault brings in starts below the youngest, and two touches make it youngest', () => {
    const kernel = youngKernel('6.14');
    const [generations] = kernel.generations;
    expect(seqOf(kernel, 5)).toBe(generations.maxSeq - 1);
    // The touch that mapped it is the first: it marks all and moves none.
    expect(walkAgain(kernel, [])).toMatchObject({ entries: 1024, young: 1024, rejuvenated: 0 });
    expect(walkAgain(kernel, worth)).toMatchObject({ young: 64, rejuvenated: 64 });
    expect(seqOf(kernel, 5)).toBe(generations.maxSeq - 1); // a generation opened after the walk
    // Of the working set, they need one touch alone.
    expect(walkAgain(kernel, worth)).toMatchObject({ young: 64, rejuvenated: 64 });
  });

  test('a folio whose generation is dropped starts over', () => {
    const kernel = youngKernel('6.14');
    walkAgain(kernel, []);
    expect(kernel.memory.referenced[100]).toBe(1);
    while (seqOf(kernel, 100) > kernel.generations[0].minSeq) walkAgain(kernel, worth);
    walkAgain(kernel, worth); // four generations: the oldest is merged into the next
    expect(kernel.memory.referenced[100]).toBe(0);
    expect(walkAgain(kernel, [...worth, 100])).toMatchObject({ young: 65, rejuvenated: 64 });
  });

  test('eviction keeps a folio at its first touch and activates it at the second', () => {
    const kernel = youngKernel('6.14');
    const [generations] = kernel.generations;
    expect(noteTouch(kernel.memory, generations, 9)).toBe(false);
    expect(noteTouch(kernel.memory, generations, 9)).toBe(true);
    expect([kernel.memory.referenced[9], kernel.memory.workingset[9]]).toEqual([0, 1]);
    expect(noteTouch(youngKernel().memory, youngKernel().generations[0], 9)).toBe(true);
  });

  test('what eviction holds is neither walked over nor seen by a look around: its own test finds it', () => {
    expect([accessedWhileHeld('6.12'), accessedWhileHeld('6.14')]).toEqual([0, 1]);
  });

  test('three generations are too few, whatever is in them', () => {
    const [generations] = youngKernel('6.14').generations;
    Object.assign(generations, { minSeq: 4, maxSeq: 6 });
    for (const [i, pages] of [300, 400, 300].entries()) generations.pages[(4 + i) % 4] = pages;
    expect(shouldAge(generations)).toBe(true);
  });
});
