// Replay of a trace with a clock, no threads and no weights: in chunks, as the loops of `replay.ts` without a clock.
import { noteServed, countTouched, pauseOf, setFlags, takeServed } from './access';
import {
  accessesColumn,
  classCostTable,
  classCountTable,
  CLOCK_NS,
  COST_NS_MAX,
  flagsColumn,
  INCLUDED_NS,
  NO_NODE,
  nodeOfColumn,
  OPEN_LOOP,
  pageColumn,
  THINK_NS,
  TICK_NS,
  timeColumn,
  touchedColumn,
  TOUCHED_COUNT,
  TRACE_TIME,
  writeColumn,
} from './state';
import { CHUNK_MIN, EXACT_NS, replayGeneral } from './replay';

export function replayTimed(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayByClock(false, false, from, to, deadlineNs);
}

/** As `replayTimed`, with the column `accesses`. */
export function replayTimedCounting(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayByClock(true, false, from, to, deadlineNs);
}

/** As `replayTimed`, with the column `flags`. */
export function replayTimedFlagged(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayByClock(false, true, from, to, deadlineNs);
}

/** What a chunk cannot do goes access by access: what is close to the deadline, and first touches. */
// @ts-ignore: decorator
@inline
function replayByClock(counting: bool, flagged: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  let i = replayChunk(counting, flagged, from, to, deadlineNs);
  while (i < to) {
    const end = min(to, i + <i32>CHUNK_MIN);
    i = replayGeneral(i, end, deadlineNs);
    if (i < end) break;
    i = replayChunk(counting, flagged, i, to, deadlineNs);
  }
  return i;
}

/**
 * Accesses that cannot reach the deadline: half of the time until then is for what they cost, at
 * most, and half for their pauses. So their costs are summed by class afterwards, and no access waits
 * for the clock of the one before.
 */
// @ts-ignore: decorator
@inline
function replayChunk(counting: bool, flagged: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const time = timeColumn();
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
  let i = from;
  for (; i < end; i++) {
    const p = <usize>load<u32>(page + (<usize>i << 2));
    const w = <u32>load<u8>(write + <usize>i);
    const node = <u32>load<u8>(nodeOf + p);
    const now = load<f64>(time + (<usize>i << 3));
    const laterNs = thinkNs + pauseOf((now - traceTime) * tickNs - includedNs);
    if (laterNs >= halfNs || node == NO_NODE) break;
    if (flagged && !setFlags(flags, p, w)) break;
    thinkNs = laterNs;
    traceTime = now;
    noteServed(i, 2 * node + w);
    if (counting) touchedEnd = countTouched(accesses, touchedEnd, p);
  }
  const costNs = takeServed(classCountTable(), costs);
  store<f64>(CLOCK_NS, clock + thinkNs + (openLoop ? 0 : costNs));
  store<f64>(TRACE_TIME, traceTime);
  store<f64>(THINK_NS, load<f64>(THINK_NS) + thinkNs);
  if (counting) store<f64>(TOUCHED_COUNT, <f64>((touchedEnd - touched) >> 2));
  return i;
}
