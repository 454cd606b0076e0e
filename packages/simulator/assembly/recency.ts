// Several least-recently-used caches over one trace. A larger cache holds whatever a smaller one does, so all of them are
// one list of pages by recency, with a mark at the last page of each: an access costs the list once, and each cache
// that misses an exchange. `src/shared/recency-columns.ts` says what the columns hold.
//
// Source: Mattson et al., "Evaluation techniques for storage hierarchies", IBM Systems Journal 9 (2), 1970: inclusion.
import { pageColumn, writeColumn } from './state';

const NONE: u32 = 0xffffffff;

// Places in the table of the group: what all caches have in common.
const CLOCK_NS: usize = 0;
const STOP_NS: usize = 8;
const FULL: usize = 16;
const ALIVE: usize = 24;
const PAGE_COUNT: usize = 32;
const FIRST: usize = 36;
const LAST: usize = 40;
const RUNS: usize = 44;
const PAGES_MAX: usize = 48;
const WRITES: usize = 52;
const READ_NS: usize = 56;
const WRITE_NS: usize = 64;
const FAULT_NS: usize = 72;
const WINDOW_STEPS: usize = 80;
const STRIDE: usize = 88;
const STEPS_PER_NS: usize = 96;
const GROUP_BYTES: usize = 104;

// Places in the entry of a run, one entry after the other behind the group's.
const EXTRA_NS: usize = 0;
const DEADLINE_NS: usize = 8;
const READ_EXTRA_NS: usize = 16;
const WRITE_EXTRA_NS: usize = 24;
const MARK: usize = 32;
const CAPACITY: usize = 36;
const READ_MISSES: usize = 40;
const WRITE_MISSES: usize = 44;
const COMEBACKS: usize = 48;
const RETURNS: usize = 52;
const WASTED: usize = 56;
const DUE: usize = 60;
const RUN_BYTES: usize = 64;

// Places in the entry of a page: the next page nearer to the first one and the next one farther, in which caches it
// is, in which of them it is the last one, and how often it was accessed.
const NEARER: usize = 0;
const FARTHER: usize = 4;
const INSIDE: usize = 8;
const MARKS: usize = 16;
const TALLY: usize = 24;

// @ts-ignore: decorator
@inline
function pageOf(pages: usize, page: u32): usize {
  return pages + (<usize>page << 5);
}

// @ts-ignore: decorator
@inline
function runOf(group: usize, run: u32): usize {
  return group + GROUP_BYTES + <usize>run * RUN_BYTES;
}

/** Puts a page that is in no list before the first one. */
// @ts-ignore: decorator
@inline
function linkFirst(group: usize, pages: usize, page: u32): void {
  const first = load<u32>(group, FIRST);
  const at = pageOf(pages, page);
  store<u32>(at, NONE, NEARER);
  store<u32>(at, first, FARTHER);
  if (first == NONE) store<u32>(group, page, LAST);
  else store<u32>(pageOf(pages, first), page, NEARER);
  store<u32>(group, page, FIRST);
}

/** Takes a page that is not the first one out of the list. */
// @ts-ignore: decorator
@inline
function unlink(group: usize, pages: usize, page: u32): void {
  const at = pageOf(pages, page);
  const nearer = load<u32>(at, NEARER);
  const farther = load<u32>(at, FARTHER);
  store<u32>(pageOf(pages, nearer), farther, FARTHER);
  if (farther == NONE) store<u32>(group, nearer, LAST);
  else store<u32>(pageOf(pages, farther), nearer, NEARER);
}

// @ts-ignore: decorator
@inline
function addBits(at: usize, bits: u64): void {
  store<u64>(at, load<u64>(at) | bits);
}

/** The next page is there: it is in every cache that has room, and a cache that it fills has its last page marked. */
function mapPage(group: usize, pages: usize): void {
  const page = load<u32>(group, PAGE_COUNT);
  linkFirst(group, pages, page);
  store<u32>(group, page + 1, PAGE_COUNT);
  const alive = load<u64>(group, ALIVE);
  const at = pageOf(pages, page);
  store<u64>(at, alive & ~load<u64>(group, FULL), INSIDE);
  store<u64>(at, 0, MARKS);
  const runs = load<u32>(group, RUNS);
  for (let run: u32 = 0; run < runs; run++) {
    const entry = runOf(group, run);
    const bit = ((<u64>1) << run) & alive;
    if (load<u32>(entry, CAPACITY) != page + 1 || bit == 0) continue;
    const last = load<u32>(group, LAST);
    store<u32>(entry, last, MARK);
    addBits(pageOf(pages, last) + MARKS, bit);
    addBits(group + FULL, bit);
  }
}

/** A page that is the last one of the caches `which` is used: the one before it is the last one. */
function moveMarks(group: usize, pages: usize, page: u32, which: u64): void {
  const at = pageOf(pages, page);
  const nearer = load<u32>(at, NEARER);
  store<u64>(at, 0, MARKS);
  addBits(pageOf(pages, nearer) + MARKS, which);
  for (let left = which; left != 0; left &= left - 1) {
    store<u32>(runOf(group, <u32>ctz(left)), nearer, MARK);
  }
}

/**
 * Replays accesses `from` to `to` of the block in every cache. Stops at an access at which an event of some run is due,
 * and at a first touch for which one has no room, or which is not of the next page.
 */
export function replayRecencies(
  group: usize,
  pages: usize,
  moved: usize,
  movedAt: usize,
  from: i32,
  to: i32,
): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const readNs = load<f64>(group, READ_NS);
  const writeNs = load<f64>(group, WRITE_NS);
  const windowSteps = load<f64>(group, WINDOW_STEPS);
  const stepsPerNs = load<f64>(group, STEPS_PER_NS);
  const stride = load<u32>(group, STRIDE);
  let clock = load<f64>(group, CLOCK_NS);
  let stop = load<f64>(group, STOP_NS);
  let writes = load<u32>(group, WRITES);
  let i = from;
  for (; i < to; i++) {
    const p = load<u32>(page + (<usize>i << 2));
    const w = <u32>load<u8>(write + <usize>i);
    if (clock >= stop) break;
    const pageCount = load<u32>(group, PAGE_COUNT);
    if (p >= pageCount) {
      if (p > pageCount || pageCount >= load<u32>(group, PAGES_MAX)) break;
      mapPage(group, pages);
      clock += load<f64>(group, FAULT_NS);
      if (clock >= stop) break;
    }
    const at = pageOf(pages, p);
    const count = load<u32>(at, TALLY) + 1;
    store<u32>(at, count, TALLY);
    clock += w == 0 ? readNs : writeNs;
    writes += w;
    if (p != load<u32>(group, FIRST)) {
      const marked = load<u64>(at, MARKS);
      if (marked != 0) moveMarks(group, pages, p, marked);
      unlink(group, pages, p);
      linkFirst(group, pages, p);
    }
    const missing = load<u64>(group, FULL) & ~load<u64>(at, INSIDE);
    if (missing == 0) continue;
    addBits(at + INSIDE, missing);
    for (let left = missing; left != 0; left &= left - 1) {
      const run = <u32>ctz(left);
      const bit: u64 = (<u64>1) << run;
      const entry = runOf(group, run);
      const extra = load<f64>(entry, EXTRA_NS) + load<f64>(entry + (<usize>w << 3), READ_EXTRA_NS);
      store<f64>(entry, extra, EXTRA_NS);
      stop = min(stop, load<f64>(entry, DEADLINE_NS) - extra);
      const misses = entry + (<usize>w << 2);
      store<u32>(misses, load<u32>(misses, READ_MISSES) + 1, READ_MISSES);
      const victim = load<u32>(entry, MARK);
      const victimAt = pageOf(pages, victim);
      const last = load<u32>(victimAt, NEARER);
      store<u32>(entry, last, MARK);
      store<u64>(victimAt, load<u64>(victimAt, MARKS) & ~bit, MARKS);
      store<u64>(victimAt, load<u64>(victimAt, INSIDE) & ~bit, INSIDE);
      addBits(pageOf(pages, last) + MARKS, bit);
      // The page is promoted; the one that leaves is demoted.
      const date = floor((clock + extra) * stepsPerNs) + 1;
      const cell = <usize>p * stride + run;
      const victimCell = <usize>victim * stride + run;
      const held = load<f64>(moved + (cell << 3));
      const departed = load<f64>(moved + (victimCell << 3));
      const hits = load<u32>(victimAt, TALLY) - load<u32>(movedAt + (victimCell << 2));
      if (held < 0 && date + held <= windowSteps) add(entry, COMEBACKS);
      if (departed > 0 && date - departed <= windowSteps) add(entry, RETURNS);
      if (departed > 0 && hits < load<u32>(entry, DUE)) add(entry, WASTED);
      store<f64>(moved + (victimCell << 3), -date);
      store<f64>(moved + (cell << 3), date);
      store<u32>(movedAt + (cell << 2), count);
    }
  }
  store<f64>(group, clock, CLOCK_NS);
  store<f64>(group, stop, STOP_NS);
  store<u32>(group, writes, WRITES);
  return i;
}

// @ts-ignore: decorator
@inline
function add(entry: usize, place: usize): void {
  store<u32>(entry + place, load<u32>(entry + place) + 1);
}
