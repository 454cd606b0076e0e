import type { RandomStream } from '@tierlab/core';

/** Draws ranks 0 to `count` - 1 with probability proportional to 1 / (rank + 1)^theta. */
export type DrawRank = (random: RandomStream) => number;

/**
 * Exact inversion of the cumulative distribution: no approximation of its sums, whatever `theta` (0 is uniform).
 * A guide table makes a draw a step or two. Source: Chen, Asau, "On Generating Random Variates from an Empirical
 * Distribution", AIIE Transactions 6(2), 1974.
 */
export function zipfRanks(count: number, theta: number): DrawRank {
  const cumulative = new Float64Array(count);
  // Compensated, so that the last of 10^8 terms still counts.
  let sum = 0;
  let lost = 0;
  for (let rank = 0; rank < count; rank++) {
    const term = (rank + 1) ** -theta - lost;
    const next = sum + term;
    lost = next - sum - term;
    sum = next;
    cumulative[rank] = sum;
  }
  const first = guideTable(cumulative);
  const total = cumulative[count - 1];
  return (random) => {
    const point = random.unit() * total;
    let rank = first[Math.floor((point / total) * count)];
    while (rank < count - 1 && cumulative[rank] <= point) rank++;
    return rank;
  };
}

/** By bucket i of n: the first rank whose cumulative weight passes the bucket's beginning. */
function guideTable(cumulative: Float64Array): Uint32Array {
  const count = cumulative.length;
  const total = cumulative[count - 1];
  const first = new Uint32Array(count + 1);
  let rank = 0;
  for (let i = 0; i < count; i++) {
    while (cumulative[rank] <= (i / count) * total) rank++;
    // One earlier: the bucket's bounds are rounded.
    first[i] = Math.max(0, rank - 1);
  }
  first[count] = count - 1;
  return first;
}
