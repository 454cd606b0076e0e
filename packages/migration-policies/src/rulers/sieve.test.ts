import { findCacheDifference } from '@tierlab/testkit';
import type { ReferenceCache } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { sieve } from './sieve.ts';

const reference: ReferenceCache = (numbers, capacity) => {
  // Newest last; the hand is an index that walks towards the newest.
  const queue: { page: number; visited: boolean }[] = [];
  let hand = 0;
  let hits = 0;
  for (const page of numbers) {
    const found = queue.find((entry) => entry.page === page);
    if (found) {
      hits++;
      found.visited = true;
      continue;
    }
    if (queue.length === capacity) {
      while (queue[hand].visited) {
        queue[hand].visited = false;
        hand = (hand + 1) % queue.length;
      }
      queue.splice(hand, 1);
      // Past the newest page it starts again at the oldest, before the next page arrives.
      if (hand === queue.length) hand = 0;
    }
    queue.push({ page, visited: false });
  }
  return hits;
};

test('hits as often as a straightforward implementation', async () => {
  expect(await findCacheDifference(sieve, reference, 60)).toBeUndefined();
});
