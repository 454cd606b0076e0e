import { expect, test } from 'vitest';
import type { Kernel } from './kernel.ts';
import { hintFault, shouldPromote } from './numa-fault.ts';
import { createScanner } from './numa-scan.ts';
import { tinyKernel, touchAll } from './tiny-kernel.testing.ts';

const PAGES_PER_MB = 256;

/** A kernel whose fast node is full to its low mark, and the first page of the slow one. */
function full(settings: Parameters<typeof tinyKernel>[2] = {}): { kernel: Kernel; slow: number } {
  const kernel = tinyKernel({ fast: 200, slow: 1000 }, 400, settings);
  touchAll(kernel);
  return { kernel, slow: kernel.space.pageAt.find((page) => kernel.memory.nodeOf[page] === 1)! };
}

/** Judges `candidates` touches in the first 10 ms of a minute, each 1 ms after its protection. */
function minute(kernel: Kernel, slow: number, atMs: number, candidates: number): number {
  kernel.nowMs = atMs;
  for (let i = 0; i < candidates; i++) {
    kernel.memory.accessTimeMs[slow] = atMs - 1;
    shouldPromote(kernel, slow, 0);
  }
  return kernel.nodeState[0].hotThresholdMs;
}

test('O8: where the limit is far off, the threshold climbs 125 ms a minute to twice its start', () => {
  const { kernel, slow } = full();
  const trajectory = Array.from({ length: 11 }, (_, i) =>
    minute(kernel, slow, (i + 1) * 61_000, 1),
  );
  expect(trajectory).toEqual([1125, 1250, 1375, 1500, 1625, 1750, 1875, 2000, 2000, 2000, 2000]);
});

test('O8: it falls where candidates exceed the limit, and rests within a tenth of it', () => {
  // 1 MB/s is 256 pages a second, 15,360 in a minute: 16,896 are a tenth more, 13,824 a tenth less.
  const { kernel, slow } = full({ numa_balancing_promote_rate_limit_MBps: 1 });
  minute(kernel, slow, 61_000, 20_000); // looks at what came before: nothing, so it rises
  expect(minute(kernel, slow, 122_000, 15_000)).toBe(1000); // 20,000 came: down
  expect(minute(kernel, slow, 183_000, 15_000)).toBe(1000); // 15,000: rests
  expect(minute(kernel, slow, 244_000, 13_000)).toBe(1000);
  expect(minute(kernel, slow, 305_000, 0)).toBe(1000);
  expect(minute(kernel, slow, 366_000, 1)).toBe(1125); // the minute before had none
});

test('the first minute of tiering has the default threshold', () => {
  const { kernel, slow } = full();
  expect(minute(kernel, slow, 59_000, 1)).toBe(0);
});

test('the rate limit lets a second’s pages pass and counts the others', () => {
  const { kernel, slow } = full({ numa_balancing_promote_rate_limit_MBps: 1 });
  kernel.nowMs = 5000;
  let passed = 0;
  for (let i = 0; i < 2 * PAGES_PER_MB; i++) {
    kernel.memory.accessTimeMs[slow] = 4999;
    if (shouldPromote(kernel, slow, 0)) passed++;
  }
  // The page that opens the second is the base from which the others are counted.
  expect(passed).toBe(PAGES_PER_MB);
  expect(kernel.memory.vmstat.pgpromote_candidate).toBe(2 * PAGES_PER_MB);
});

test('a fault on time is hot, one at the threshold is not', () => {
  const { kernel, slow } = full();
  kernel.nowMs = 2000;
  kernel.memory.accessTimeMs[slow] = 1001;
  expect(shouldPromote(kernel, slow, 0)).toBe(true);
  kernel.memory.accessTimeMs[slow] = 1000;
  expect(shouldPromote(kernel, slow, 0)).toBe(false);
});

test('a node at its high mark takes no page and wakes its kswapd', () => {
  const { kernel, slow } = full();
  const woken: number[] = [];
  kernel.onKswapdWake = (node) => woken.push(node);
  kernel.nowMs = 2000;
  kernel.memory.accessTimeMs[slow] = 1900;
  expect(hintFault(kernel, createScanner(kernel), slow, 0, 400)).toBe('refused');
  expect(woken).toEqual([0]);
});

test('placement by task: a slow page follows its second touch, and the first leaves no statistics', () => {
  const { kernel, slow } = full({ numa_balancing: 1 });
  const scanner = createScanner(kernel);
  expect(hintFault(kernel, scanner, slow, 0, 400)).toBe('stays');
  expect(scanner.privateFaults).toBe(0);
  expect(hintFault(kernel, scanner, slow, 0, 400)).toBe('refused'); // the fast node is full
  expect([scanner.privateFaults, scanner.failedPages]).toEqual([1, 1]);
  kernel.memory.zones[0].freePages = 100;
  expect(hintFault(kernel, scanner, slow, 0, 400)).toBe('promoted');
  expect(kernel.memory.vmstat.pgpromote_success).toBe(0); // counted in tiering mode alone
});

test('since 6.18, what goes into ample free memory is counted apart from the candidates', () => {
  const counted = (['6.14', '6.18'] as const).map((kernel) => {
    // Ample is 1 GiB above the promo mark: 262,144 pages of 4 KiB and 40.
    const ample = tinyKernel({ fast: 300_000, slow: 1000 }, 100, { kernel });
    touchAll(ample);
    ample.memory.nodeOf[7] = 1;
    expect(shouldPromote(ample, 7, 0)).toBe(true);
    const { pgpromote_candidate, pgpromote_candidate_nrl } = ample.memory.vmstat;
    return [pgpromote_candidate, pgpromote_candidate_nrl];
  });
  expect(counted).toEqual([
    [0, 0],
    [0, 1],
  ]);
});
