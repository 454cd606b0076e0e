// Replay of a trace with a clock and no weights: in chunks, as the loops of `replay.ts` without a clock.
import { addSoleThreadNs, noteServed, countTouched, needsEngine, pauseOf, setFlags, takeServed } from './access';
import {
  accessesColumn,
  classCostTable,
  classCountTable,
  CLOCK_NS,
  COST_NS_MAX,
  flagsColumn,
  INCLUDED_NS,
  MAP_COST_NS,
  MAP_PAGES,
  NO_NODE,
  nodeOfColumn,
  OPEN_LOOP,
  pageColumn,
  THINK_NS,
  threadColumn,
  threadNsTable,
  TICK_NS,
  timeColumn,
  touchedColumn,
  TOUCHED_COUNT,
  TRACE_TIME,
  writeColumn,
} from './state';
import { replayGroups } from './groups';
import { CHUNK_MIN, EXACT_NS, replayGeneral } from './replay';

/** Accesses whose pauses are summed at once. */
const PAUSES: i32 = 128;
/** Accesses that a stretch has at most: so many at first, and then twice as many each time, as what stops it early has summed for nothing. */
const STRETCH: i32 = 64;
const STRETCH_MAX: i32 = 65536;

export function replayTimed(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayByClock(false, false, false, from, to, deadlineNs);
}

/** As `replayTimed`, with the column `accesses`. */
export function replayTimedCounting(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayByClock(true, false, false, from, to, deadlineNs);
}

/** As `replayTimed`, with the column `flags`. */
export function replayTimedFlagged(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayByClock(false, true, false, from, to, deadlineNs);
}

/** As `replayTimed`, with threads of one initiator. */
export function replayThreads(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayByClock(false, false, true, from, to, deadlineNs);
}

/** As `replayThreads`, with the column `accesses`. */
export function replayThreadsCounting(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayByClock(true, false, true, from, to, deadlineNs);
}

/** As `replayThreads`, with the column `flags`. */
export function replayThreadsFlagged(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayByClock(false, true, true, from, to, deadlineNs);
}

/** What cannot be done ahead goes access by access: what is close to the deadline, and first touches of threads. */
// @ts-ignore: decorator
@inline
function replayByClock(
  counting: bool,
  flagged: bool,
  threaded: bool,
  from: i32,
  to: i32,
  deadlineNs: f64,
): i32 {
  let i = replayAhead(counting, flagged, threaded, from, to, deadlineNs);
  while (i < to && !needsEngine(flagged, nodeOfColumn(), i)) {
    const end = min(to, i + <i32>CHUNK_MIN);
    i = replayGeneral(i, end, deadlineNs);
    if (i < end) break;
    i = replayAhead(counting, flagged, threaded, i, to, deadlineNs);
  }
  return i;
}

// @ts-ignore: decorator
@inline
function replayAhead(
  counting: bool,
  flagged: bool,
  threaded: bool,
  from: i32,
  to: i32,
  deadlineNs: f64,
): i32 {
  return threaded
    ? replayThreaded(counting, flagged, from, to, deadlineNs)
    : replayPaced(counting, flagged, from, to, deadlineNs);
}

/** Stretch after stretch, until one stops early. */
// @ts-ignore: decorator
@inline
function replayPaced(counting: bool, flagged: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  let length = STRETCH;
  let i = from;
  while (i < to) {
    const end = min(to, i + length);
    i = replayStretch(counting, flagged, i, end, deadlineNs);
    if (i < end) break;
    length = min(2 * length, STRETCH_MAX);
  }
  return i;
}

/**
 * Accesses that cannot reach the deadline: a part of the time until then is for what they cost, at most, a part for their
 * pauses, and a part for first touches, where pages may be mapped. The pauses are summed before, so that what is left are
 * accesses without a clock.
 */
// @ts-ignore: decorator
@inline
function replayStretch(counting: bool, flagged: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  const clock = load<f64>(CLOCK_NS);
  const mapsLeft = load<f64>(MAP_PAGES);
  // The pause before a first touch is no time of its thread: such accesses are left to `replayGeneral`.
  const mapsHere = threadNsTable() == 0 ? mapsLeft : 0;
  const mapCost = load<f64>(MAP_COST_NS);
  const shareNs = (deadlineNs - clock) / (mapsHere > 0 ? 3 : 2);
  const room = clock < EXACT_NS / 2 ? min(<f64>(to - from), shareNs / load<f64>(COST_NS_MAX)) : 0;
  if (!(room >= CHUNK_MIN)) return from;
  const end = pausesReach(from, from + <i32>room, shareNs);
  const maps = mapsHere > 0 ? floor(min(mapsHere, shareNs / mapCost)) : 0;
  const i = replayGroups(counting, flagged, from, end, maps);
  // Of the two parts the shorter one is summed.
  const thinkNs = i - from < end - i ? pausesOf(from, from, i) : pausedNs - pausesOf(from, i, end);
  const costNs = takeServed(classCountTable(), classCostTable());
  const mapNs = (mapsLeft - load<f64>(MAP_PAGES)) * mapCost;
  store<f64>(CLOCK_NS, clock + thinkNs + mapNs + (load<f64>(OPEN_LOOP) != 0 ? 0 : costNs));
  if (i > from) store<f64>(TRACE_TIME, load<f64>(timeColumn() + (<usize>i << 3) - 8));
  store<f64>(THINK_NS, load<f64>(THINK_NS) + thinkNs);
  addSoleThreadNs(thinkNs + costNs);
  return i;
}

/** Pauses of the accesses that `pausesReach` went through. */
let pausedNs: f64 = 0;

/** The first access up to `end` before which the pauses from access `from` on come to `limitNs`. */
function pausesReach(from: i32, end: i32, limitNs: f64): i32 {
  pausedNs = 0;
  let step = PAUSES;
  let i = from;
  while (i < end) {
    const next = min(end, i + step);
    const laterNs = pausedNs + pausesOf(from, i, next);
    if (laterNs < limitNs) {
      pausedNs = laterNs;
      i = next;
    } else {
      if (step == 1) break;
      step = 1;
    }
  }
  return i;
}

/** The pauses before accesses `first` to `end`, of a replay that starts at access `from`. */
function pausesOf(from: i32, first: i32, end: i32): f64 {
  if (first == end) return 0;
  const time = timeColumn() + (<usize>first << 3);
  const tickNs = load<f64>(TICK_NS);
  const includedNs = load<f64>(INCLUDED_NS);
  const before = first == from ? load<f64>(TRACE_TIME) : load<f64>(time - 8);
  let ns = pauseOf((load<f64>(time) - before) * tickNs - includedNs);
  // In time steps, which are a power of two to the nanosecond: so all is exact that is exact in nanoseconds.
  const tick = f64x2.splat(tickNs * 256);
  const included = f64x2.splat(includedNs * 256);
  let steps = f64x2.splat(0);
  let later = f64x2.splat(0);
  let at = time + 8;
  const last = timeColumn() + (<usize>end << 3) - 8;
  // Two by two, so that not each addition waits for the one before.
  for (; at + 16 < last; at += 32) {
    steps = f64x2.add(steps, pauseSteps(at, tick, included));
    later = f64x2.add(later, pauseSteps(at + 16, tick, included));
  }
  if (at < last) {
    steps = f64x2.add(steps, pauseSteps(at, tick, included));
    at += 16;
  }
  if (at == last) ns += pauseOf((load<f64>(at) - load<f64>(at - 8)) * tickNs - includedNs);
  steps = f64x2.add(steps, later);
  return ns + (f64x2.extract_lane(steps, 0) + f64x2.extract_lane(steps, 1)) * (1.0 / 256);
}

/** `pauseOf` in time steps, of the accesses with the two times at `at`. */
// @ts-ignore: decorator
@inline
function pauseSteps(at: usize, tick: v128, included: v128): v128 {
  const since = f64x2.sub(v128.load(at), v128.load(at - 8));
  return f64x2.floor(f64x2.pmax(f64x2.sub(f64x2.mul(since, tick), included), f64x2.splat(0)));
}

/**
 * As {@link replayPaced}, of threads, each of which has its own pauses, and access by access: half of the time is for what
 * they cost, at most, and half for their pauses. So their costs are summed by class afterwards, and no access waits
 * for the clock of the one before.
 */
// @ts-ignore: decorator
@inline
function replayThreaded(counting: bool, flagged: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const time = timeColumn();
  const thread = threadColumn();
  const threadNs = threadNsTable();
  const nodeOf = nodeOfColumn();
  const flags = flagsColumn();
  const accesses = accessesColumn();
  const touched = touchedColumn();
  const costs = classCostTable();
  const tickNs = load<f64>(TICK_NS);
  const includedNs = load<f64>(INCLUDED_NS);
  const openLoop = load<f64>(OPEN_LOOP) != 0;
  const clock = load<f64>(CLOCK_NS);
  const halfNs = (deadlineNs - clock) / 2;
  const room = clock < EXACT_NS / 2 ? min(<f64>(to - from), halfNs / load<f64>(COST_NS_MAX)) : 0;
  if (!(room >= CHUNK_MIN)) return from;
  const end = from + <i32>room;
  let traceTime = load<f64>(TRACE_TIME);
  let thinkNs: f64 = 0;
  let touchedEnd = touched;
  if (counting) touchedEnd += 4 * <usize>load<f64>(TOUCHED_COUNT);
  /** The thread of the access before, and its time so far: it is in a register while the same thread goes on. */
  let own = threadNs + (<usize>load<u16>(thread + (<usize>from << 1)) << 3);
  let ownNs = load<f64>(own);
  let i = from;
  for (; i < end; i++) {
    const p = <usize>load<u32>(page + (<usize>i << 2));
    const w = <u32>load<u8>(write + <usize>i);
    const node = <u32>load<u8>(nodeOf + p);
    const now = load<f64>(time + (<usize>i << 3));
    const pauseNs = pauseOf((now - traceTime) * tickNs - includedNs);
    const laterNs = thinkNs + pauseNs;
    if (laterNs >= halfNs || node == NO_NODE) break;
    if (flagged && !setFlags(flags, p, w)) break;
    thinkNs = laterNs;
    traceTime = now;
    noteServed(i, 2 * node + w);
    const next = threadNs + (<usize>load<u16>(thread + (<usize>i << 1)) << 3);
    if (next != own) {
      store<f64>(own, ownNs);
      own = next;
      ownNs = load<f64>(own);
    }
    ownNs += pauseNs + load<f64>(costs + (<usize>(2 * node + w) << 3));
    if (counting) touchedEnd = countTouched(accesses, touchedEnd, p);
  }
  store<f64>(own, ownNs);
  const costNs = takeServed(classCountTable(), costs);
  store<f64>(CLOCK_NS, clock + thinkNs + (openLoop ? 0 : costNs));
  store<f64>(TRACE_TIME, traceTime);
  store<f64>(THINK_NS, load<f64>(THINK_NS) + thinkNs);
  if (counting) store<f64>(TOUCHED_COUNT, <f64>((touchedEnd - touched) >> 2));
  return i;
}
