// Where bytes of a kind are in a text: bit i of a mask stands for byte i. The caller leaves 64 readable bytes behind it.

/** A bit for each of the 64 lanes of four vectors that is set. */
// @ts-ignore: decorator
@inline
export function bits64(part0: v128, part1: v128, part2: v128, part3: v128): u64 {
  const low = <u32>i8x16.bitmask(part0) | ((<u32>i8x16.bitmask(part1)) << 16);
  const high = <u32>i8x16.bitmask(part2) | ((<u32>i8x16.bitmask(part3)) << 16);
  return <u64>low | (<u64>high << 32);
}

/** A bit for each of the 64 bytes of four vectors that is `byte`. */
// @ts-ignore: decorator
@inline
export function equalBits(part0: v128, part1: v128, part2: v128, part3: v128, byte: i8): u64 {
  const wanted = i8x16.splat(byte);
  return bits64(
    i8x16.eq(part0, wanted),
    i8x16.eq(part1, wanted),
    i8x16.eq(part2, wanted),
    i8x16.eq(part3, wanted),
  );
}

/** A bit for each of the 64 bytes at `at` that is `byte`. */
// @ts-ignore: decorator
@inline
export function equal64(at: usize, byte: i8): u64 {
  return equalBits(
    v128.load(at),
    v128.load(at, 16),
    v128.load(at, 32),
    v128.load(at, 48),
    byte,
  );
}

// @ts-ignore: decorator
@inline
function controls64(at: usize): u64 {
  const last = i8x16.splat(31);
  return bits64(
    i8x16.le_u(v128.load(at), last),
    i8x16.le_u(v128.load(at, 16), last),
    i8x16.le_u(v128.load(at, 32), last),
    i8x16.le_u(v128.load(at, 48), last),
  );
}

/** The first control character from `at` on; there is one. For lines of 64 bytes and more. */
// @ts-ignore: decorator
@inline
export function controlFrom(at: usize): usize {
  while (!hasControl(at)) at += 64;
  return at + <usize>ctz(controls64(at));
}

// @ts-ignore: decorator
@inline
function hasControl(at: usize): bool {
  const least = i8x16.min_u(
    i8x16.min_u(v128.load(at), v128.load(at, 16)),
    i8x16.min_u(v128.load(at, 32), v128.load(at, 48)),
  );
  return v128.any_true(i8x16.le_u(least, i8x16.splat(31)));
}

/** As `newlineFrom`, for lines of 64 bytes and more. */
// @ts-ignore: decorator
@inline
export function farNewlineFrom(at: usize): usize {
  let mask = equal64(at, 10);
  while (mask == 0) mask = equal64((at += 64), 10);
  return at + <usize>ctz(mask);
}

// @ts-ignore: decorator
@inline
function newlines(at: usize): i32 {
  return i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(10)));
}

/** The first newline from `at` on; there is one. */
// @ts-ignore: decorator
@inline
export function newlineFrom(at: usize): usize {
  let mask = newlines(at);
  while (mask == 0) mask = newlines((at += 16));
  return at + ctz(mask);
}
