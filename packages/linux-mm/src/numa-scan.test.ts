import { expect, test } from 'vitest';
import { createAddressSpace } from './address-space.ts';
import type { Kernel } from './kernel.ts';
import { hintFault } from './numa-fault.ts';
import {
  createScanner,
  extendScanner,
  scannerTick,
  scanPeriodMin,
  scanTask,
  type NumaScanner,
} from './numa-scan.ts';
import { tinyKernel, touchAll } from './tiny-kernel.testing.ts';

const TICK_NS = 4_000_000;

/** 400 pages, 180 of them on the fast node, with a scanner that has waited its delay. */
function ready(settings: Parameters<typeof tinyKernel>[2] = {}): {
  kernel: Kernel;
  scanner: NumaScanner;
} {
  const kernel = tinyKernel({ fast: 200, slow: 1000 }, 400, settings);
  touchAll(kernel);
  const scanner = createScanner(kernel);
  kernel.nowMs = 1000;
  scanTask(kernel, scanner, 400, TICK_NS);
  kernel.nowMs = 2000;
  return { kernel, scanner };
}

const pageIds = (first: number, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => first + i);

test('the first visit only sets the time of the next, a scan delay later', () => {
  const { scanner, kernel } = ready();
  expect(scanner.nextScanMs).toBe(2000);
  expect(kernel.memory.vmstat.numa_pte_updates).toBe(0);
});

test('tiering protects the pages of the slow tier alone', () => {
  const { kernel, scanner } = ready();
  const slow = kernel.space.pageAt.filter((page) => kernel.memory.nodeOf[page] === 1).length;
  const pass = scanTask(kernel, scanner, 400, TICK_NS);
  expect(pass).toEqual({ updated: slow, changed: slow, found: 0, passedOver: 400 - slow });
  kernel.nowMs = 4000;
  expect(scanTask(kernel, scanner, 400, TICK_NS)).toEqual({
    updated: 0,
    changed: 0,
    found: slow,
    passedOver: 400 - slow,
  });
});

test('the period is what 256 MB need at 2,560 MB/s at least, and a share of the minimum for each window', () => {
  const { kernel } = ready();
  expect(scanPeriodMin(kernel, 65_536)).toBe(1000);
  expect(scanPeriodMin(kernel, 65_537)).toBe(500);
  expect(scanPeriodMin(kernel, 20 * 65_536)).toBe(100);
});

test('a tick finds work due after a period of run time, not before, and not before the next scan’s time', () => {
  const { kernel, scanner } = ready();
  scanner.nodeStampNs = 1e9;
  scanner.periodMs = 500;
  scanner.nextScanMs = 1900;
  expect(scannerTick(kernel, scanner, 1.5e9, 400)).toBe(false);
  expect(scannerTick(kernel, scanner, 1.5e9 + 1, 400)).toBe(true);
  expect(scanner.nodeStampNs).toBe(1.5e9);
  scanner.nextScanMs = 2001;
  expect(scannerTick(kernel, scanner, 2.1e9, 400)).toBe(false);
  expect(scanner.nodeStampNs).toBe(2e9); // the period is spent all the same
});

test('promotions alone double the period once a pass', () => {
  const { kernel, scanner } = ready();
  kernel.memory.zones[0].freePages = 150;
  scanTask(kernel, scanner, 400, TICK_NS);
  expect([scanner.periodMs, scanner.scanSeq]).toEqual([1000, 1]);
  const slow = [...kernel.space.pageAt].filter((page) => kernel.memory.nodeOf[page] === 1);
  expect(hintFault(kernel, scanner, slow[0], 0, 400)).toBe('promoted');
  expect([scanner.periodMs, scanner.nextScanMs]).toEqual([2000, 4000]);
  expect(hintFault(kernel, scanner, slow[1], 0, 400)).toBe('promoted');
  expect(scanner.periodMs).toBe(2000);
});

test('an area that nobody touches is scanned for want of others, and the sequence ends at the next turn', () => {
  // Sequences 0 and 1 scan every area and end. In sequence 2 the area is passed over, then scanned alone: the turn stops
  // there. The next turn finds nothing behind it, opens sequence 3, and does the same.
  const { kernel, scanner } = ready();
  const sequences: number[] = [];
  for (let i = 0; i < 6; i++) {
    kernel.nowMs += 1000;
    scanTask(kernel, scanner, 400, TICK_NS);
    sequences.push(scanner.scanSeq);
  }
  expect(sequences).toEqual([1, 2, 2, 3, 4, 5]);
});

test.each([
  ['6.12', [1, 1, 1, 0]], // the third for want of other mappings, which costs the fourth
  ['6.1', [1, 1, 1, 1]],
] as const)(
  'Linux %s: a lone mapping that nobody touches is protected at these of four turns',
  (version, protectedBy) => {
    const kernel = tinyKernel({ fast: 200, slow: 1000 }, 400, { kernel: version });
    touchAll(kernel);
    const scanner = createScanner(kernel);
    scanTask(kernel, scanner, 400, TICK_NS); // sets the time of the first
    const passes = protectedBy.map((_, pass) => {
      kernel.nowMs = 10_000 * (pass + 1);
      kernel.memory.hintProtected.fill(0); // by nobody who noted a touch
      scanner.offset = 0;
      return scanTask(kernel, scanner, 400, TICK_NS).changed > 0 ? 1 : 0;
    });
    expect(passes).toEqual(protectedBy);
  },
);

// Pages 0 to 199 are a file's, on the slow node like the others.
test('a file that can only be read is left alone, and the pass goes on behind it', () => {
  const { kernel, scanner } = ready();
  kernel.memory.nodeOf.fill(1);
  kernel.space = createAddressSpace(400, [
    { virtualPage: 512, pages: pageIds(0, 200), readOnlyFile: true },
    { virtualPage: 1024, pages: pageIds(200, 200) },
  ]);
  extendScanner(kernel, scanner, kernel.space);
  expect(scanTask(kernel, scanner, 400, TICK_NS).updated).toBe(200);
  expect(kernel.memory.hintProtected.subarray(0, 400).indexOf(1)).toBe(200);
});
