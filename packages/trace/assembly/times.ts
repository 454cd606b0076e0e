// Times are summed as u32 from a block's first on, and become f64 as they are stored.

/** High half of the double 2^52; over a u32 as the low half it makes 2^52 plus that number. */
const HIGH_OF_2_52: i32 = 0x43300000;

/** What `storeTimes` adds to sums that count from `first`. */
// @ts-ignore: decorator
@inline
export function timesBase(first: f64): v128 {
  return f64x2.splat(first - 4503599627370496);
}

/** The four u32 of `sums` as f64 at `out`, plus `base` and 2^52: unsigned, in fewer steps than a conversion. */
// @ts-ignore: decorator
@inline
export function storeTimes(base: v128, sums: v128, out: usize): void {
  const high = i32x4.splat(HIGH_OF_2_52);
  v128.store(out, f64x2.add(base, i32x4.shuffle(sums, high, 0, 4, 1, 5)));
  v128.store(out, f64x2.add(base, i32x4.shuffle(sums, high, 2, 6, 3, 7)), 16);
}
