// A cache, replayed in groups of up to 64 accesses. Which of them hit is asked of all at once, without a branch that hangs
// on a page: as if each page that comes stayed to the end of the group. Then pages come and leave, in order. Where the
// group uses a page that may leave in it, it ends before that access, and what was done for the rest of it is undone.
import { addServed, mapFirstTouch, noteServed, pauseOf } from './access';
import {
  canLeave,
  leave,
  leavingPage,
  leavingSlot,
  leavingStanding,
  lookAhead,
} from './cache-ahead';
import { areAlike, gather, longerNs, takeAlike } from './cache-alike';
import {
  GENERATION,
  generation,
  listAhead,
  makeRoom,
  nextUse,
  noteUses,
  usesInRow,
} from './cache-log';
import {
  dateOf,
  dueBetween,
  exchange,
  freshSlot,
  home,
  nodeOfAbsent,
  NONE,
  pages,
  RECENCY,
  residentOf,
  SECOND_CHANCE,
  size,
} from './cache-order';
import {
  afterUse,
  DATE_SHIFT,
  isOdd,
  isPresent,
  ODD,
  OWED,
  OWED_HERE,
  PRESENT,
  REFERENCED,
  settled,
  standingOf,
} from './cache-standing';
import {
  classCostTable,
  CLOCK_NS,
  COST_NS_MAX,
  GROUP_BUFFERS,
  INCLUDED_NS,
  MAP_COST_NS,
  MAP_NODE,
  NO_NODE,
  nodeOfColumn,
  OPEN_LOOP,
  pageColumn,
  standingColumn,
  THINK_NS,
  TICK_NS,
  timeColumn,
  TRACE_TIME,
  writeColumn,
} from './state';

/** Accesses of a group at most: what a word has bits for. */
export const GROUP: u32 = 64;
/** Uses that are listed before a group: none is in it, since what it does may be undone. */
const LISTED: u32 = 256;
/** By access of the group: its page's standing before it. */
const STANDINGS: usize = GROUP_BUFFERS;
/** By access of the group: the pauses up to it. */
const PAUSES: usize = STANDINGS + 4 * GROUP;
/** By page that came, in order: the standing of one that owes all that it will, but for the low bits. */
const DUES: usize = PAUSES + 8 * GROUP;

/** What the standing of a page that comes owes, until it is known what it does. */
const OWED_AT_FIRST: u32 = OWED_HERE * OWED;

/** Bits by access of the group: writes, those whose pages come, and those that a group cannot take. */
let writes: u64 = 0;
let missing: u64 = 0;
let odd: u64 = 0;
/** Pages that have left in the group. */
let left: u32 = 0;
/** What the accesses took that came to pass, beyond hits and pauses: faults, and what misses take longer. */
let extraNs: f64 = 0;
/** What a hit costs the clock, and what a write costs it more. */
let readNs: f64 = 0;
let writeNs: f64 = 0;

/** Replays accesses from `from` on in groups; returns the first one that must be looked at alone. */
// @ts-ignore: decorator
@inline
export function replayGroups(order: i32, timed: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  const openLoop = timed && load<f64>(OPEN_LOOP) != 0;
  const costs = classCostTable() + 16 * <usize>home;
  readNs = openLoop ? 0 : load<f64>(costs);
  writeNs = openLoop ? 0 : load<f64>(costs, 8) - readNs;
  const accessesNs = load<f64>(COST_NS_MAX) * GROUP;
  const faultsNs = load<f64>(MAP_COST_NS) * GROUP;
  let i = from;
  while (i < to) {
    if (order == RECENCY) {
      makeRoom(GROUP);
      if (size == pages) listAhead(LISTED);
    }
    const length = min(<u32>(to - i), order == RECENCY ? usesInRow(GROUP) : GROUP);
    const clock = load<f64>(CLOCK_NS);
    const latestNs = clock + (timed ? sumPauses(i, length) : 0) + accessesNs;
    if (latestNs + faultsNs >= deadlineNs) break;
    takeUses(order, i, length);
    sortAccesses(i, length);
    const done = takeMisses(order, timed, openLoop, i, length, clock, latestNs);
    if (order == RECENCY) noteUses(done);
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

/** The accesses whose pages were not in the cache before them. */
// @ts-ignore: decorator
@inline
function absent(): u64 {
  let bits: u64 = 0;
  const low = i32x4.splat(GENERATION);
  for (let k: usize = 0; k < <usize>GROUP; k += 8) {
    const at = STANDINGS + (k << 2);
    const isFirst = i32x4.eq(v128.and(v128.load(at), low), i32x4.splat(0));
    const isSecond = i32x4.eq(v128.and(v128.load(at, 16), low), i32x4.splat(0));
    bits |= <u64>i16x8.bitmask(i16x8.narrow_i32x4_s(isFirst, isSecond)) << <u64>k;
  }
  return bits;
}

/** The accesses whose pages a group cannot take. */
// @ts-ignore: decorator
@inline
function oddOnes(): u64 {
  let bits: u64 = 0;
  const all = i32x4.splat(ODD);
  for (let k: usize = 0; k < <usize>GROUP; k += 8) {
    const at = STANDINGS + (k << 2);
    const isFirst = i32x4.eq(v128.and(v128.load(at), all), all);
    const isSecond = i32x4.eq(v128.and(v128.load(at, 16), all), all);
    bits |= <u64>i16x8.bitmask(i16x8.narrow_i32x4_s(isFirst, isSecond)) << <u64>k;
  }
  return bits;
}

/** Takes the accesses as uses of pages that are in the cache, those of other pages as if these just came. */
// @ts-ignore: decorator
@inline
function takeUses(order: i32, from: i32, length: u32): void {
  const page = pageColumn() + (<usize>from << 2);
  const standings = standingColumn();
  const low = order == RECENCY ? generation() : stampOf(from);
  const lowOfHit = order == SECOND_CHANCE ? low | REFERENCED : low;
  for (let k: u32 = 0; k < length; k++) {
    const at = standings + (<usize>load<u32>(page + (<usize>k << 2)) << 2);
    const standing = load<u32>(at);
    const after = (afterUse(standing) & ~GENERATION) | lowOfHit;
    store<u32>(STANDINGS + (<usize>k << 2), standing);
    store<u32>(at, select(after, OWED_AT_FIRST | low, isPresent(standing)));
  }
  if (order != RECENCY) return;
  // What is copied beyond the group is room that `makeRoom` has made.
  const uses = nextUse();
  for (let at: usize = 0; at < <usize>length << 2; at += 16) {
    v128.store(uses + at, v128.load(page + at));
  }
}

/** What the uses of a group have in the low bits of standings in orders but that of recency. Others have it too, but few. */
// @ts-ignore: decorator
@inline
function stampOf(from: i32): u32 {
  return PRESENT + (<u32>from / GROUP) % (REFERENCED - 1);
}

/** Finds out which accesses were what. */
// @ts-ignore: decorator
@inline
function sortAccesses(from: i32, length: u32): void {
  const write = writeColumn() + <usize>from;
  const those = bitsBelow(length);
  missing = absent() & those;
  let wrote: u64 = 0;
  for (let k: u32 = 0; k < length; k += 16) {
    wrote |= <u64>i8x16.bitmask(i8x16.shl(v128.load(write + k), 7)) << <u64>k;
  }
  odd = oddOnes() & those;
  writes = wrote & those;
}

/** Lets the pages come that were not in the cache; returns the first access that the group cannot take. */
// @ts-ignore: decorator
@inline
function takeMisses(
  order: i32,
  timed: bool,
  openLoop: bool,
  from: i32,
  length: u32,
  clock: f64,
  latestNs: f64,
): u32 {
  const end = odd == 0 ? length : <u32>ctz(odd);
  const coming = missing & bitsBelow(end);
  const wanted: u32 = size == pages ? <u32>popcnt(coming) : 0;
  if (!lookAhead(order, wanted, from, length, STANDINGS, stampOf(from))) {
    undo(from, 0, length);
    extraNs = 0;
    return 0;
  }
  if (end == length && wanted > 0 && canLeave == wanted) {
    gather(order, from, coming, STANDINGS);
    if (areAlike()) {
      const written = <u32>popcnt(coming & writes);
      const longer = longerNs(openLoop, written);
      const date = dateOf(clock);
      if (date != NONE && date == dateOf(clock + longer + hitsNs(timed, end))) {
        takeAlike(order, written, date);
        leave(order, wanted);
        extraNs = longer;
        return end;
      }
    }
  }
  const done = takeEach(order, timed, openLoop, from, end, clock, latestNs);
  leave(order, left);
  if (done < length) undo(from, done, length);
  settleDues(from, done);
  return done;
}

/** As {@link takeMisses}, of accesses before `end`, page by page. */
// @ts-ignore: decorator
@inline
function takeEach(
  order: i32,
  timed: bool,
  openLoop: bool,
  from: i32,
  end: u32,
  clock: f64,
  latestNs: f64,
): u32 {
  const page = pageColumn() + (<usize>from << 2);
  const nodeOf = nodeOfColumn();
  const costs = classCostTable();
  let date = dateOf(clock);
  let sameDate = date == dateOf(latestNs);
  let moreNs: f64 = 0;
  let leaving: u32 = 0;
  let come: usize = DUES;
  let done = end;
  for (let coming = missing & bitsBelow(end); coming != 0; coming &= coming - 1) {
    const k = <u32>ctz(coming);
    const p = <usize>load<u32>(page + (<usize>k << 2));
    const standing = standingBefore(k);
    done = k;
    let node = nodeOfAbsent(p, standing);
    if (node == NO_NODE) {
      if (!mapFirstTouch(nodeOf, p)) break;
      moreNs += load<f64>(MAP_COST_NS);
      sameDate = false;
      node = <u32>load<f64>(MAP_NODE);
    }
    const w = <u32>(writes >> <u64>k) & 1;
    const kind = 2 * node + w;
    const moreOfItNs = openLoop ? 0 : load<f64>(costs + (<usize>kind << 3)) - readNs - <f64>w * writeNs;
    let after: u32 = 0;
    if (size < pages) {
      if (node != home || standing != 0) break;
      const slot = freshSlot();
      if (order != RECENCY) store<u32>(residentOf(slot), <u32>p);
    } else {
      const due = <u32>dueBetween(node, home);
      if (due > OWED_HERE || leaving == canLeave) break;
      if (isOdd(leavingStanding(order, leaving))) break;
      if (!sameDate) date = dateOf(clock + hitsNs(timed, k + 1) + (moreNs + moreOfItNs));
      if (date == NONE) break;
      const victim = <usize>leavingPage(order, leaving);
      exchange(p, node, standing, victim, home, date);
      after = (date << DATE_SHIFT) | (due * OWED);
      if (order != RECENCY) store<u32>(residentOf(leavingSlot(order, leaving)), <u32>p);
      leaving++;
    }
    store<u32>(come, after);
    come += 4;
    moreNs += moreOfItNs;
    noteServed(k, kind);
    done = end;
  }
  left = leaving;
  extraNs = moreNs;
  return done;
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
  for (let k = <i32>length - 1; k >= <i32>done; k--) {
    const p = <usize>load<u32>(page + (<usize>k << 2));
    store<u32>(standingOf(p), standingBefore(k));
  }
}

/** Pages that came before access `done` owe what their promotions do, less what the group has used them since. */
// @ts-ignore: decorator
@inline
function settleDues(from: i32, done: u32): void {
  const page = pageColumn() + (<usize>from << 2);
  let come: usize = DUES;
  for (let came = missing & bitsBelow(done); came != 0; came &= came - 1) {
    const at = standingOf(load<u32>(page + (<usize>ctz(came) << 2)));
    store<u32>(at, settled(load<u32>(at), load<u32>(come)));
    come += 4;
  }
}

/** The standing of access `k`'s page before it. */
// @ts-ignore: decorator
@inline
function standingBefore(k: u32): u32 {
  return load<u32>(STANDINGS + (<usize>k << 2));
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
