// The fastest tier as a cache, replayed: as the loops of `replay.ts`, and after each access the order of replacement.
import { noteServed, mapFirstTouch, pauseOf, takeServed } from './access';
import { GROUP, replayGroups } from './cache-group';
import { makeRoom } from './cache-log';
import {
  admit,
  ARRIVAL,
  giveState,
  home,
  nodeOfPage,
  pages,
  RECENCY,
  SECOND_CHANCE,
  takeState,
  use,
} from './cache-order';
import { EXACT_NS } from './replay';
import { isPlain, isPresent, owes, redate } from './cache-standing';
import {
  classCostTable,
  classCountTable,
  CLOCK_NS,
  EXCHANGES_HERE,
  INCLUDED_NS,
  MAP_COST_NS,
  NO_NODE,
  nodeOfColumn,
  OPEN_LOOP,
  pageColumn,
  standingColumn,
  SWAP_PAGE,
  THINK_NS,
  TICK_NS,
  timeColumn,
  TRACE_TIME,
  writeColumn,
} from './state';

/** Accesses that are replayed one by one where groups are of no use. */
const STRETCH_MAX: i32 = 4096;

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

/** Writes the nodes of the first `pageCount` pages to their column, where that is done later. */
export function settleNodes(pageCount: i32): void {
  takeState();
  const nodeOf = nodeOfColumn();
  const standings = standingColumn();
  for (let p: usize = 0; p < <usize>pageCount; p++) {
    store<u8>(nodeOf + p, nodeOfPage(p, load<u32>(standings + (p << 2))));
  }
}

/** Takes so many steps off the dates of the first `pageCount` pages; what was before the first one is then of that. */
export function redatePages(pageCount: i32, steps: i32): void {
  for (let p: usize = 0; p < <usize>pageCount; p++) redate(p, <u32>steps);
}

/** How many of the first `pageCount` pages owe something. */
export function owingPages(pageCount: i32): i32 {
  let count: i32 = 0;
  for (let p: usize = 0; p < <usize>pageCount; p++) count += <i32>owes(p);
  return count;
}

/** In groups, and one by one what no group can take: the longer, the less groups were of use. */
// @ts-ignore: decorator
@inline
function replayCache(order: i32, timed: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  takeState();
  const inGroups = home != NO_NODE && load<f64>(EXCHANGES_HERE) != 0 && pages >= 2 * GROUP;
  let stretch: i32 = GROUP;
  let i = from;
  while (i < to) {
    const before = i;
    if (inGroups && load<f64>(CLOCK_NS) < EXACT_NS / 2) {
      i = replayGroups(order, timed, i, to, deadlineNs);
      if (i == to) break;
    }
    stretch = i - before >= stretch ? <i32>GROUP : min(2 * stretch, STRETCH_MAX);
    const stop = min(to, i + stretch);
    i = replayEach(order, timed, i, stop, deadlineNs);
    if (i < stop || load<f64>(SWAP_PAGE) >= 0) break;
  }
  takeServed(classCountTable(), classCostTable());
  giveState();
  return i;
}

/** Replays accesses one by one; stops at one that the engine must see to, and after one whose page it must let come. */
// @ts-ignore: decorator
@inline
function replayEach(order: i32, timed: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const time = timeColumn();
  const nodeOf = nodeOfColumn();
  const standings = standingColumn();
  const costs = classCostTable();
  const tickNs = load<f64>(TICK_NS);
  const includedNs = load<f64>(INCLUDED_NS);
  const openLoop = timed && load<f64>(OPEN_LOOP) != 0;
  let clock = load<f64>(CLOCK_NS);
  let traceTime = load<f64>(TRACE_TIME);
  let thinkNs: f64 = 0;
  let i = from;
  while (i < to && clock < deadlineNs) {
    if (order == RECENCY) makeRoom(1);
    const p = <usize>load<u32>(page + (<usize>i << 2));
    const w = <u32>load<u8>(write + <usize>i);
    const standing = load<u32>(standings + (p << 2));
    let pauseNs: f64 = 0;
    if (timed) {
      pauseNs = pauseOf((load<f64>(time + (<usize>i << 3)) - traceTime) * tickNs - includedNs);
      if (clock + pauseNs >= deadlineNs) break;
    }
    if (!timed && isPlain(standing)) {
      const kind = 2 * home + w;
      noteServed(i, kind);
      clock += load<f64>(costs + (<usize>kind << 3));
      use(order, p, standing);
      i++;
      continue;
    }
    const node = nodeOfPage(p, standing);
    const isNew = node == NO_NODE;
    if (isNew && !mapFirstTouch(nodeOf, p)) break;
    if (timed) {
      traceTime = load<f64>(time + (<usize>i << 3));
      thinkNs += pauseNs;
      clock += pauseNs;
    }
    if (isNew) {
      if (!openLoop) clock += load<f64>(MAP_COST_NS);
      continue;
    }
    const kind = 2 * node + w;
    noteServed(i, kind);
    if (!openLoop) clock += load<f64>(costs + (<usize>kind << 3));
    i++;
    if (isPresent(standing)) {
      use(order, p, standing);
    } else if (!admit(order, p, node, clock)) {
      store<f64>(SWAP_PAGE, <f64>p);
      break;
    }
  }
  store<f64>(CLOCK_NS, clock);
  store<f64>(TRACE_TIME, traceTime);
  store<f64>(THINK_NS, load<f64>(THINK_NS) + thinkNs);
  return i;
}
