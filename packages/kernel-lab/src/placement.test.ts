import { expect, test } from 'vitest';
import { ABSENT, formatPlacement, parsePlacement } from './placement.ts';

test('runs are node and count in hex, x is absent', () => {
  expect([...parsePlacement('02 x1 1a', 13)]).toEqual([0, 0, ABSENT, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
});

test('writing gives back what was read', () => {
  const text = '0b215 12 x1 21865 0';
  expect(() => parsePlacement(text, 4)).toThrow(/expected <node><count in hex>, got "0"/);
  const good = '0b215 12 x1 21865';
  expect(formatPlacement(parsePlacement(good, 0xb215 + 2 + 1 + 0x1865))).toBe(good);
});

test('a placement of another size is refused', () => {
  expect(() => parsePlacement('04', 5)).toThrow(/expected 5 pages, got 4/);
});
