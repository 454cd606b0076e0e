import { expect, test } from 'vitest';
import { createAddressSpace } from './address-space.ts';
import { createScanner, extendScanner } from './numa-scan.ts';
import { extendFilters } from './generation-walks.ts';
import { createGenerations } from './generations.ts';
import { tinyKernel } from './tiny-kernel.testing.ts';
import { rulesOf } from './versions.ts';

const pages = (first: number, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => first + i);

test('a page table is where 2 MiB of addresses begin, and two mappings may share one', () => {
  const space = createAddressSpace(1100, [
    { virtualPage: 500, pages: pages(0, 100) },
    { virtualPage: 700, pages: pages(100, 1000) },
  ]);
  expect([...space.pmdStart]).toEqual([0, 12, 424, 936, 1100]);
  expect(space.pmdOf(100)).toBe(space.pmdOf(99));
  expect([space.areaOf(99), space.areaOf(100)]).toEqual([0, 1]);
});

test('when mappings appear below, the scanner goes on where it was, with what it knows of each', () => {
  const kernel = tinyKernel({ fast: 100, slow: 2000 }, 1024);
  const scanner = createScanner(kernel);
  scanner.areas[0].lastSeq = 7;
  scanner.offset = 600;
  const before = kernel.space;
  kernel.space = createAddressSpace(1100, [
    { virtualPage: 0, pages: pages(1024, 76) },
    { virtualPage: 512, pages: pages(0, 1024) },
  ]);
  extendScanner(kernel, scanner, before);
  expect(scanner.offset).toBe(676);
  expect(scanner.areas.map(({ lastSeq }) => lastSeq)).toEqual([-1, 7]);
});

test('a filter of page tables keeps those that it had; new ones are not in it', () => {
  const generations = createGenerations(0, 0, 1, rulesOf('6.12'));
  const before = createAddressSpace(1024, [{ virtualPage: 512, pages: pages(0, 1024) }]);
  const after = createAddressSpace(1100, [
    { virtualPage: 0, pages: pages(1024, 76) },
    { virtualPage: 512, pages: pages(0, 1024) },
  ]);
  generations.worthWalking[0] = Uint8Array.of(0, 1);
  extendFilters(generations, before, after);
  expect(generations.worthWalking).toEqual([Uint8Array.of(0, 0, 1), undefined]);
});
