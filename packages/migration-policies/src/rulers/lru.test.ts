import { findCacheDifference } from '@tierlab/testkit';
import type { ReferenceCache } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { lru } from './lru.ts';

const reference: ReferenceCache = (numbers, capacity) => {
  let recent: number[] = [];
  let hits = 0;
  for (const page of numbers) {
    if (recent.includes(page)) hits++;
    recent = [page, ...recent.filter((other) => other !== page)].slice(0, capacity);
  }
  return hits;
};

test('hits as often as a straightforward implementation', async () => {
  expect(await findCacheDifference(lru, reference, 60)).toBeUndefined();
});
