// What many runs over one trace count together. `src/shared/counts.ts` says what the columns hold.
import {
  accessesColumn,
  pageColumn,
  SCRATCH,
  servedTable,
  sortedPagesColumn,
  tallyColumn,
  touchedColumn,
  TOUCHED_COUNT,
  writeColumn,
  writesColumn,
} from './state';

/** Counts accesses `from` to `to` of the block by page, in the columns that there are. */
export function countPages(from: i32, to: i32): void {
  const page = pageColumn();
  const write = writeColumn();
  const accesses = accessesColumn();
  const writes = writesColumn();
  const tally = tallyColumn();
  const touched = touchedColumn();
  if (tally != 0) {
    for (let i = from; i < to; i++) {
      const at = tally + (<usize>load<u32>(page + (<usize>i << 2)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
  if (touched == 0) return;
  let touchedEnd = touched + 4 * <usize>load<f64>(TOUCHED_COUNT);
  for (let i = from; i < to; i++) {
    const p = <usize>load<u32>(page + (<usize>i << 2));
    const w = <u32>load<u8>(write + <usize>i);
    let seen: u32 = 0;
    if (accesses != 0) {
      const at = accesses + (p << 2);
      seen = load<u32>(at);
      store<u32>(at, seen + 1);
    }
    if (writes != 0) {
      const at = writes + (p << 2);
      const before = load<u32>(at);
      seen |= before;
      store<u32>(at, before + w);
    }
    store<u32>(touchedEnd, <u32>p);
    touchedEnd += <usize>(seen == 0 && (accesses != 0 || w == 1)) << 2;
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

/** All words of `plane` of the pages of accesses `from` to `to` in one, bit by bit; stored at `at`. */
export function joinWords(plane: usize, from: i32, to: i32, at: usize): void {
  const page = pageColumn();
  let joined: u64 = 0;
  for (let i = from; i < to; i++) {
    joined |= load<u64>(plane + (<usize>load<u32>(page + (<usize>i << 2)) << 3));
  }
  store<u64>(at, joined);
}

/** Copies the pages of accesses `from` to `to`: those read from the start of the column, those written from its end. */
export function sortPages(from: i32, to: i32, end: i32): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const sorted = sortedPagesColumn();
  let readAt = sorted;
  let writeAt = sorted + (<usize>end << 2);
  for (let i = from; i < to; i++) {
    const p = load<u32>(page + (<usize>i << 2));
    const w = <usize>load<u8>(write + <usize>i);
    store<u32>(readAt, p);
    store<u32>(writeAt - 4, p);
    readAt += (1 - w) << 2;
    writeAt -= w << 2;
  }
  return <i32>((readAt - sorted) >> 2);
}

/**
 * Of the sorted pages `from` to `to`, counts for each of 64 runs those whose word in `plane` has its bit, in the
 * served table from entry `slot` on. Bits are added column by column: of eight words come three bits of 64 sums.
 *
 * Source: Harley and Seal's carry-save adder; Warren, Hacker's Delight, 5-1.
 */
export function countServed(plane: usize, from: i32, to: i32, slot: i32): void {
  const sorted = sortedPagesColumn();
  for (let level: usize = 0; level < 32; level++) store<u64>(SCRATCH + (level << 3), 0);
  let ones: u64 = 0;
  let twos: u64 = 0;
  let fours: u64 = 0;
  let at = sorted + (<usize>from << 2);
  const end = sorted + (<usize>to << 2);
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
    carry(eights, 3);
  }
  store<u64>(SCRATCH, ones);
  store<u64>(SCRATCH + 8, twos);
  store<u64>(SCRATCH + 16, fours);
  for (; at < end; at += 4) carry(word(plane, at, 0), 0);
  const table = servedTable() + (<usize>slot << 2);
  const levels: u32 = <u32>32 - clz<u32>(<u32>(to - from));
  for (let run: u64 = 0; run < 64; run++) {
    let sum: u32 = 0;
    for (let level: u32 = 0; level < levels; level++) {
      sum |= <u32>((load<u64>(SCRATCH + (<usize>level << 3)) >> run) & 1) << level;
    }
    store<u32>(table + (<usize>run << 2), sum);
  }
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
  let at = SCRATCH + (level << 3);
  while (bits != 0) {
    const before = load<u64>(at);
    store<u64>(at, before ^ bits);
    bits &= before;
    at += 8;
  }
}
