// The fastest tier as a cache, replayed: as the loops of `replay.ts`, and after each access the order of replacement.
import { noteServed, mapFirstTouch, pauseOf, takeServed } from './access';
import {
  admit,
  ARRIVAL,
  giveState,
  latestFrame,
  makeRoom,
  NO_FRAME,
  RECENCY,
  SECOND_CHANCE,
  takeState,
  use,
  warmVictims,
} from './cache-order';
import {
  classCostTable,
  classCountTable,
  CLOCK_NS,
  COST_NS_MAX,
  INCLUDED_NS,
  LOADED,
  LOG_END,
  LOG_LENGTH,
  MAP_COST_NS,
  NO_NODE,
  nodeOfColumn,
  OPEN_LOOP,
  pageColumn,
  placeColumn,
  SWAP_PAGE,
  THINK_NS,
  TICK_NS,
  timeColumn,
  TRACE_TIME,
  whole,
  writeColumn,
} from './state';

/** Accesses that are warmed at once. */
const GROUP: i32 = 32;

export function replayRecency(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(RECENCY, false, from, to, deadlineNs);
}

/** As `replayRecency`, with the column of times. */
export function replayRecencyTimed(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(RECENCY, true, from, to, deadlineNs);
}

export function replayArrival(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(ARRIVAL, false, from, to, deadlineNs);
}

/** As `replayArrival`, with the column of times. */
export function replayArrivalTimed(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(ARRIVAL, true, from, to, deadlineNs);
}

export function replaySecondChance(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(SECOND_CHANCE, false, from, to, deadlineNs);
}

/** As `replaySecondChance`, with the column of times. */
export function replaySecondChanceTimed(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(SECOND_CHANCE, true, from, to, deadlineNs);
}

// @ts-ignore: decorator
@inline
function replayCache(order: i32, timed: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const time = timeColumn();
  const nodeOf = nodeOfColumn();
  const place = placeColumn();
  const costs = classCostTable();
  const tickNs = load<f64>(TICK_NS);
  const includedNs = load<f64>(INCLUDED_NS);
  const openLoop = timed && load<f64>(OPEN_LOOP) != 0;
  /** No group of accesses takes longer, where the trace has no times. */
  const groupNs = (load<f64>(COST_NS_MAX) + load<f64>(MAP_COST_NS)) * GROUP;
  const mask = whole(LOG_LENGTH) - 1;
  takeState();
  let end = whole(LOG_END);
  let latest = order == RECENCY ? latestFrame(end, mask) : NO_FRAME;
  let clock = load<f64>(CLOCK_NS);
  let traceTime = load<f64>(TRACE_TIME);
  let thinkNs: f64 = 0;
  let loaded: u32 = 0;
  let i = from;
  while (i < to) {
    // Without times a group that cannot reach the deadline need not look at it; close to it, access by access.
    const near = !timed && clock + groupNs >= deadlineNs;
    if (near && clock >= deadlineNs) break;
    const groupEnd = near ? i + 1 : min(to, i + GROUP);
    if (!near) loaded += warm(order, i, groupEnd, mask);
    if (order == RECENCY) end = makeRoom(end, GROUP, mask);
    while (i < groupEnd) {
      const p = <usize>load<u32>(page + (<usize>i << 2));
      const w = <u32>load<u8>(write + <usize>i);
      const node = <u32>load<u8>(nodeOf + p);
      let pauseNs: f64 = 0;
      if (timed) {
        pauseNs = pauseOf((load<f64>(time + (<usize>i << 3)) - traceTime) * tickNs - includedNs);
        if (clock + pauseNs >= deadlineNs) break;
      }
      const isNew = node == NO_NODE;
      if (isNew && !mapFirstTouch(nodeOf, p)) break;
      if (timed) {
        traceTime = load<f64>(time + (<usize>i << 3));
        thinkNs += pauseNs;
        clock += pauseNs;
      }
      if (isNew) {
        if (!openLoop) clock += load<f64>(MAP_COST_NS);
        if (clock >= deadlineNs) break;
        continue;
      }
      const kind = 2 * node + w;
      noteServed(i, kind);
      if (!openLoop) clock += load<f64>(costs + (<usize>kind << 3));
      i++;
      const held = load<u32>(place + (p << 2));
      if (<i32>held > 0) {
        end += use(order, held - 1, latest, end, mask);
        latest = held - 1;
        continue;
      }
      latest = admit(order, p, node, held, clock, end, mask);
      if (latest == NO_FRAME) {
        store<f64>(SWAP_PAGE, <f64>p);
        break;
      }
      if (order == RECENCY) end++;
    }
    if (i < groupEnd || load<f64>(SWAP_PAGE) >= 0) break;
  }
  store<u32>(LOADED, loaded);
  takeServed(classCountTable(), costs);
  store<f64>(CLOCK_NS, clock);
  store<f64>(TRACE_TIME, traceTime);
  store<f64>(THINK_NS, load<f64>(THINK_NS) + thinkNs);
  store<f64>(LOG_END, <f64>end);
  giveState();
  return i;
}

/**
 * Loads what accesses `from` to `to` need of each page, and of the pages that leave next, one
 * independent of the other, so that a machine waits for all of it at once: further on, whether an
 * access hits decides what comes next. The sum means nothing but that the loads are made.
 */
// @ts-ignore: decorator
@inline
function warm(order: i32, from: i32, to: i32, mask: u32): u32 {
  const page = pageColumn();
  const place = placeColumn();
  const nodeOf = nodeOfColumn();
  let sum: u32 = 0;
  for (let i = from; i < to; i++) {
    const p = <usize>load<u32>(page + (<usize>i << 2));
    sum += load<u32>(place + (p << 2)) + <u32>load<u8>(nodeOf + p);
  }
  return sum + warmVictims(order, mask);
}
