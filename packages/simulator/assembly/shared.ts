// What many runs over one trace count together. `src/shared/counts.ts` says what the columns hold.
import { countTouched } from './access';
import {
  accessesColumn,
  pageColumn,
  SCRATCH,
  servedTable,
  tallyColumn,
  touchedColumn,
  TOUCHED_COUNT,
  writeColumn,
  writesColumn,
} from './state';

/** Levels of bits of a count. */
const LEVELS: usize = 16;
/** 64 sums, by levels; behind the counters of a walk. */
const SUMS: usize = SCRATCH + 1024;

/** A write in a count of 16 bits of reads and 16 bits of writes, less the read that every access counts as. */
export const WRITE: u32 = 65535;

/**
 * Counts the reads and writes of accesses `from` to `to` by page, 16 bits each, in a column of 0, and returns how many pages they are
 * of; `distinct` has these in the order of their first access.
 */
export function countPiece(counts: usize, distinct: usize, from: i32, to: i32): i32 {
  const page = pageColumn();
  const write = writeColumn();
  let end = distinct;
  for (let i = from; i < to; i++) {
    const p = load<u32>(page + (<usize>i << 2));
    const at = counts + (<usize>p << 2);
    const before = load<u32>(at);
    store<u32>(at, before + 1 + <u32>load<u8>(write + <usize>i) * WRITE);
    store<u32>(end, p);
    end += <usize>(before == 0) << 2;
  }
  return <i32>((end - distinct) >> 2);
}

/** Makes the counts of a piece 0 again. */
export function forgetPiece(counts: usize, distinct: usize, pages: i32): void {
  for (let i = 0; i < pages; i++) store<u32>(counts + (<usize>load<u32>(distinct + (<usize>i << 2)) << 2), 0);
}

/** Counts accesses `from` to `to` by page, in the columns of the epoch or, where accesses are not among these, in the tally. */
export function countEpoch(from: i32, to: i32): void {
  const page = pageColumn();
  const accesses = accessesColumn();
  if (accesses == 0) {
    const tally = tallyColumn();
    if (tally == 0) return;
    for (let i = from; i < to; i++) {
      const at = tally + (<usize>load<u32>(page + (<usize>i << 2)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
    return;
  }
  const touched = touchedColumn();
  let touchedEnd = touched + 4 * <usize>load<f64>(TOUCHED_COUNT);
  for (let i = from; i < to; i++) {
    touchedEnd = countTouched(accesses, touchedEnd, <usize>load<u32>(page + (<usize>i << 2)));
  }
  store<f64>(TOUCHED_COUNT, <f64>((touchedEnd - touched) >> 2));
  const writes = writesColumn();
  if (writes == 0) return;
  const write = writeColumn();
  for (let i = from; i < to; i++) {
    const at = writes + (<usize>load<u32>(page + (<usize>i << 2)) << 2);
    store<u32>(at, load<u32>(at) + <u32>load<u8>(write + <usize>i));
  }
}

/**
 * Adds the counts of a piece of `length` accesses to those of the epoch or, where accesses are not among these, to the tally; writes alone are
 * for {@link touchWritten}. Lists the pages by the bits of their counts, once for reads and once for writes, and makes the counts 0: a
 * page that is read five times is in the lists of levels 0 and 2. List k of the one kind or the other has room for
 * `length >> k` pages; `ends` says where each ends. Returns the reads.
 */
export function takePiece(counts: usize, distinct: usize, pages: i32, length: i32, lists: usize, ends: usize): u32 {
  startLists(length, lists, ends);
  const accesses = accessesColumn();
  const writes = writesColumn();
  const tally = tallyColumn();
  const touched = touchedColumn();
  let touchedEnd = touched;
  if (touched != 0) touchedEnd += 4 * <usize>load<f64>(TOUCHED_COUNT);
  let reads: u32 = 0;
  for (let i = 0; i < pages; i++) {
    const p = load<u32>(distinct + (<usize>i << 2));
    const offset = <usize>p << 2;
    const count = load<u32>(counts + offset);
    store<u32>(counts + offset, 0);
    const written = count >> 16;
    const all = (count & 0xffff) + written;
    reads += all - written;
    listByBits(p, count, ends);
    if (accesses == 0) {
      if (tally != 0) store<u32>(tally + offset, load<u32>(tally + offset) + all);
      continue;
    }
    if (writes != 0) store<u32>(writes + offset, load<u32>(writes + offset) + written);
    const before = load<u32>(accesses + offset);
    store<u32>(accesses + offset, before + all);
    store<u32>(touchedEnd, p);
    touchedEnd += <usize>(before == 0) << 2;
  }
  if (touched != 0) store<f64>(TOUCHED_COUNT, <f64>((touchedEnd - touched) >> 2));
  return reads;
}

/** Empty lists of a piece of `length` accesses. */
function startLists(length: i32, lists: usize, ends: usize): void {
  let at = lists;
  for (let kind: usize = 0; kind < 2; kind++) {
    for (let level: usize = 0; level < LEVELS; level++) {
      store<u32>(ends + ((kind * LEVELS + level) << 2), <u32>at);
      at += <usize>(<u32>length >> <u32>level) << 2;
    }
  }
}

/** The bits of the reads are those of levels 0 to 15, the bits of the writes the next ones. */
// @ts-ignore: decorator
@inline
function listByBits(p: u32, count: u32, ends: usize): void {
  for (let left = count; left != 0; left &= left - 1) {
    const endAt = ends + (<usize>ctz(left) << 2);
    const end = load<u32>(endAt);
    store<u32>(<usize>end, p);
    store<u32>(endAt, end + 4);
  }
}

/** Adds the counts of the epoch to the tally. */
export function foldCounts(): void {
  const accesses = accessesColumn();
  const tally = tallyColumn();
  let touched = touchedColumn();
  const end = touched + 4 * <usize>load<f64>(TOUCHED_COUNT);
  for (; touched < end; touched += 4) {
    const offset = <usize>load<u32>(touched) << 2;
    store<u32>(tally + offset, load<u32>(tally + offset) + load<u32>(accesses + offset));
  }
}

/** Counts the writes of a piece to those of the epoch, where accesses are not counted: pages are touched in the order of their first write. */
export function touchWritten(from: i32, to: i32): void {
  const page = pageColumn();
  const write = writeColumn();
  const writes = writesColumn();
  const touched = touchedColumn();
  let touchedEnd = touched + 4 * <usize>load<f64>(TOUCHED_COUNT);
  for (let i = from; i < to; i++) {
    if (load<u8>(write + <usize>i) == 0) continue;
    const p = load<u32>(page + (<usize>i << 2));
    const at = writes + (<usize>p << 2);
    const before = load<u32>(at);
    store<u32>(at, before + 1);
    store<u32>(touchedEnd, p);
    touchedEnd += <usize>(before == 0) << 2;
  }
  store<f64>(TOUCHED_COUNT, <f64>((touchedEnd - touched) >> 2));
}

/** Notes in two columns that the pages of accesses `from` to `to` were touched, and which were written, in this piece. */
export function stampPages(touchedIn: usize, writtenIn: usize, from: i32, to: i32, piece: u32): void {
  const page = pageColumn();
  const write = writeColumn();
  for (let i = from; i < to; i++) {
    const at = <usize>load<u32>(page + (<usize>i << 2)) << 2;
    store<u32>(touchedIn + at, piece);
    if (load<u8>(write + <usize>i) != 0) store<u32>(writtenIn + at, piece);
  }
}

/** All words of `plane` of the pages of a piece in one, bit by bit; stored at `at`. */
export function joinWords(plane: usize, distinct: usize, pages: i32, at: usize): void {
  let joined: u64 = 0;
  for (let i = 0; i < pages; i++) joined |= word(plane, distinct + (<usize>i << 2), 0);
  store<u64>(at, joined);
}

/**
 * Counts for each of 64 runs the accesses of one kind to pages whose word in `plane` has its bit, in the served table
 * from entry `slot` on. `kind` is 0 for the reads and 1 for the writes that `takePiece` has listed, which are `total`.
 */
export function countServed(plane: usize, length: i32, lists: usize, ends: usize, kind: i32, total: u32, slot: i32): void {
  for (let level: usize = 0; level < LEVELS; level++) store<u64>(SUMS + (level << 3), 0);
  let at = lists;
  if (kind == 1) for (let level: u32 = 0; level < <u32>LEVELS; level++) at += <usize>(<u32>length >> level) << 2;
  for (let level: usize = 0; level < LEVELS; level++) {
    const end = <usize>load<u32>(ends + ((<usize>kind * LEVELS + level) << 2));
    if (end > at) addWords(plane, at, end, level);
    at += <usize>(<u32>length >> <u32>level) << 2;
  }
  const table = servedTable() + (<usize>slot << 2);
  const levels: u32 = <u32>32 - clz<u32>(total);
  for (let run: u64 = 0; run < 64; run++) {
    let sum: u32 = 0;
    for (let level: u32 = 0; level < levels; level++) {
      sum |= <u32>((load<u64>(SUMS + (<usize>level << 3)) >> run) & 1) << level;
    }
    store<u32>(table + (<usize>run << 2), sum);
  }
}

/**
 * Adds the words of a list of pages to 64 sums, as bits of this level. Bits are added column by column: of eight
 * words come three bits of the sums.
 *
 * Source: Harley and Seal's carry-save adder; Warren, Hacker's Delight, 5-1.
 */
function addWords(plane: usize, from: usize, end: usize, level: usize): void {
  let ones: u64 = 0;
  let twos: u64 = 0;
  let fours: u64 = 0;
  let at = from;
  for (; at + 32 <= end; at += 32) {
    let x = word(plane, at, 0);
    let y = word(plane, at, 4);
    let u = ones ^ x;
    const twosA = (ones & x) | (u & y);
    ones = u ^ y;
    x = word(plane, at, 8);
    y = word(plane, at, 12);
    u = ones ^ x;
    const twosB = (ones & x) | (u & y);
    ones = u ^ y;
    u = twos ^ twosA;
    const foursA = (twos & twosA) | (u & twosB);
    twos = u ^ twosB;
    x = word(plane, at, 16);
    y = word(plane, at, 20);
    u = ones ^ x;
    const twosC = (ones & x) | (u & y);
    ones = u ^ y;
    x = word(plane, at, 24);
    y = word(plane, at, 28);
    u = ones ^ x;
    const twosD = (ones & x) | (u & y);
    ones = u ^ y;
    u = twos ^ twosC;
    const foursB = (twos & twosC) | (u & twosD);
    twos = u ^ twosD;
    u = fours ^ foursA;
    const eights = (fours & foursA) | (u & foursB);
    fours = u ^ foursB;
    carry(eights, level + 3);
  }
  carry(ones, level);
  carry(twos, level + 1);
  carry(fours, level + 2);
  for (; at < end; at += 4) carry(word(plane, at, 0), level);
}

// @ts-ignore: decorator
@inline
function word(plane: usize, at: usize, offset: usize): u64 {
  return load<u64>(plane + (<usize>load<u32>(at + offset) << 3));
}

/** Adds a bit of 64 sums at a level. */
// @ts-ignore: decorator
@inline
function carry(bits: u64, level: usize): void {
  let at = SUMS + (level << 3);
  while (bits != 0) {
    const before = load<u64>(at);
    store<u64>(at, before ^ bits);
    bits &= before;
    at += 8;
  }
}
