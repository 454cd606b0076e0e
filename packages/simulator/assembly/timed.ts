// Replay of a trace with a clock and no weights: in chunks, as the loops of `replay.ts` without a clock.
import { noteServed, countTouched, needsEngine, pauseOf, setFlags, takeServed } from './access';
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
  threadColumn,
  threadNsTable,
  TICK_NS,
  timeColumn,
  touchedColumn,
  TOUCHED_COUNT,
  TRACE_TIME,
  writeColumn,
} from './state';
import { CHUNK_MIN, EXACT_NS, replayGeneral } from './replay';

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

/** What a chunk cannot do goes access by access: what is close to the deadline, and first touches. */
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
  let i = replayChunk(counting, flagged, threaded, from, to, deadlineNs);
  while (i < to && !needsEngine(flagged, nodeOfColumn(), i)) {
    const end = min(to, i + <i32>CHUNK_MIN);
    i = replayGeneral(i, end, deadlineNs);
    if (i < end) break;
    i = replayChunk(counting, flagged, threaded, i, to, deadlineNs);
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
function replayChunk(
  counting: bool,
  flagged: bool,
  threaded: bool,
  from: i32,
  to: i32,
  deadlineNs: f64,
): i32 {
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
  let own: usize = threaded ? threadNs + (<usize>load<u16>(thread + (<usize>from << 1)) << 3) : 0;
  let ownNs: f64 = threaded ? load<f64>(own) : 0;
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
    if (threaded) {
      const next = threadNs + (<usize>load<u16>(thread + (<usize>i << 1)) << 3);
      if (next != own) {
        store<f64>(own, ownNs);
        own = next;
        ownNs = load<f64>(own);
      }
      ownNs += pauseNs + load<f64>(costs + (<usize>(2 * node + w) << 3));
    }
    if (counting) touchedEnd = countTouched(accesses, touchedEnd, p);
  }
  if (threaded) store<f64>(own, ownNs);
  const costNs = takeServed(classCountTable(), costs);
  store<f64>(CLOCK_NS, clock + thinkNs + (openLoop ? 0 : costNs));
  store<f64>(TRACE_TIME, traceTime);
  store<f64>(THINK_NS, load<f64>(THINK_NS) + thinkNs);
  if (counting) store<f64>(TOUCHED_COUNT, <f64>((touchedEnd - touched) >> 2));
  return i;
}
