import { findCacheDifference } from '@tierlab/testkit';
import type { ReferenceCache } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { twoQ } from './two-q.ts';

const drop = (list: number[], page: number): void => void list.splice(list.indexOf(page), 1);

const reference: ReferenceCache = (numbers, capacity) => {
  // Johnson and Shasha's procedure, line by line; heads are at the front.
  const a1in: number[] = [];
  const a1out: number[] = [];
  const am: number[] = [];
  const kin = Math.max(1, Math.floor(capacity / 4));
  const kout = Math.max(1, Math.floor(capacity / 2));
  const reclaimFor = (): void => {
    if (a1in.length + am.length < capacity) return;
    if (a1in.length > kin || am.length === 0) {
      a1out.unshift(a1in.pop()!);
      if (a1out.length > kout) a1out.pop();
    } else am.pop();
  };
  let hits = 0;
  for (const page of numbers) {
    if (am.includes(page)) {
      hits++;
      drop(am, page);
      am.unshift(page);
    } else if (a1in.includes(page)) hits++;
    else if (a1out.includes(page)) {
      drop(a1out, page);
      reclaimFor();
      am.unshift(page);
    } else {
      reclaimFor();
      a1in.unshift(page);
    }
  }
  return hits;
};

test('hits as often as a straightforward implementation', async () => {
  expect(await findCacheDifference(twoQ, reference, 60)).toBeUndefined();
});
