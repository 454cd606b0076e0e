/** Counts one more of `index`: `counts[index]` has the low 8 bits, `carries[index]` the others, which are seldom needed. */
// @ts-ignore: decorator
@inline
export function countInBytes(counts: usize, carries: usize, index: u32): void {
  const low = counts + <usize>index;
  const next = load<u8>(low) + 1;
  store<u8>(low, next);
  if (next != 0) return;
  const high = carries + 4 * <usize>index;
  store<u32>(high, load<u32>(high) + 1);
}
