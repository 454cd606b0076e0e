import { cacheHits } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { lru } from './lru.ts';
import { wTinyLfu } from './w-tinylfu.ts';

test('a scan of pages seen once does not displace pages seen often', async () => {
  // 20 hot pages, each round: the hot ones twice, then 200 new pages. LRU loses the hot pages in
  // every scan and hits only the second of two accesses; the sketch keeps the scan out.
  const numbers: number[] = [];
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 40; i++) numbers.push(i % 20);
    for (let i = 0; i < 200; i++) numbers.push(1000 + 200 * round + i);
  }
  expect(await cacheHits(lru, numbers, 30)).toBe(30 * 20);
  const hits = await cacheHits(wTinyLfu, numbers, 30);
  expect(hits).toBeGreaterThan(29 * 40 * 0.95);
  expect(hits).toBeLessThanOrEqual(30 * 40 - 20);
});

test('everything that fits is kept', async () => {
  const numbers = Array.from({ length: 500 }, (_, i) => (i * 7) % 25);
  expect(await cacheHits(wTinyLfu, numbers, 25)).toBe(500 - 25);
});
