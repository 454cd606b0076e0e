import { expect, test } from 'vitest';

import { activeMemoryScores } from './active-memory-goal.ts';

const scores = (activeBp: number, wantedBp: number): number[] => {
  const { hot, cold } = activeMemoryScores(() => activeBp, wantedBp);
  return [hot(), Math.round(cold())];
};

test('too little is active: the hot scheme is short of its goal, the cold one past it', () => {
  // 4,000 of 8,000 wanted; 6,000 inactive of 10,000 - 8,000 + 2 wanted.
  expect(scores(4000, 8000)).toEqual([5000, 29_970]);
});

test('at the goal the hot scheme rests, and the cold one has 2 bp left to do', () => {
  // 2,000 of 2,002: 9,990.
  expect(scores(8000, 8000)).toEqual([10_000, 9990]);
});

test('nothing need be active that is: the cold scheme never reaches its goal', () => {
  expect(scores(10_000, 5000)).toEqual([20_000, 0]);
});
