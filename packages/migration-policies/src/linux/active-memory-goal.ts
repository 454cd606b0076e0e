const FULL_BP = 10_000;
/** By how much the goals of both schemes exceed the whole, so that neither rests while the other works. */
const CONFLICT_BP = 2;

/** How far the two schemes of DAMON_LRU_SORT are from their goals, in ten-thousandths of them. */
export interface ActiveMemoryScores {
  readonly hot: () => number;
  readonly cold: () => number;
}

/**
 * Scores of a wanted share of active memory: the hot scheme's by what is active, the cold one's by what is not.
 * Source: mm/damon/lru_sort.c, damon_lru_sort_add_quota_goals, 7.0; mm/damon/core.c, damos_quota_score.
 */
export function activeMemoryScores(activeBp: () => number, wantedBp: number): ActiveMemoryScores {
  return {
    hot: () => (activeBp() * FULL_BP) / wantedBp,
    cold: () => ((FULL_BP - activeBp()) * FULL_BP) / (FULL_BP - wantedBp + CONFLICT_BP),
  };
}
