/** `sums[c]` is the sum of the entries below c. */
export function runningSum(counts: Readonly<Float64Array>): Float64Array {
  const sums = new Float64Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) sums[i + 1] = sums[i] + counts[i];
  return sums;
}
