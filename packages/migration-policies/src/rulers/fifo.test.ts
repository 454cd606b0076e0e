import { findCacheDifference } from '@tierlab/testkit';
import type { ReferenceCache } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { fifo } from './fifo.ts';

const reference: ReferenceCache = (numbers, capacity) => {
  const queue: number[] = [];
  let hits = 0;
  for (const page of numbers) {
    if (queue.includes(page)) hits++;
    else if (queue.push(page) > capacity) queue.shift();
  }
  return hits;
};

test('hits as often as a straightforward implementation', async () => {
  expect(await findCacheDifference(fifo, reference, 60)).toBeUndefined();
});
