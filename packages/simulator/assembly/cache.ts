// The fastest tier as a cache, replayed: as the loops of `replay.ts`, and after each access the order of replacement.
// `src/cache-frames.ts` has the same order in TypeScript and says what the columns hold.
import { noteServed, mapFirstTouch, pauseOf, takeServed } from './access';
import {
  addTo,
  CACHE_HAND,
  CACHE_PAGES,
  CACHE_SIZE,
  CANDIDATES,
  classCostTable,
  classCountTable,
  CLOCK_NS,
  COST_NS_MAX,
  DATE_BASE,
  DEMOTED_THEN_PROMOTED,
  dueTable,
  EXCHANGES,
  EXCHANGES_HERE,
  framesColumn,
  INCLUDED_NS,
  insideTable,
  LOADED,
  LOG_END,
  LOG_LENGTH,
  LOG_START,
  logOfUsesColumn,
  lowBits,
  MAP_COST_NS,
  NO_NODE,
  nodeClasses,
  nodeOfColumn,
  OPEN_LOOP,
  pageColumn,
  pairTable,
  PING_PONG_STEPS,
  placeColumn,
  PROMOTED_THEN_DEMOTED,
  STEPS_PER_NS,
  SWAP_PAGE,
  THINK_NS,
  TICK_NS,
  timeColumn,
  TRACE_TIME,
  WASTED,
  whole,
  writeColumn,
} from './state';

/** Accesses that are warmed at once, and pages that are likely to leave for them. */
const GROUP: i32 = 32;
const VICTIMS: i32 = 8;
const RECENCY: i32 = 0;
const ARRIVAL: i32 = 1;
const SECOND_CHANCE: i32 = 2;
/** Fields of a frame: 16 bytes. */
const USED_AT: usize = 0;
const OWED: usize = 4;
const PAGE_IN: usize = 8;
const MOVED: usize = 12;
/** Bit of what a frame owes: its page was used since the hand last came by. */
const REFERENCED: u32 = 0x80000000;
/** Bit of a date: of a demotion. */
const DEMOTED: u32 = 0x80000000;
/** Steps up to which a date fits. */
const DATE_MAX: f64 = 2147483646;
/** Place of a page that is not in the cache but was promoted: TypeScript knows when. */
const ELSEWHERE: u32 = 0xffffffff;
/** Entries of the log that are looked through at once for frames that can be taken. */
const LOOK: u32 = 64;

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

/** A frame's fields. */
// @ts-ignore: decorator
@inline
function fieldsOf(frames: usize, frame: u32): usize {
  return frames + (<usize>frame << 4);
}

/** The entry of the log for a use. */
// @ts-ignore: decorator
@inline
function entryOf(log: usize, use: u32, mask: u32): usize {
  return log + (<usize>(use & mask) << 2);
}

/** Drops what the log holds of frames that were used again, from `start` to `end`; returns its new end. */
function compactLog(log: usize, frames: usize, mask: u32, start: u32, end: u32): u32 {
  let kept = start;
  for (let use = start; use != end; use++) {
    const frame = load<u32>(entryOf(log, use, mask));
    const at = fieldsOf(frames, frame);
    if (load<u32>(at, USED_AT) != use) continue;
    store<u32>(entryOf(log, kept, mask), frame);
    store<u32>(at, kept, USED_AT);
    kept++;
  }
  return kept;
}

/**
 * Loads what accesses `from` to `to` need of each page, and of the pages that leave next, one
 * independent of the other, so that a machine waits for all of it at once: further on, whether an
 * access hits decides what comes next. The sum means nothing but that the loads are made.
 */
// @ts-ignore: decorator
@inline
function warm(order: i32, from: i32, to: i32, hand: u32, pages: u32): u32 {
  const page = pageColumn();
  const place = placeColumn();
  const nodeOf = nodeOfColumn();
  const frames = framesColumn();
  let sum: u32 = 0;
  for (let i = from; i < to; i++) {
    const p = <usize>load<u32>(page + (<usize>i << 2));
    sum += load<u32>(place + (p << 2)) + <u32>load<u8>(nodeOf + p);
  }
  if (order == RECENCY || pages == 0) return sum;
  let frame = hand;
  for (let k = 0; k < VICTIMS; k++) {
    frame = frame + 1 >= pages ? 0 : frame + 1;
    const victim = <usize>load<u32>(fieldsOf(frames, frame), PAGE_IN);
    sum += load<u32>(place + (victim << 2)) + <u32>load<u8>(nodeOf + victim);
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function replayCache(order: i32, timed: bool, from: i32, to: i32, deadlineNs: f64): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const time = timeColumn();
  const nodeOf = nodeOfColumn();
  const place = placeColumn();
  const frames = framesColumn();
  const log = logOfUsesColumn();
  const costs = classCostTable();
  const tickNs = load<f64>(TICK_NS);
  const includedNs = load<f64>(INCLUDED_NS);
  const openLoop = timed && load<f64>(OPEN_LOOP) != 0;
  /** No group of accesses takes longer, where the trace has no times. */
  const groupNs = (load<f64>(COST_NS_MAX) + load<f64>(MAP_COST_NS)) * GROUP;
  const pages = whole(CACHE_PAGES);
  let size = whole(CACHE_SIZE);
  let hand = whole(CACHE_HAND);
  const logLength = whole(LOG_LENGTH);
  const mask = logLength - 1;
  let start = whole(LOG_START);
  let end = whole(LOG_END);
  /** Uses before it have been looked through for candidates, of which those from `candidate` on are left. */
  let looked = start;
  let candidate = CANDIDATES;
  let candidatesEnd = CANDIDATES;
  let exchanges: u32 = 0;
  let comebacks: u32 = 0;
  let returns: u32 = 0;
  let wasted: u32 = 0;
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
    if (!near) loaded += warm(order, i, groupEnd, hand, size < pages ? 0 : pages);
    if (order == RECENCY && end - start > logLength - GROUP) {
      end = compactLog(log, frames, mask, start, end);
      looked = start;
      candidate = candidatesEnd;
    }
    for (; i < groupEnd; i++) {
      const p = <usize>load<u32>(page + (<usize>i << 2));
      const w = <u32>load<u8>(write + <usize>i);
      let node = <u32>load<u8>(nodeOf + p);
      let now: f64 = 0;
      let pauseNs: f64 = 0;
      if (timed) {
        now = load<f64>(time + (<usize>i << 3));
        pauseNs = pauseOf((now - traceTime) * tickNs - includedNs);
        if (clock + pauseNs >= deadlineNs) break;
      }
      if (node == NO_NODE) {
        if (!mapFirstTouch(nodeOf, p)) break;
        node = <u32>load<u8>(nodeOf + p);
        if (timed) {
          thinkNs += pauseNs;
          traceTime = now;
          clock += pauseNs;
          pauseNs = 0;
        }
        if (!openLoop) clock += load<f64>(MAP_COST_NS);
        if (clock >= deadlineNs) break;
      }
      if (timed) {
        thinkNs += pauseNs;
        traceTime = now;
        clock += pauseNs;
      }
      const kind = 2 * node + w;
      noteServed(i, kind);
      if (!openLoop) clock += load<f64>(costs + (<usize>kind << 3));

      const placeAt = place + (p << 2);
      const held = load<u32>(placeAt);
      if (<i32>held > 0) {
        const fields = fieldsOf(frames, held - 1);
        const hits = load<u32>(fields, OWED);
        const left = hits - <u32>((hits & ~REFERENCED) != 0);
        store<u32>(fields, order == SECOND_CHANCE ? left | REFERENCED : left, OWED);
        if (order == RECENCY && load<u32>(fields, USED_AT) != end - 1) {
          store<u32>(fields, end, USED_AT);
          store<u32>(entryOf(log, end, mask), held - 1);
          end++;
        }
        continue;
      }
      if (size < pages && load<u8>(insideTable() + <usize>node) != 0 && held != ELSEWHERE) {
        const frame = size++;
        const fields = fieldsOf(frames, frame);
        if (order == RECENCY) {
          store<u32>(fields, end, USED_AT);
          store<u32>(entryOf(log, end, mask), frame);
          end++;
        }
        store<u32>(fields, p, PAGE_IN);
        store<u32>(fields, 0, OWED);
        store<u32>(fields, held, MOVED);
        store<u32>(placeAt, frame + 1);
        continue;
      }
      const step = floor(clock * load<f64>(STEPS_PER_NS)) - load<f64>(DATE_BASE);
      const here = load<f64>(EXCHANGES_HERE) != 0;
      if (size < pages || !here || held == ELSEWHERE || step >= DATE_MAX) {
        store<f64>(SWAP_PAGE, <f64>p);
        i++;
        break;
      }
      let frame = hand;
      if (order == RECENCY) {
        for (;;) {
          if (candidate == candidatesEnd) {
            // Which entries are stale is a toss-up: no branch hangs on it.
            candidate = CANDIDATES;
            candidatesEnd = CANDIDATES;
            const lookEnd = end - looked > LOOK ? looked + LOOK : end;
            for (; looked != lookEnd; looked++) {
              const fields = fieldsOf(frames, load<u32>(entryOf(log, looked, mask)));
              store<u32>(candidatesEnd, looked);
              candidatesEnd += <usize>(load<u32>(fields, USED_AT) == looked) << 2;
              loaded += <u32>load<u8>(nodeOf + <usize>load<u32>(fields, PAGE_IN));
            }
            continue;
          }
          start = load<u32>(candidate);
          candidate += 4;
          frame = load<u32>(entryOf(log, start, mask));
          if (load<u32>(fieldsOf(frames, frame), USED_AT) == start) break;
        }
      }
      if (order == SECOND_CHANCE) {
        for (;;) {
          const owedAt = fieldsOf(frames, frame) + OWED;
          const hits = load<u32>(owedAt);
          if ((hits & REFERENCED) == 0) break;
          store<u32>(owedAt, hits & ~REFERENCED);
          frame++;
          if (frame == pages) frame = 0;
        }
        hand = frame;
      }
      const fields = fieldsOf(frames, frame);
      const victim = <usize>load<u32>(fields, PAGE_IN);
      const victimNode = <u32>load<u8>(nodeOf + victim);
      const pair = (node * (<u32>nodeClasses() >> 1) + victimNode) << 2;
      const due = load<i32>(dueTable() + pair);
      if (due < 0) {
        store<f64>(SWAP_PAGE, <f64>p);
        i++;
        break;
      }
      if (order == RECENCY) {
        store<u32>(fields, end, USED_AT);
        store<u32>(entryOf(log, end, mask), frame);
        end++;
        start++;
      } else hand = frame + 1 == pages ? 0 : frame + 1;
      exchanges++;
      store<u32>(pairTable() + pair, load<u32>(pairTable() + pair) + 1);
      store<u8>(nodeOf + p, victimNode);
      store<u8>(nodeOf + victim, node);
      // The page is promoted; the one that leaves is demoted.
      const date = lowBits(step + 1);
      const last = load<u32>(fields, MOVED);
      const within = whole(PING_PONG_STEPS);
      comebacks += (held >> 31) & <u32>(date - (held & ~DEMOTED) <= within);
      returns += <u32>(<i32>last > 0) & <u32>(date - last <= within);
      wasted += <u32>((load<u32>(fields, OWED) & ~REFERENCED) != 0);
      store<u32>(place + (victim << 2), date | DEMOTED);
      store<u32>(placeAt, frame + 1);
      store<u32>(fields, p, PAGE_IN);
      store<u32>(fields, due, OWED);
      store<u32>(fields, date, MOVED);
    }
    if (i < groupEnd || load<f64>(SWAP_PAGE) >= 0) break;
  }
  store<u32>(LOADED, loaded);
  takeServed(classCountTable(), costs);
  addTo(DEMOTED_THEN_PROMOTED, comebacks);
  addTo(PROMOTED_THEN_DEMOTED, returns);
  addTo(WASTED, wasted);
  store<f64>(CLOCK_NS, clock);
  store<f64>(TRACE_TIME, traceTime);
  store<f64>(THINK_NS, load<f64>(THINK_NS) + thinkNs);
  store<f64>(CACHE_SIZE, <f64>size);
  store<f64>(CACHE_HAND, <f64>hand);
  store<f64>(LOG_START, <f64>start);
  store<f64>(LOG_END, <f64>end);
  store<f64>(EXCHANGES, <f64>exchanges);
  return i;
}
