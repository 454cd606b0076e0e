// Numbers in text, by vectors of 16 bytes that end where the number ends. The caller leaves 16 readable bytes before
// the text and 64 behind it.

/** 16 bytes of 0 and 16 of 255: from byte n on, a vector whose last n lanes are set. */
const LAST_LANES: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255,
]);

/** Whether a byte that was read as a digit since this was last cleared was none. */
export let wrongDigit: bool = false;

export function clearWrongDigit(): void {
  wrongDigit = false;
}

/** The lanes of a number of `count` digits, 0 to 16, that ends with the last lane. */
// @ts-ignore: decorator
@inline
export function lastLanes(count: usize): v128 {
  return v128.load(LAST_LANES + count);
}

/** The lanes of two numbers of 0 to 8 digits that end with lanes 7 and 15. */
// @ts-ignore: decorator
@inline
export function lastLanesOfHalves(count0: usize, count1: usize): v128 {
  const lanes = LAST_LANES + 8;
  return v128.load64_lane(lanes + count1, v128.load64_zero(lanes + count0), 1);
}

/** The eight bytes before each of two ends. */
// @ts-ignore: decorator
@inline
export function halvesBefore(end0: usize, end1: usize): v128 {
  return v128.load64_lane(end1 - 8, v128.load64_zero(end0 - 8), 1);
}

/** What of `bytes` is no decimal digit: not zero where it is in a lane of `used`. */
// @ts-ignore: decorator
@inline
export function wrongDecimals(bytes: v128, used: v128): v128 {
  const digit = i8x16.sub(bytes, i8x16.splat(48));
  return v128.andnot(used, i8x16.le_u(digit, i8x16.splat(9)));
}

/** What of `bytes` is no hexadecimal digit: not zero where it is in a lane of `used`. */
// @ts-ignore: decorator
@inline
export function wrongHex(bytes: v128, used: v128): v128 {
  const digit = i8x16.sub(bytes, i8x16.splat(48));
  const letter = i8x16.sub(v128.or(bytes, i8x16.splat(32)), i8x16.splat(97));
  const isHex = v128.or(i8x16.le_u(digit, i8x16.splat(9)), i8x16.le_u(letter, i8x16.splat(5)));
  return v128.andnot(used, isHex);
}

/** The number of the hexadecimal digits in the lanes of `used`, the last ones. */
// @ts-ignore: decorator
@inline
export function hexOf(bytes: v128, used: v128): u64 {
  const digit = i8x16.sub(bytes, i8x16.splat(48));
  const letter = i8x16.sub(v128.or(bytes, i8x16.splat(32)), i8x16.splat(97));
  const isDigit = i8x16.le_u(digit, i8x16.splat(9));
  const value = v128.and(
    used,
    v128.bitselect(digit, i8x16.add(letter, i8x16.splat(10)), isDigit),
  );
  // Two digits a byte, the first above the second; then the bytes in reverse.
  const pairs = v128.or(i16x8.shl(value, 4), i16x8.shr_u(value, 8));
  const number = i8x16.shuffle(pairs, pairs, 14, 12, 10, 8, 6, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  return <u64>i64x2.extract_lane(number, 0);
}

/** The hexadecimal number of the `count` digits, 0 to 16, before `end`. */
// @ts-ignore: decorator
@inline
export function readHex(end: usize, count: usize): u64 {
  const bytes = v128.load(end - 16);
  const used = lastLanes(count);
  wrongDigit = wrongDigit || v128.any_true(wrongHex(bytes, used));
  return hexOf(bytes, used);
}

/** The decimal number of the `count` digits, 0 to 16, before `end`. */
// @ts-ignore: decorator
@inline
export function readDecimal(end: usize, count: usize): u64 {
  const bytes = v128.load(end - 16);
  const used = lastLanes(count);
  wrongDigit = wrongDigit || v128.any_true(wrongDecimals(bytes, used));
  const eights = eightDigits(bytes, used);
  return (
    <u64>(<u32>i32x4.extract_lane(eights, 0)) * 100000000 +
    <u64>(<u32>i32x4.extract_lane(eights, 1))
  );
}

/** The numbers of the first eight and of the last eight digits, of which those in the lanes of `used` count. */
// @ts-ignore: decorator
@inline
export function eightDigits(bytes: v128, used: v128): v128 {
  const value = v128.and(used, i8x16.sub(bytes, i8x16.splat(48)));
  // Twos, fours and eights of digits, the first the most significant.
  const twos = i16x8.add(
    i16x8.mul(v128.and(value, i16x8.splat(255)), i16x8.splat(10)),
    i16x8.shr_u(value, 8),
  );
  const fours = i32x4.dot_i16x8_s(twos, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
  return i32x4.dot_i16x8_s(
    i16x8.narrow_i32x4_s(fours, fours),
    i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1),
  );
}
