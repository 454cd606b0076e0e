import { expect, test } from 'vitest';
import { attemptRateLimit, quota } from './index.ts';

test('a quota is whole again in each window, and a refusal takes nothing', () => {
  const limit = quota({ limit: 10, windowNs: 100 });
  expect([limit.take(6, 0), limit.take(6, 50), limit.take(4, 99), limit.left(99)]).toEqual([
    true,
    false,
    true,
    0,
  ]);
  expect(limit.take(10, 100)).toBe(true);
});

test('the rate limit counts what it rejects and opens a window with an attempt', () => {
  // The window of 100 ns opens at the first attempt more than 100 ns after the last opening (0):
  // at 150, with that attempt counted into the base.
  const limit = attemptRateLimit({ limit: 2, windowNs: 100 });
  expect([limit.admit(1, 10), limit.admit(1, 20), limit.admit(1, 100)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([limit.admit(1, 150), limit.admit(1, 200), limit.admit(1, 250)]).toEqual([
    true,
    true,
    false,
  ]);
  expect(limit.attempted).toBe(6);
});
