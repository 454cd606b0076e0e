import { findCacheDifference } from '@tierlab/testkit';
import type { ReferenceCache } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { clock } from './clock.ts';

const reference: ReferenceCache = (numbers, capacity) => {
  // A ring of frames and a hand, as drawn in textbooks; the policy keeps a queue instead.
  const frame: number[] = [];
  const referenced: boolean[] = [];
  let hand = 0;
  let hits = 0;
  for (const page of numbers) {
    const at = frame.indexOf(page);
    if (at >= 0) {
      hits++;
      referenced[at] = true;
    } else if (frame.length < capacity) {
      frame.push(page);
      referenced.push(false);
    } else {
      while (referenced[hand]) {
        referenced[hand] = false;
        hand = (hand + 1) % capacity;
      }
      frame[hand] = page;
      hand = (hand + 1) % capacity;
    }
  }
  return hits;
};

test('hits as often as a straightforward implementation', async () => {
  expect(await findCacheDifference(clock, reference, 60)).toBeUndefined();
});
