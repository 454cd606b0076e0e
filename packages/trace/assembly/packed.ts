// A packed column: groups of 64 values, each group its smallest value and the rest in as many bits as its largest needs
// (docs/formats/tlt.md). Eight values of `width` bits take `width` bytes, so the same two shuffles serve every eight.
//
// Neighbouring groups are mostly of one width, so each width has a loop of its own, in which shuffles, factors and shift
// are constants: of a shuffle that is not, V8 checks the indexes each time.
//
// The decoder takes whole groups: it writes up to 63 values past the column and reads up to 16 bytes past its data.

const GROUP_BYTES: usize = 64 * 4;

/** First bit of value `k` of eight in the bytes of its four: the second four begin at byte `width >> 1`. */
// @ts-ignore: decorator
@inline
function bitOf(width: i32, k: i32): i32 {
  return (k & 3) * width + (k > 3 ? (4 * width) & 7 : 0);
}

/** Byte of the four that the window of value `k` begins with. */
// @ts-ignore: decorator
@inline
function byteOf(width: i32, k: i32): i32 {
  return bitOf(width, k) >> 3;
}

/** Moves each value of the four from `k` on into a window of four bytes. */
// @ts-ignore: decorator
@inline
function windows(width: i32, k: i32): v128 {
  const first = i32x4(
    byteOf(width, k),
    byteOf(width, k + 1),
    byteOf(width, k + 2),
    byteOf(width, k + 3),
  );
  return i32x4.add(i32x4.mul(first, i32x4.splat(0x01010101)), i32x4.splat(0x03020100));
}

/** What moves the value in the window of value `k` to the top: what is above it goes. */
// @ts-ignore: decorator
@inline
function factor(width: i32, k: i32): i32 {
  return 1 << (32 - width - (bitOf(width, k) & 7));
}

// @ts-ignore: decorator
@inline
function factors(width: i32, k: i32): v128 {
  return i32x4(factor(width, k), factor(width, k + 1), factor(width, k + 2), factor(width, k + 3));
}

// @ts-ignore: decorator
@inline
function four(width: i32, data: usize, windows: v128, factors: v128, base: v128): v128 {
  const tops = i32x4.mul(i8x16.swizzle(v128.load(data), windows), factors);
  return i32x4.add(base, i32x4.shr_u(tops, 32 - width));
}

/** Four lanes of which one is the largest of `largest` and of the group at `out`. */
function largestOf(largest: v128, out: usize): v128 {
  for (const end = out + GROUP_BYTES; out < end; out += 64) {
    const low = i32x4.max_u(v128.load(out), v128.load(out, 16));
    const high = i32x4.max_u(v128.load(out, 32), v128.load(out, 48));
    largest = i32x4.max_u(largest, i32x4.max_u(low, high));
  }
  return largest;
}

// What a run of groups of one width reads and moves on.
let heads: usize = 0;
let data: usize = 0;
let out: usize = 0;
let largest: v128 = i32x4.splat(0);

/** Decodes the groups of `width` bits, 1 to 25, from `heads` on until one of another width or `end`. */
// @ts-ignore: decorator
@inline
function run(width: i32, end: usize, limit: u32): void {
  const windows0 = windows(width, 0);
  const windows4 = windows(width, 4);
  const factors0 = factors(width, 0);
  const factors4 = factors(width, 4);
  const half = width >> 1;
  let at = heads;
  let from = data;
  let to = out;
  let head = load<u32>(at);
  do {
    const base = i32x4.splat(head >> 5);
    for (const groupEnd = to + GROUP_BYTES; to < groupEnd; to += 128) {
      v128.store(to, four(width, from, windows0, factors0, base));
      v128.store(to, four(width, from + half, windows4, factors4, base), 16);
      v128.store(to, four(width, from + width, windows0, factors0, base), 32);
      v128.store(to, four(width, from + width + half, windows4, factors4, base), 48);
      v128.store(to, four(width, from + 2 * width, windows0, factors0, base), 64);
      v128.store(to, four(width, from + 2 * width + half, windows4, factors4, base), 80);
      v128.store(to, four(width, from + 3 * width, windows0, factors0, base), 96);
      v128.store(to, four(width, from + 3 * width + half, windows4, factors4, base), 112);
      from += 4 * width;
    }
    if ((head >> 5) + ((1 << width) - 1) >= limit) largest = largestOf(largest, to - GROUP_BYTES);
    at += 4;
    if (at == end) break;
    head = load<u32>(at);
  } while ((head & 31) == width);
  heads = at;
  data = from;
  out = to;
}

/** As `run`, of groups that are all base. */
function runOfBases(end: usize, limit: u32): void {
  do {
    const head = load<u32>(heads);
    if ((head & 31) != 0) return;
    const base = i32x4.splat(head >> 5);
    for (const groupEnd = out + GROUP_BYTES; out < groupEnd; out += 16) v128.store(out, base);
    if (head >> 5 >= limit) largest = i32x4.max_u(largest, base);
    heads += 4;
  } while (heads < end);
}

/**
 * `groups` groups whose heads (width in bits 0 to 4, smallest value above) begin at `at`, to u32 at `to`. Gives the
 * bytes of their data, or -1 for a width above 25. Where a value is `limit` or more, `largestAt` receives four lanes of
 * which one is the largest value, else lanes below `limit`.
 */
export function decodePacked(
  at: usize,
  groups: i32,
  to: usize,
  limit: u32,
  largestAt: usize,
): i32 {
  const end = at + (groups << 2);
  heads = at;
  data = end;
  out = to;
  largest = i32x4.splat(0);
  while (heads < end) {
    switch (load<u32>(heads) & 31) {
      case 0:
        runOfBases(end, limit);
        break;
      case 1:
        run(1, end, limit);
        break;
      case 2:
        run(2, end, limit);
        break;
      case 3:
        run(3, end, limit);
        break;
      case 4:
        run(4, end, limit);
        break;
      case 5:
        run(5, end, limit);
        break;
      case 6:
        run(6, end, limit);
        break;
      case 7:
        run(7, end, limit);
        break;
      case 8:
        run(8, end, limit);
        break;
      case 9:
        run(9, end, limit);
        break;
      case 10:
        run(10, end, limit);
        break;
      case 11:
        run(11, end, limit);
        break;
      case 12:
        run(12, end, limit);
        break;
      case 13:
        run(13, end, limit);
        break;
      case 14:
        run(14, end, limit);
        break;
      case 15:
        run(15, end, limit);
        break;
      case 16:
        run(16, end, limit);
        break;
      case 17:
        run(17, end, limit);
        break;
      case 18:
        run(18, end, limit);
        break;
      case 19:
        run(19, end, limit);
        break;
      case 20:
        run(20, end, limit);
        break;
      case 21:
        run(21, end, limit);
        break;
      case 22:
        run(22, end, limit);
        break;
      case 23:
        run(23, end, limit);
        break;
      case 24:
        run(24, end, limit);
        break;
      case 25:
        run(25, end, limit);
        break;
      default:
        return -1;
    }
  }
  v128.store(largestAt, largest);
  return <i32>(data - end);
}
