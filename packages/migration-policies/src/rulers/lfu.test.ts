import { findCacheDifference } from '@tierlab/testkit';
import type { ReferenceCache } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { lfu } from './lfu.ts';

const reference: ReferenceCache = (numbers, capacity) => {
  const cache = new Map<number, { count: number; lastUse: number }>();
  let hits = 0;
  numbers.forEach((page, i) => {
    const entry = cache.get(page);
    if (entry) {
      hits++;
      entry.count++;
      entry.lastUse = i;
      return;
    }
    if (cache.size === capacity) {
      const [victim] = [...cache].toSorted(
        ([, a], [, b]) => a.count - b.count || a.lastUse - b.lastUse,
      )[0];
      cache.delete(victim);
    }
    cache.set(page, { count: 1, lastUse: i });
  });
  return hits;
};

test('hits as often as a straightforward implementation', async () => {
  expect(await findCacheDifference(lfu, reference, 60)).toBeUndefined();
});
