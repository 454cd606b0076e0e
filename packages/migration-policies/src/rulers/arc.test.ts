import { findCacheDifference } from '@tierlab/testkit';
import type { ReferenceCache } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { arc } from './arc.ts';

const drop = (list: number[], page: number): void => void list.splice(list.indexOf(page), 1);

const reference: ReferenceCache = (numbers, capacity) => {
  // Figure 4 of the paper, case by case; most recent at the front.
  const [t1, t2, b1, b2]: number[][] = [[], [], [], []];
  let p = 0;
  const replace = (page: number): void => {
    if (t1.length > 0 && (t1.length > p || (b2.includes(page) && t1.length === p))) {
      b1.unshift(t1.pop()!);
    } else b2.unshift(t2.pop()!);
  };
  let hits = 0;
  for (const page of numbers) {
    if (t1.includes(page) || t2.includes(page)) {
      hits++;
      drop(t1.includes(page) ? t1 : t2, page);
      t2.unshift(page);
    } else if (b1.includes(page)) {
      p = Math.min(capacity, p + Math.max(1, b2.length / b1.length));
      replace(page);
      drop(b1, page);
      t2.unshift(page);
    } else if (b2.includes(page)) {
      p = Math.max(0, p - Math.max(1, b1.length / b2.length));
      replace(page);
      drop(b2, page);
      t2.unshift(page);
    } else {
      const l1 = t1.length + b1.length;
      if (l1 === capacity) {
        if (t1.length < capacity) {
          b1.pop();
          replace(page);
        } else t1.pop();
      } else if (l1 + t2.length + b2.length >= capacity) {
        if (l1 + t2.length + b2.length === 2 * capacity) b2.pop();
        replace(page);
      }
      t1.unshift(page);
    }
  }
  return hits;
};

test('hits as often as a straightforward implementation', async () => {
  expect(await findCacheDifference(arc, reference, 60)).toBeUndefined();
});
