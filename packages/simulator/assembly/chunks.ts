// A piece that dwells on few pages, counted for many runs chunk by chunk. `src/shared/counts.ts` says what the columns hold.
import { ofPage, pageInAll, pagesAt, writesAt } from './dwell';
import { WRITE } from './shared';
import { pageColumn, writeColumn } from './state';

/** Rounds of a group, of two pages each; what is left then is counted one by one. */
const ROUNDS_MAX: i32 = 12;

let listEnd: usize = 0;
let distinctEnd: usize = 0;

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
  listEnd = lists;
  distinctEnd = distinct;
  for (let first = from; first < to; first += chunk) {
    const last = min(to, first + chunk);
    if (narrow) countGroups(true, counts, first, last);
    else countGroups(false, counts, first, last);
    store<u32>(ends, <u32>listEnd);
    ends += 4;
  }
  return <i32>((distinctEnd - distinct) >> 2);
}

// @ts-ignore: decorator
@inline
function countGroups(narrow: bool, counts: usize, from: i32, to: i32): void {
  const length = narrow ? 64 : 32;
  const half = <u64>(length / 2);
  let page = pageColumn() + (<usize>from << 2);
  let write = writeColumn() + <usize>from;
  let i = from;
  for (; i + length <= to; i += length) {
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
      const first = page + 4 * <usize>ctz(left);
      const last = page + 4 * (63 - <usize>clz(left));
      const p = load<u32>(first);
      const q = load<u32>(last);
      const s = pageInAll(narrow, first);
      const t = pageInAll(narrow, last);
      const ofP = ofPage(narrow, a, b, c, d, s) | (ofPage(narrow, e, f, g, h, s) << half);
      let ofQ = ofPage(narrow, a, b, c, d, t) | (ofPage(narrow, e, f, g, h, t) << half);
      // Pages are entered in the order of their first access: one that is new, when its access is the first one left.
      if (p == q || load<u32>(counts + (<usize>q << 2)) == 0) ofQ = 0;
      left &= ~(ofP | ofQ);
      enter(counts, p, countOf(ofP, writes));
      if (ofQ != 0) enter(counts, q, countOf(ofQ, writes));
    } while (left != 0 && ++rounds < ROUNDS_MAX);
    for (; left != 0; left &= left - 1) enterOne(counts, page, write, <usize>ctz(left));
    page += 4 * <usize>length;
    write += <usize>length;
  }
  for (; i < to; i++) {
    enterOne(counts, page, write, 0);
    page += 4;
    write += 1;
  }
}

/** A count of accesses, a bit each, as `countPiece` has it. */
// @ts-ignore: decorator
@inline
function countOf(accesses: u64, writes: u64): u32 {
  return <u32>popcnt(accesses) + <u32>popcnt(accesses & writes) * WRITE;
}

// @ts-ignore: decorator
@inline
function enterOne(counts: usize, page: usize, write: usize, index: usize): void {
  enter(counts, load<u32>(page + 4 * index), 1 + <u32>load<u8>(write + index) * WRITE);
}

/** Adds a count of page `p` to the list of the chunk, and to the counts of the piece. */
// @ts-ignore: decorator
@inline
function enter(counts: usize, p: u32, count: u32): void {
  store<u32>(listEnd, p);
  store<u32>(listEnd, count, 4);
  listEnd += 8;
  const at = counts + (<usize>p << 2);
  const before = load<u32>(at);
  store<u32>(at, before + count);
  store<u32>(distinctEnd, p);
  distinctEnd += <usize>(before == 0) << 2;
}
