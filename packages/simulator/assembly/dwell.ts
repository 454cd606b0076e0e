// Accesses that dwell on few pages, as loads and stores do, are counted in groups by page instead of one by one: the
// counter of a page that is accessed again and again has each access wait for the one before.
import { addServed } from './access';
import {
  accessesColumn,
  nodeOfColumn,
  PAGE_COUNT,
  pageColumn,
  touchedColumn,
  TOUCHED_COUNT,
  whole,
  writeColumn,
} from './state';

/** With so many pages at most each fits a lane of 16 bits, and one lane is left that is no page. */
const NARROW_PAGES: u32 = 65535;
/** A round counts two pages. What takes more of them takes longer than its accesses one by one. */
const ROUNDS_MAX: i32 = 12;
/** Times that `mayDwell` says no after a group of many pages: so often at first, then twice as often each time. */
const PAUSE_MAX: i32 = 64;

let pause: i32 = 1;
let pauseLeft: i32 = 0;

/** Whether to try `replayDwelling`: not for a while after it came upon many pages. */
// @ts-ignore: decorator
@inline
export function mayDwell(): bool {
  if (pauseLeft == 0) return true;
  pauseLeft--;
  return false;
}

/**
 * Replays accesses `from` to `end`, and counts them by page, in groups: to the first group with many pages or with one
 * that is not mapped. Returns the first access that was not replayed.
 */
export function replayDwelling(from: i32, end: i32): i32 {
  return whole(PAGE_COUNT) <= NARROW_PAGES
    ? replayDense(true, from, end)
    : replayDense(false, from, end);
}

/** `narrow`: 64 accesses are a group, else 32; in either case, eight vectors of pages. */
// @ts-ignore: decorator
@inline
function replayDense(narrow: bool, from: i32, end: i32): i32 {
  const length = narrow ? 64 : 32;
  const pageCount = whole(PAGE_COUNT);
  const nodeOf = nodeOfColumn();
  const counts = accessesColumn();
  const touched = touchedColumn();
  let touchedEnd = touched + 4 * <usize>load<f64>(TOUCHED_COUNT);
  let page = pageColumn() + (<usize>from << 2);
  let write = writeColumn() + <usize>from;
  let i = from;
  let rounds = 0;
  for (; i + length <= end && rounds <= ROUNDS_MAX; i += length) {
    const a = pagesAt(narrow, page, 0);
    const b = pagesAt(narrow, page, 1);
    const c = pagesAt(narrow, page, 2);
    const d = pagesAt(narrow, page, 3);
    const e = pagesAt(narrow, page, 4);
    const f = pagesAt(narrow, page, 5);
    const g = pagesAt(narrow, page, 6);
    const h = pagesAt(narrow, page, 7);
    const largest = larger(
      narrow,
      larger(narrow, larger(narrow, a, b), larger(narrow, c, d)),
      larger(narrow, larger(narrow, e, f), larger(narrow, g, h)),
    );
    if (isAnyBeyond(narrow, largest, pageCount)) break;
    const writes = writesAt(narrow, write);
    let left: u64 = narrow ? ~0 : 0xffffffff;
    rounds = 0;
    do {
      // Those of the first and of the last access that is left: two, so that they need not wait for one another.
      const first = page + 4 * <usize>ctz(left);
      const last = page + 4 * (63 - <usize>clz(left));
      const p = <usize>load<u32>(first);
      const q = <usize>load<u32>(last);
      const s = pageInAll(narrow, first);
      const t = pageInAll(narrow, last);
      const half = <u64>(length / 2);
      const ofP = ofPage(narrow, a, b, c, d, s) | (ofPage(narrow, e, f, g, h, s) << half);
      let ofQ = ofPage(narrow, a, b, c, d, t) | (ofPage(narrow, e, f, g, h, t) << half);
      // A page that is new in the epoch is entered when all before it are: when its access is the first one left.
      if (p == q || countOf(counts, q) == 0) ofQ = 0;
      left &= ~(ofP | ofQ);
      addTo(counts, nodeOf, q, ofQ, writes);
      store<u32>(touchedEnd, <u32>p);
      touchedEnd += <usize>(countOf(counts, p) == 0) << 2;
      addTo(counts, nodeOf, p, ofP, writes);
      rounds++;
    } while (left != 0);
    page += 4 * <usize>length;
    write += <usize>length;
  }
  if (rounds > ROUNDS_MAX) {
    pauseLeft = pause;
    pause = min(2 * pause, PAUSE_MAX);
  } else if (i > from) {
    pause = 1;
  }
  store<f64>(TOUCHED_COUNT, <f64>((touchedEnd - touched) >> 2));
  return i;
}

// @ts-ignore: decorator
@inline
function countOf(counts: usize, p: usize): u32 {
  return load<u32>(counts + (p << 2));
}

/** Counts accesses, a bit each, of page `p`: in the epoch, and by what serves them. */
// @ts-ignore: decorator
@inline
function addTo(counts: usize, nodeOf: usize, p: usize, accesses: u64, writes: u64): void {
  const count = <u32>popcnt(accesses);
  const written = <u32>popcnt(accesses & writes);
  const at = counts + (p << 2);
  store<u32>(at, load<u32>(at) + count);
  const kind = 2 * <u32>load<u8>(nodeOf + p);
  addServed(kind, count - written);
  addServed(kind + 1, written);
}

/** Vector `index` of the pages of a group. */
// @ts-ignore: decorator
@inline
export function pagesAt(narrow: bool, page: usize, index: usize): v128 {
  if (!narrow) return v128.load(page + 16 * index);
  const at = page + 32 * index;
  return i16x8.narrow_i32x4_u(v128.load(at), v128.load(at, 16));
}

/** The page of the access at `at`, in every lane. */
// @ts-ignore: decorator
@inline
export function pageInAll(narrow: bool, at: usize): v128 {
  return narrow ? v128.load16_splat(at) : v128.load32_splat(at);
}

// @ts-ignore: decorator
@inline
function larger(narrow: bool, some: v128, others: v128): v128 {
  return narrow ? i16x8.max_u(some, others) : i32x4.max_u(some, others);
}

// @ts-ignore: decorator
@inline
function isAnyBeyond(narrow: bool, pages: v128, pageCount: u32): bool {
  return narrow
    ? v128.any_true(i16x8.ge_u(pages, i16x8.splat(<i16>pageCount)))
    : v128.any_true(i32x4.ge_u(pages, i32x4.splat(<i32>pageCount)));
}

/** A bit for each access of half a group: whether it is to the page of `s`. */
// @ts-ignore: decorator
@inline
export function ofPage(narrow: bool, a: v128, b: v128, c: v128, d: v128, s: v128): u64 {
  if (!narrow) {
    const low = i16x8.narrow_i32x4_s(i32x4.eq(a, s), i32x4.eq(b, s));
    const high = i16x8.narrow_i32x4_s(i32x4.eq(c, s), i32x4.eq(d, s));
    return <u64>bits(i8x16.narrow_i16x8_s(low, high));
  }
  const low = bits(i8x16.narrow_i16x8_s(i16x8.eq(a, s), i16x8.eq(b, s)));
  const high = bits(i8x16.narrow_i16x8_s(i16x8.eq(c, s), i16x8.eq(d, s)));
  return <u64>(low | (high << 16));
}

/** A bit for each access of a group: whether it is a write. */
// @ts-ignore: decorator
@inline
export function writesAt(narrow: bool, write: usize): u64 {
  const low = <u64>(writesOf(write) | (writesOf(write + 16) << 16));
  if (!narrow) return low;
  return low | (<u64>(writesOf(write + 32) | (writesOf(write + 48) << 16)) << 32);
}

// @ts-ignore: decorator
@inline
function writesOf(write: usize): u32 {
  return bits(i16x8.shl(v128.load(write), 7));
}

/** The highest bit of each byte. */
// @ts-ignore: decorator
@inline
function bits(bytes: v128): u32 {
  return <u32>i8x16.bitmask(bytes);
}
