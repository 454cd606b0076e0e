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

/** How many of `length` bytes are `value`. */
export function countBytes(column: usize, length: i32, value: i32): i32 {
  const wanted = i8x16.splat(<i8>value);
  let count: i32 = 0;
  let i = 0;
  while (length - i >= 16) {
    // A lane holds 255 at most.
    const end = min(i + 16 * 255, length & ~15);
    let lanes = i8x16.splat(0);
    for (; i < end; i += 16) lanes = i8x16.sub(lanes, i8x16.eq(v128.load(column + <usize>i), wanted));
    const pairs = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(lanes));
    count +=
      i32x4.extract_lane(pairs, 0) +
      i32x4.extract_lane(pairs, 1) +
      i32x4.extract_lane(pairs, 2) +
      i32x4.extract_lane(pairs, 3);
  }
  for (; i < length; i++) count += <i32>(load<u8>(column + <usize>i) == (<u32>value & 255));
  return count;
}
