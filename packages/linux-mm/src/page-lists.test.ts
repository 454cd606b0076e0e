import { expect, test } from 'vitest';
import {
  addToHead,
  addToTail,
  createPageLists,
  isEmpty,
  isOnList,
  remove,
  tailOf,
} from './page-lists.ts';

test('a list gives its oldest page first, and pages move between lists', () => {
  const lists = createPageLists(4, 2);
  for (const page of [0, 1, 2]) addToHead(lists, 0, page);
  addToTail(lists, 0, 3);
  const order: number[] = [];
  for (let page = tailOf(lists, 0); page >= 0; page = tailOf(lists, 0)) {
    order.push(page);
    remove(lists, page);
    addToHead(lists, 1, page);
  }
  expect(order).toEqual([3, 0, 1, 2]);
  expect(isEmpty(lists, 0)).toBe(true);
  expect(tailOf(lists, 1)).toBe(3);
  expect(isOnList(lists, 2)).toBe(true);
  remove(lists, 2);
  expect(isOnList(lists, 2)).toBe(false);
});
