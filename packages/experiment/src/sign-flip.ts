/** Pairs up to which every flip is tried; above, flips are drawn. */
const EXACT_MAX = 16;
const DRAWS = 20_000;

/**
 * Two-sided p value of the hypothesis that paired `differences` are as likely positive as negative, by flipping
 * signs: the share of all flips whose sum is at least as far from 0. Exact up to 16 differences, so that it is never
 * below 2 / 2^n; above, 20,000 flips are drawn from `random`.
 *
 * Source: Fisher, The Design of Experiments, section 21.
 */
export function signFlipTest(differences: readonly number[], random: () => number): number {
  const n = differences.length;
  const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0));
  // Sums of the same numbers in another order differ in their last bits.
  const threshold = observed * (1 - 1e-12);
  const exact = n <= EXACT_MAX;
  const flips = exact ? 2 ** n : DRAWS;
  let asFar = 0;
  for (let flip = 0; flip < flips; flip++) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const negative = exact ? (flip >> i) & 1 : random() < 0.5;
      sum += negative ? -differences[i] : differences[i];
    }
    if (Math.abs(sum) >= threshold) asFar++;
  }
  // The observed signs are one of the drawn ones, or p could be 0.
  return exact ? asFar / flips : (asFar + 1) / (flips + 1);
}

/**
 * `pValues` corrected for their number, in the same order: among hypotheses that hold, none is below alpha with a
 * chance of at least 1 - alpha.
 *
 * Source: Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979.
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, i) => i).toSorted((a, b) => pValues[a] - pValues[b]);
  const corrected = Array.from<number>({ length: pValues.length });
  let largest = 0;
  for (const [rank, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[i]));
    corrected[i] = largest;
  }
  return corrected;
}
