import type { MoveOutcome } from '@tierlab/core';

/** Learns of the moves of a run between tiers, by base page, and finds out what they came to. */
export interface MoveJudge {
  /**
   * A page moved at `timeNs`, `position` accesses into the block; `due` is the accesses that pay for
   * a promotion, 0 if it is not to be judged, -1 for a demotion.
   */
  enter(position: number, page: number, timeNs: number, due: number): void;
  /** The first `length` accesses of the block have been replayed, and no others. */
  endBlock(length: number): void;
  /** What the moves came to. */
  outcome(): MoveOutcome;
}

/** Due of a move between nodes of one tier, which is not entered. */
export const SAME_TIER = -2;
