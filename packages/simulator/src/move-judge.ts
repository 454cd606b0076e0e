import type { MoveOutcome } from '@tierlab/core';

/** Learns of the moves of a run between tiers, by base page, and finds out what they came to. */
export interface MoveJudge {
  /**
   * A page moved at `timeNs`, `position` accesses into the block; `due` is the accesses that pay for
   * a promotion, 0 if it is not to be judged, -1 for a demotion.
   */
  enter(position: number, page: number, timeNs: number, due: number): void;
  /** As {@link MoveJudge.enter} for each of `pages` with `due` and then its other one with `dueBack`. */
  enterSwaps?(swaps: Swaps, position: number, timeNs: number, due: number, dueBack: number): void;
  /** An epoch has ended, and what it counted is about to be forgotten. */
  endEpoch?(): void;
  /** The first `length` accesses of the block have been replayed, and no others. */
  endBlock(length: number): void;
  /** What the moves came to. */
  outcome(): MoveOutcome;
}

/** Pairs of pages that have changed places, from index `from` to `to`. */
export interface Swaps {
  readonly pages: ArrayLike<number>;
  readonly others: ArrayLike<number>;
  readonly from: number;
  readonly to: number;
}

/** Due of a move between nodes of one tier, which is not entered. */
export const SAME_TIER = -2;

/** The steps of simulated time in which moves are dated, so that a date takes few bits. All judges date alike. */
export interface DateSteps {
  /** A power of two. */
  readonly stepsPerNs: number;
  /** Two moves are ping-pong where their dates are at most this far apart. */
  readonly window: number;
}

/** Steps of a ping-pong window, at most, and at least half as many; none is shorter than a step of the clock. */
const WINDOW_STEPS = 2 ** 16;

/** The steps for a ping-pong window of `windowNs`, or the clock's own where those are longer. */
export function dateSteps(windowNs: number): DateSteps {
  const stepNs = Math.max(1 / 256, 2 ** Math.ceil(Math.log2(windowNs / WINDOW_STEPS)));
  return { stepsPerNs: 1 / stepNs, window: Math.floor(windowNs / stepNs) };
}
