import { findCacheDifference } from '@tierlab/testkit';
import type { ReferenceCache } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { s3Fifo } from './s3-fifo.ts';

const reference: ReferenceCache = (numbers, capacity) => {
  // Algorithm 1 of the paper; heads at the front.
  const small: number[] = [];
  const main: number[] = [];
  const ghost: number[] = [];
  const frequency = new Map<number, number>();
  const smallMax = Math.max(1, Math.floor(capacity / 10));
  const mainMax = Math.max(1, capacity - smallMax);
  const evictMain = (): void => {
    for (;;) {
      const tail = main.pop()!;
      if (!frequency.get(tail)) return;
      frequency.set(tail, frequency.get(tail)! - 1);
      main.unshift(tail);
    }
  };
  const evictSmall = (): boolean => {
    while (small.length > 0) {
      const tail = small.pop()!;
      if (frequency.get(tail)! <= 1) {
        ghost.unshift(tail);
        if (ghost.length > mainMax) ghost.pop();
        return true;
      }
      frequency.set(tail, 0);
      main.unshift(tail);
      if (main.length > mainMax) {
        evictMain();
        return true;
      }
    }
    return false;
  };
  let hits = 0;
  for (const page of numbers) {
    if (small.includes(page) || main.includes(page)) {
      hits++;
      frequency.set(page, Math.min(frequency.get(page)! + 1, 3));
      continue;
    }
    const cameBack = ghost.includes(page);
    if (cameBack) ghost.splice(ghost.indexOf(page), 1);
    if (small.length + main.length === capacity) {
      if (small.length < smallMax || !evictSmall()) evictMain();
    }
    (cameBack ? main : small).unshift(page);
    frequency.set(page, 0);
  }
  return hits;
};

test('hits as often as a straightforward implementation', async () => {
  expect(await findCacheDifference(s3Fifo, reference, 60)).toBeUndefined();
});
