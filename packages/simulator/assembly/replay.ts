// The replay loops. `src/kernels/replay.ts` has the same in TypeScript and defines what these must do.
import {
  addSoleThreadNs,
  countTouched,
  mapFirstTouch,
  pauseOf,
  setFlags,
  takeServed,
} from './access';
import { replayGroups } from './groups';
import {
  accessesColumn,
  classCostTable,
  classCountTable,
  classOffsetTable,
  CLOCK_NS,
  COST_NS_MAX,
  flagsColumn,
  INCLUDED_NS,
  MAP_COST_NS,
  MAP_PAGES,
  NO_NODE,
  nodeClasses,
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
  weightColumn,
  writeColumn,
  writesColumn,
} from './state';

/** Up to here sums of time steps are exact in any order. */
export const EXACT_NS: f64 = 35184372088832;
/** Accesses that a chunk is worth its preparation for. */
export const CHUNK_MIN: f64 = 8;

/** No trace clock, no threads, no weights; pages of the running epoch are not counted. */
export function replayPlain(from: i32, to: i32, deadlineNs: f64): i32 {
  return replaySimple(false, false, from, to, deadlineNs);
}

/** As `replayPlain`, with the column `accesses`. */
export function replayCounting(from: i32, to: i32, deadlineNs: f64): i32 {
  return replaySimple(true, false, from, to, deadlineNs);
}

/** As `replayPlain`, with the column `flags`. */
export function replayFlagged(from: i32, to: i32, deadlineNs: f64): i32 {
  return replaySimple(false, true, from, to, deadlineNs);
}

/**
 * In chunks that cannot reach the deadline whatever their accesses are served by, so that the clock
 * is neither carried from access to access nor looked at: it is the sum over classes afterwards.
 * What is left before a deadline goes access by access.
 */
// @ts-ignore: decorator
@inline
function replaySimple(counting: bool, flagged: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const nodeOf = nodeOfColumn();
  const flags = flagsColumn();
  const costs = classCostTable();
  const counts = classCountTable();
  const costMax = load<f64>(COST_NS_MAX);
  const mapCost = load<f64>(MAP_COST_NS);
  let clock = load<f64>(CLOCK_NS);
  let ranNs: f64 = 0;
  let i = from;
  while (i < to && clock < deadlineNs) {
    const mapsLeft = load<f64>(MAP_PAGES);
    const share = (deadlineNs - clock) * (mapsLeft > 0 ? 0.5 : 1);
    const room = clock < EXACT_NS / 2 ? min(<f64>(to - i), share / costMax) : 0;
    if (room >= CHUNK_MIN) {
      const end = i + <i32>room;
      const maps = mapsLeft > 0 ? floor(min(mapsLeft, share / mapCost)) : 0;
      i = replayGroups(counting, flagged, i, end, maps);
      const costNs = takeServed(counts, costs);
      ranNs += costNs;
      clock += costNs + (mapsLeft - load<f64>(MAP_PAGES)) * mapCost;
      if (i == end) continue;
      if (clock >= deadlineNs) break;
    }
    const p = <usize>load<u32>(page + (<usize>i << 2));
    const w = <u32>load<u8>(write + <usize>i);
    const node = <u32>load<u8>(nodeOf + p);
    if (node == NO_NODE) {
      if (!mapFirstTouch(nodeOf, p)) break;
      clock += mapCost;
      continue;
    }
    if (flagged && !setFlags(flags, p, w)) break;
    const kind = <usize>(2 * node + w);
    store<u32>(counts + (kind << 2), load<u32>(counts + (kind << 2)) + 1);
    const costNs = load<f64>(costs + (kind << 3));
    ranNs += costNs;
    clock += costNs;
    if (counting) {
      const touched = touchedColumn();
      const touchedEnd = touched + 4 * <usize>load<f64>(TOUCHED_COUNT);
      store<f64>(TOUCHED_COUNT, <f64>((countTouched(accessesColumn(), touchedEnd, p) - touched) >> 2));
    }
    i++;
  }
  store<f64>(CLOCK_NS, clock);
  addSoleThreadNs(ranNs);
  return i;
}

/** Every column that there is. */
export function replayGeneral(from: i32, to: i32, deadlineNs: f64): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const time = timeColumn();
  const thread = threadColumn();
  const weight = weightColumn();
  const nodeOf = nodeOfColumn();
  const flags = flagsColumn();
  const accesses = accessesColumn();
  const writes = writesColumn();
  const touched = touchedColumn();
  const classOffset = classOffsetTable();
  const threadNs = threadNsTable();
  const costs = classCostTable();
  const counts = classCountTable();
  const tickNs = load<f64>(TICK_NS);
  const includedNs = load<f64>(INCLUDED_NS);
  const openLoop = load<f64>(OPEN_LOOP) != 0;
  const mapCost = load<f64>(MAP_COST_NS);
  let clock = load<f64>(CLOCK_NS);
  let traceTime = load<f64>(TRACE_TIME);
  let thinkNs: f64 = 0;
  let touchedEnd = touched + 4 * <usize>load<f64>(TOUCHED_COUNT);
  let i = from;
  while (i < to) {
    const p = <usize>load<u32>(page + (<usize>i << 2));
    const w = <u32>load<u8>(write + <usize>i);
    const node = <u32>load<u8>(nodeOf + p);
    let pauseNs: f64 = 0;
    let now: f64 = 0;
    if (time != 0) {
      now = load<f64>(time + (<usize>i << 3));
      pauseNs = pauseOf((now - traceTime) * tickNs - includedNs);
    }
    const arrivalNs = clock + pauseNs;
    if (arrivalNs >= deadlineNs) break;
    if (node == NO_NODE) {
      if (!mapFirstTouch(nodeOf, p)) break;
      thinkNs += pauseNs;
      if (time != 0) traceTime = now;
      clock = openLoop ? arrivalNs : arrivalNs + mapCost;
      continue;
    }
    const stands: u32 = weight == 0 ? 1 : load<u32>(weight + (<usize>i << 2));
    if (flags != 0 && stands != 0 && !setFlags(flags, p, w)) break;
    if (time != 0) traceTime = now;
    let kind = <usize>(2 * node + w);
    let own: usize = 0;
    if (thread != 0) {
      own = <usize>load<u16>(thread + (<usize>i << 1));
      if (classOffset != 0) kind += <usize>load<u32>(classOffset + (own << 2));
    }
    store<u32>(counts + (kind << 2), load<u32>(counts + (kind << 2)) + stands);
    const costNs = load<f64>(costs + (kind << 3)) * <f64>stands;
    thinkNs += pauseNs;
    clock = openLoop ? arrivalNs : arrivalNs + costNs;
    if (threadNs != 0) {
      const at = threadNs + (own << 3);
      store<f64>(at, load<f64>(at) + (pauseNs + costNs));
    }
    if (touched != 0) {
      const countAt = accesses + (p << 2);
      const writesAt = writes + (p << 2);
      let seen: u32 = 0;
      if (accesses != 0) seen = load<u32>(countAt);
      if (writes != 0) seen |= load<u32>(writesAt);
      if (accesses != 0) store<u32>(countAt, load<u32>(countAt) + stands);
      if (writes != 0) store<u32>(writesAt, load<u32>(writesAt) + w * stands);
      if (seen == 0 && stands != 0 && (accesses != 0 || w == 1)) {
        store<u32>(touchedEnd, <u32>p);
        touchedEnd += 4;
      }
    }
    i++;
  }
  store<f64>(CLOCK_NS, clock);
  store<f64>(TRACE_TIME, traceTime);
  store<f64>(THINK_NS, load<f64>(THINK_NS) + thinkNs);
  if (touched != 0) store<f64>(TOUCHED_COUNT, <f64>((touchedEnd - touched) >> 2));
  return i;
}
