// A piece that dwells on few pages, counted for many runs chunk by chunk. `src/shared/counts.ts` says what the columns hold.
import { ofPage, pageInAll, pagesAt, writesAt } from './dwell';
import { WRITE } from './shared';
import { pageColumn, writeColumn } from './state';

/** Rounds of a group, of two pages each; what is left then is counted one by one. */
const ROUNDS_MAX: i32 = 12;

/**
 * As `countPiece`, of accesses that dwell on few pages: 64 of them are a group, or 32 where a page takes more than 16 bits (not `narrow`),
 * which is counted page by page as `replayDwelling` does it. `lists` comes to have the pages of each chunk of so many accesses,
 * every one followed by its count, and some of them twice; `ends`, where the list of each chunk ends.
 */
export function countChunks(
  counts: usize,
  distinct: usize,
  lists: usize,
  ends: usize,
  from: i32,
  to: i32,
  chunk: i32,
  narrow: bool,
): i32 {
  return narrow
    ? countGroups(true, counts, distinct, lists, ends, from, to, chunk)
    : countGroups(false, counts, distinct, lists, ends, from, to, chunk);
}

// @ts-ignore: decorator
@inline
function countGroups(
  narrow: bool,
  counts: usize,
  distinct: usize,
  lists: usize,
  ends: usize,
  from: i32,
  to: i32,
  chunk: i32,
): i32 {
  const length = narrow ? 64 : 32;
  const half = <u64>(length / 2);
  let page = pageColumn() + (<usize>from << 2);
  let write = writeColumn() + <usize>from;
  let listEnd = lists;
  let distinctEnd = distinct;
  for (let i = from; i < to; ) {
    const last = min(to, i + chunk);
    for (; i + length <= last; i += length) {
      const a = pagesAt(narrow, page, 0);
      const b = pagesAt(narrow, page, 1);
      const c = pagesAt(narrow, page, 2);
      const d = pagesAt(narrow, page, 3);
      const e = pagesAt(narrow, page, 4);
      const f = pagesAt(narrow, page, 5);
      const g = pagesAt(narrow, page, 6);
      const h = pagesAt(narrow, page, 7);
      const writes = writesAt(narrow, write);
      let left: u64 = narrow ? ~0 : 0xffffffff;
      let rounds = 0;
      do {
        const firstLeft = page + 4 * <usize>ctz(left);
        const lastLeft = page + 4 * (63 - <usize>clz(left));
        const p = load<u32>(firstLeft);
        const q = load<u32>(lastLeft);
        const s = pageInAll(narrow, firstLeft);
        const t = pageInAll(narrow, lastLeft);
        const ofP = ofPage(narrow, a, b, c, d, s) | (ofPage(narrow, e, f, g, h, s) << half);
        let ofQ = ofPage(narrow, a, b, c, d, t) | (ofPage(narrow, e, f, g, h, t) << half);
        // Pages are entered in the order of their first access: one that is new, when its access is the first one left.
        if (p == q || load<u32>(counts + (<usize>q << 2)) == 0) ofQ = 0;
        left &= ~(ofP | ofQ);
        // In locals, as what one entry leaves to the next one would wait in memory.
        listEnd = list(listEnd, p, countOf(ofP, writes));
        distinctEnd = enter(counts, distinctEnd, p, countOf(ofP, writes));
        if (ofQ == 0) continue;
        listEnd = list(listEnd, q, countOf(ofQ, writes));
        distinctEnd = enter(counts, distinctEnd, q, countOf(ofQ, writes));
      } while (left != 0 && ++rounds < ROUNDS_MAX);
      for (; left != 0; left &= left - 1) {
        const index = <usize>ctz(left);
        const p = load<u32>(page + 4 * index);
        const count = 1 + <u32>load<u8>(write + index) * WRITE;
        listEnd = list(listEnd, p, count);
        distinctEnd = enter(counts, distinctEnd, p, count);
      }
      page += 4 * <usize>length;
      write += <usize>length;
    }
    for (; i < last; i++) {
      const p = load<u32>(page);
      const count = 1 + <u32>load<u8>(write) * WRITE;
      listEnd = list(listEnd, p, count);
      distinctEnd = enter(counts, distinctEnd, p, count);
      page += 4;
      write += 1;
    }
    store<u32>(ends, <u32>listEnd);
    ends += 4;
  }
  return <i32>((distinctEnd - distinct) >> 2);
}

/** A count of accesses, a bit each, as `countPiece` has it. */
// @ts-ignore: decorator
@inline
function countOf(accesses: u64, writes: u64): u32 {
  return <u32>popcnt(accesses) + <u32>popcnt(accesses & writes) * WRITE;
}

/** Adds a count of page `p` to the list of the chunk; returns where that ends. */
// @ts-ignore: decorator
@inline
function list(end: usize, p: u32, count: u32): usize {
  store<u32>(end, p);
  store<u32>(end, count, 4);
  return end + 8;
}

/** Adds a count of page `p` to those of the piece; returns where the pages of the piece end. */
// @ts-ignore: decorator
@inline
function enter(counts: usize, distinctEnd: usize, p: u32, count: u32): usize {
  const at = counts + (<usize>p << 2);
  const before = load<u32>(at);
  store<u32>(at, before + count);
  store<u32>(distinctEnd, p);
  return distinctEnd + (<usize>(before == 0) << 2);
}
