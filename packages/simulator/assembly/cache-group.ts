// A cache in order of recency, in groups of up to 64 accesses. Which of them hit is asked of all at once, without a branch
// that hangs on a page: as if each page that comes stayed to the end of the group. Then pages come and leave, in order.
// A page that leaves was not used in the group: else the group ends before the access for which it would leave, and what
// was done for the rest of it is undone.
import { addServed, mapFirstTouch, noteServed, pauseOf } from './access';
import {
  afterUse,
  ASTRAY,
  dateOf,
  dueBetween,
  end,
  exchange,
  freshSlot,
  home,
  isSimple,
  makeRoom,
  mask,
  nextLive,
  nextSlot,
  nodeOfPage,
  NONE,
  noteUses,
  OWED,
  pages,
  promoted,
  RECENCY,
  residentOf,
  size,
  standingOf,
  standingOfDate,
  start,
  WORD,
  wordOf,
} from './cache-order';
import {
  classCostTable,
  CLOCK_NS,
  COST_NS_MAX,
  GROUP_BUFFERS,
  INCLUDED_NS,
  liveColumn,
  LOADED,
  MAP_COST_NS,
  MAP_NODE,
  NO_NODE,
  nodeOfColumn,
  OPEN_LOOP,
  pageColumn,
  placeColumn,
  standingColumn,
  THINK_NS,
  TICK_NS,
  timeColumn,
  TRACE_TIME,
  writeColumn,
} from './state';

/** Accesses of a group at most: what a word has bits for. */
export const GROUP: u32 = 64;
/** By access of the group: its page's place before it. */
const PLACES: usize = GROUP_BUFFERS;
/** By access of the group: the pauses up to it. */
const PAUSES: usize = GROUP_BUFFERS + 4 * GROUP;

/** Bits by access of the group: writes, those whose pages come, and of these the ones whose pages were used again. */
let writes: u64 = 0;
let missing: u64 = 0;
let again: u64 = 0;
/** How many uses after the first one that is noted the first one is that the group made stale. */
let near: u32 = 0;
/** What the accesses took that came to pass, beyond hits and pauses: faults, and what misses take longer. */
let extraNs: f64 = 0;
/** What a hit costs the clock, and what a write costs it more. */
let readNs: f64 = 0;
let writeNs: f64 = 0;

/** Replays accesses from `from` on in groups; returns the first one that must be looked at alone. */
// @ts-ignore: decorator
@inline
export function replayGroups(timed: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  const openLoop = timed && load<f64>(OPEN_LOOP) != 0;
  const costs = classCostTable() + 16 * <usize>home;
  readNs = openLoop ? 0 : load<f64>(costs);
  writeNs = openLoop ? 0 : load<f64>(costs, 8) - readNs;
  const groupNs = (load<f64>(COST_NS_MAX) + load<f64>(MAP_COST_NS)) * GROUP;
  let i = from;
  while (i < to) {
    makeRoom(GROUP);
    const length = min(<u32>(to - i), GROUP - (end % WORD));
    const clock = load<f64>(CLOCK_NS);
    const pausesNs = timed ? sumPauses(i, length) : 0;
    if (clock + pausesNs + groupNs >= deadlineNs) break;
    warm(i, length);
    takeUses(i, length);
    sortAccesses(i, length);
    const done = takeMisses(timed, openLoop, i, length, clock);
    if (done < length) undo(i, done, length);
    if (again != 0) settleAgain(i, done);
    noteUses(done);
    const hits = bitsBelow(done) & ~missing;
    addServed(2 * home, <u32>popcnt(hits & ~writes));
    addServed(2 * home + 1, <u32>popcnt(hits & writes));
    store<f64>(CLOCK_NS, clock + extraNs + hitsNs(timed, done));
    if (timed && done > 0) {
      store<f64>(THINK_NS, load<f64>(THINK_NS) + load<f64>(PAUSES + ((<usize>done - 1) << 3)));
      store<f64>(TRACE_TIME, load<f64>(timeColumn() + ((<usize>i + done - 1) << 3)));
    }
    i += done;
    if (done < length) break;
  }
  return i;
}

/**
 * Loads the places of the pages of a group, and of as many that leave next as left in the group before, one independent
 * of the other, so that a machine waits for all of it at once. The loops are as short as they can be, so that a processor
 * has many of these loads under way. The sum means nothing but that they are made.
 */
// @ts-ignore: decorator
@inline
function warm(from: i32, length: u32): void {
  const page = pageColumn() + (<usize>from << 2);
  const place = placeColumn();
  let sum: u32 = 0;
  for (let at = page; at < page + (<usize>length << 2); at += 4) {
    sum += load<u32>(place + (<usize>load<u32>(at) << 2));
  }
  const leaving: u32 = size < pages ? 0 : <u32>popcnt(missing);
  let next = start;
  for (let k: u32 = 0; k < leaving; k++) {
    next = nextLive(next) + 1;
    store<u32>(PLACES + (<usize>k << 2), load<u32>(residentOf((next - 1) & mask)));
  }
  for (let at = PLACES; at < PLACES + (<usize>leaving << 2); at += 4) {
    sum += load<u32>(place + (<usize>load<u32>(at) << 2));
  }
  store<u32>(LOADED, sum);
}

/** Takes the accesses as uses of pages that are in the cache, those of other pages as if these just came. */
// @ts-ignore: decorator
@inline
function takeUses(from: i32, length: u32): void {
  const page = pageColumn() + (<usize>from << 2);
  const place = placeColumn();
  const standings = standingColumn();
  const live = liveColumn();
  const next = end & mask;
  if (next % WORD == 0) store<u64>(wordOf(next), -1);
  for (let k: u32 = 0; k < length; k++) {
    const at = place + (<usize>load<u32>(page + (<usize>k << 2)) << 2);
    const held = load<u32>(at);
    const slot = next + k;
    const isHit = held - 1 < ASTRAY - 1;
    // A branch would be wrong at every other miss, and found to be so only when its load has come.
    const was = select(held - 1, slot, isHit);
    const standing = load<u32>(standings + (<usize>was << 2));
    const word = live + (<usize>(was / WORD) << 3);
    store<u64>(word, load<u64>(word) & ~(<u64>isHit << <u64>was));
    store<u32>(at, slot + 1);
    store<u32>(standings + (<usize>slot << 2), select(afterUse(standing), OWED, isHit));
    store<u32>(PLACES + (<usize>k << 2), held);
  }
  // What is copied beyond the group is room that `makeRoom` has made.
  const resident = residentOf(next);
  for (let at: usize = 0; at < <usize>length << 2; at += 16) {
    v128.store(resident + at, v128.load(page + at));
  }
}

/** Finds out which accesses were what. */
// @ts-ignore: decorator
@inline
function sortAccesses(from: i32, length: u32): void {
  const write = writeColumn() + <usize>from;
  const those = bitsBelow(length);
  const first = i32x4.splat(start);
  const ring = i32x4.splat(mask);
  let nearest = ring;
  let hits: u64 = 0;
  for (let k: u32 = 0; k < length; k += 4) {
    const was = i32x4.sub(v128.load(PLACES + (<usize>k << 2)), i32x4.splat(1));
    const isHit = i32x4.lt_u(was, i32x4.splat(ASTRAY - 1));
    hits |= <u64>i32x4.bitmask(isHit) << <u64>k;
    // A ring is shorter than the bit of those that are astray.
    const ahead = v128.and(i32x4.sub(was, first), ring);
    nearest = i32x4.min_u(nearest, v128.or(ahead, i32x4.shr_s(was, 31)));
  }
  near = min(
    min(<u32>i32x4.extract_lane(nearest, 0), <u32>i32x4.extract_lane(nearest, 1)),
    min(<u32>i32x4.extract_lane(nearest, 2), <u32>i32x4.extract_lane(nearest, 3)),
  );
  missing = ~hits & those;
  let wrote: u64 = 0;
  for (let k: u32 = 0; k < length; k += 16) {
    wrote |= <u64>i8x16.bitmask(i8x16.shl(v128.load(write + k), 7)) << <u64>k;
  }
  writes = wrote & those;
}

/** Lets the pages come that were not in the cache; returns the first access whose page cannot come just so. */
// @ts-ignore: decorator
@inline
function takeMisses(timed: bool, openLoop: bool, from: i32, length: u32, clock: f64): u32 {
  const page = pageColumn() + (<usize>from << 2);
  const place = placeColumn();
  const nodeOf = nodeOfColumn();
  const costs = classCostTable();
  const next = end & mask;
  const first = start;
  let usedAgain: u64 = 0;
  let moreNs: f64 = 0;
  let done = length;
  for (let left = missing; left != 0; left &= left - 1) {
    const k = <u32>ctz(left);
    const p = <usize>load<u32>(page + (<usize>k << 2));
    const held = load<u32>(PLACES + (<usize>k << 2));
    done = k;
    if (!isSimple(held)) break;
    let node = nodeOfPage(p, held);
    if (node == NO_NODE) {
      if (!mapFirstTouch(nodeOf, p)) break;
      moreNs += load<f64>(MAP_COST_NS);
      node = <u32>load<f64>(MAP_NODE);
    }
    const w = <u32>(writes >> <u64>k) & 1;
    const kind = 2 * node + w;
    const longerNs = openLoop ? 0 : load<f64>(costs + (<usize>kind << 3)) - readNs - <f64>w * writeNs;
    let standing = standingOfDate(held);
    if (size < pages) {
      if (node != home) break;
      freshSlot();
    } else {
      const due = dueBetween(node, home);
      if (due < 0) break;
      const date = dateOf(clock + hitsNs(timed, k + 1) + (moreNs + longerNs));
      if (date == NONE) break;
      const leaving = nextSlot(RECENCY, first, near);
      if (leaving == NONE || isAstray(leaving)) break;
      exchange(RECENCY, p, node, held, leaving, home, date);
      standing = promoted(date, due);
    }
    moreNs += longerNs;
    noteServed(k, kind);
    store<u32>(standingOf(next + k), standing);
    usedAgain |= <u64>(load<u32>(place + (p << 2)) != next + k + 1) << <u64>k;
    done = length;
  }
  again = usedAgain;
  extraNs = moreNs;
  return done;
}

/** Whether the page in a slot is not where the cache's pages should be. */
// @ts-ignore: decorator
@inline
function isAstray(slot: u32): bool {
  const page = <usize>load<u32>(residentOf(slot));
  return (load<u32>(placeColumn() + (page << 2)) & ASTRAY) != 0;
}

/** What accesses before `count` take if all of them hit, and the pauses between them. */
// @ts-ignore: decorator
@inline
function hitsNs(timed: bool, count: u32): f64 {
  const ns = <f64>count * readNs + <f64>popcnt(writes & bitsBelow(count)) * writeNs;
  return timed && count > 0 ? ns + load<f64>(PAUSES + ((<usize>count - 1) << 3)) : ns;
}

/** Undoes the uses of accesses from `done` on. */
function undo(from: i32, done: u32, length: u32): void {
  const page = pageColumn() + (<usize>from << 2);
  const place = placeColumn();
  for (let k = <i32>length - 1; k >= <i32>done; k--) {
    const held = load<u32>(PLACES + (<usize>k << 2));
    store<u32>(place + (<usize>load<u32>(page + (<usize>k << 2)) << 2), held);
    if ((missing >> <u64>k) & 1) continue;
    const word = wordOf(held - 1);
    store<u64>(word, load<u64>(word) | (<u64>1 << <u64>(held - 1)));
  }
  const word = wordOf(end & mask);
  store<u64>(word, load<u64>(word) | (<u64>-1 << <u64>((end + done) % WORD)));
}

/** Pages that came and were used again before access `done` owe so much less. */
function settleAgain(from: i32, done: u32): void {
  const page = pageColumn() + (<usize>from << 2);
  const place = placeColumn();
  for (let left = again & bitsBelow(done); left != 0; left &= left - 1) {
    const k = <u32>ctz(left);
    const came = (end & mask) + k;
    const slot = load<u32>(place + (<usize>load<u32>(page + (<usize>k << 2)) << 2)) - 1;
    if (slot == came) continue;
    const standing = load<u32>(standingOf(came));
    // Since `takeUses` it has counted down from OWED.
    const uses = OWED - (load<u32>(standingOf(slot)) & OWED);
    store<u32>(standingOf(slot), standing - min(standing & OWED, uses));
  }
}

/** Sums up the pauses before the accesses of a group; returns all of them. */
// @ts-ignore: decorator
@inline
function sumPauses(from: i32, length: u32): f64 {
  const time = timeColumn() + (<usize>from << 3);
  const tickNs = load<f64>(TICK_NS);
  const includedNs = load<f64>(INCLUDED_NS);
  let last = load<f64>(TRACE_TIME);
  let sumNs: f64 = 0;
  for (let k: u32 = 0; k < length; k++) {
    const now = load<f64>(time + (<usize>k << 3));
    sumNs += pauseOf((now - last) * tickNs - includedNs);
    store<f64>(PAUSES + (<usize>k << 3), sumNs);
    last = now;
  }
  return sumNs;
}

/** The bits of accesses before access `k` of a group. */
// @ts-ignore: decorator
@inline
function bitsBelow(k: u32): u64 {
  return k >= GROUP ? <u64>-1 : (<u64>1 << <u64>k) - 1;
}
