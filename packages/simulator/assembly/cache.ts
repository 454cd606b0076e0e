// The fastest tier as a cache, replayed: as the loops of `replay.ts`, and after each access the order of replacement.
// `src/cache-frames.ts` has the same order in TypeScript and says what the columns hold.
import { pauseOf, takeScratch } from './replay';
import {
  addTo,
  CACHE_HAND,
  CACHE_PAGES,
  CACHE_SIZE,
  classCostTable,
  classCountTable,
  CLOCK_NS,
  DEMOTED_THEN_PROMOTED,
  dueTable,
  EXCHANGES,
  EXCHANGES_HERE,
  INCLUDED_NS,
  insideTable,
  linkColumn,
  LOADED,
  MAP_COST_NS,
  MAP_NODE,
  MAP_PAGES,
  movedNsColumn,
  NO_NODE,
  nodeClasses,
  nodeOfColumn,
  OPEN_LOOP,
  owedColumn,
  PAGE_COUNT,
  pageColumn,
  pageInColumn,
  pairTable,
  PING_PONG_NS,
  placeColumn,
  PROMOTED_THEN_DEMOTED,
  SCRATCH,
  SCRATCH_CLASSES,
  SWAP_PAGE,
  THINK_NS,
  TICK_NS,
  timeColumn,
  TRACE_TIME,
  WASTED,
  writeColumn,
} from './state';

/** Accesses that are warmed at once, and pages that are likely to leave for them. */
const GROUP: i32 = 32;
const VICTIMS: i32 = 8;
const RECENCY: i32 = 0;
const ARRIVAL: i32 = 1;
const SECOND_CHANCE: i32 = 2;
/** Bit of what a frame owes: its page was used since the hand last came by. */
const REFERENCED: u32 = 0x80000000;
/** Place of a page that is not in the cache but was promoted: TypeScript knows when. */
const ELSEWHERE: f64 = -Infinity;

export function replayRecency(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(RECENCY, from, to, deadlineNs);
}

export function replayArrival(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(ARRIVAL, from, to, deadlineNs);
}

export function replaySecondChance(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(SECOND_CHANCE, from, to, deadlineNs);
}

/** Links of a frame: the one that was used next after it, then the one used last before it. */
// @ts-ignore: decorator
@inline
function linksOf(links: usize, frame: u32): usize {
  return links + (<usize>frame << 3);
}

/** Puts a frame between the last one in the order, which is nearer than the first, and the first. */
// @ts-ignore: decorator
@inline
function linkFirst(links: usize, frame: u32, first: u32): void {
  const firstAt = linksOf(links, first);
  const last = load<u32>(firstAt);
  const at = linksOf(links, frame);
  store<u32>(at, last);
  store<u32>(at, first, 4);
  store<u32>(linksOf(links, last), frame, 4);
  store<u32>(firstAt, frame);
}

/** Makes a frame of the ring the first one. */
// @ts-ignore: decorator
@inline
function moveFirst(links: usize, frame: u32, first: u32): void {
  const at = linksOf(links, frame);
  const nearer = load<u32>(at);
  const farther = load<u32>(at, 4);
  // The last one is beside the first one already.
  if (farther == first) return;
  store<u32>(linksOf(links, nearer), farther, 4);
  store<u32>(linksOf(links, farther), nearer);
  linkFirst(links, frame, first);
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
  const links = linkColumn();
  const pageIn = pageInColumn();
  let sum: u32 = 0;
  for (let i = from; i < to; i++) {
    const p = <usize>load<u32>(page + (<usize>i << 2));
    sum += load<u32>(place + (p << 3)) + <u32>load<u8>(nodeOf + p);
  }
  if (pages == 0) return sum;
  let frame = hand;
  for (let k = 0; k < VICTIMS; k++) {
    const next = frame + 1;
    frame = order == RECENCY ? load<u32>(linksOf(links, frame)) : next >= pages ? 0 : next;
    const victim = <usize>load<u32>(pageIn + (<usize>frame << 2));
    sum += load<u32>(place + (victim << 3)) + <u32>load<u8>(nodeOf + victim);
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function replayCache(order: i32, from: i32, to: i32, deadlineNs: f64): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const time = timeColumn();
  const nodeOf = nodeOfColumn();
  const place = placeColumn();
  const links = linkColumn();
  const pageIn = pageInColumn();
  const owed = owedColumn();
  const movedNs = movedNsColumn();
  const costs = classCostTable();
  const pairs = pairTable();
  const dues = dueTable();
  const inside = insideTable();
  const nodeSlots = <u32>nodeClasses() >> 1;
  const pages = <u32>load<f64>(CACHE_PAGES);
  const here = load<f64>(EXCHANGES_HERE) != 0;
  const windowNs = load<f64>(PING_PONG_NS);
  const tickNs = load<f64>(TICK_NS);
  const includedNs = load<f64>(INCLUDED_NS);
  const openLoop = load<f64>(OPEN_LOOP) != 0;
  const mapCost = load<f64>(MAP_COST_NS);
  const mapNode = <u32>load<f64>(MAP_NODE);
  let mapsLeft = <u32>load<f64>(MAP_PAGES);
  let pageCount = <u32>load<f64>(PAGE_COUNT);
  let size = <u32>load<f64>(CACHE_SIZE);
  let hand = <u32>load<f64>(CACHE_HAND);
  let exchanges: u32 = 0;
  let comebacks: u32 = 0;
  let returns: u32 = 0;
  let wasted: u32 = 0;
  let clock = load<f64>(CLOCK_NS);
  let traceTime = load<f64>(TRACE_TIME);
  let thinkNs: f64 = 0;
  let warmed = from;
  let loaded: u32 = 0;
  let i = from;
  while (i < to) {
    if (i == warmed) {
      warmed = min(to, i + GROUP);
      loaded += warm(order, i, warmed, hand, size < pages ? 0 : pages);
    }
    const p = load<u32>(page + (<usize>i << 2));
    const w = <u32>load<u8>(write + <usize>i);
    const node = <u32>load<u8>(nodeOf + p);
    let pauseNs: f64 = 0;
    if (time != 0) {
      const now = load<f64>(time + (<usize>i << 3));
      pauseNs = pauseOf((now - traceTime) * tickNs - includedNs);
    }
    const arrivalNs = clock + pauseNs;
    if (arrivalNs >= deadlineNs) break;
    if (node == NO_NODE && (p != pageCount || mapsLeft == 0)) break;
    if (time != 0) {
      thinkNs += pauseNs;
      traceTime = load<f64>(time + (<usize>i << 3));
    }
    if (node == NO_NODE) {
      store<u8>(nodeOf + p, mapNode);
      pageCount++;
      mapsLeft--;
      clock = openLoop ? arrivalNs : arrivalNs + mapCost;
      continue;
    }
    const kind = 2 * node + w;
    const at = SCRATCH + ((<usize>i & 3) * SCRATCH_CLASSES + <usize>kind) * 4;
    store<u32>(at, load<u32>(at) + 1);
    clock = openLoop ? arrivalNs : arrivalNs + load<f64>(costs + (<usize>kind << 3));
    i++;

    const placeAt = place + (<usize>p << 3);
    const held = load<f64>(placeAt);
    if (held > 0) {
      const frame = <u32>held - 1;
      const owedAt = owed + (<usize>frame << 2);
      const hits = load<u32>(owedAt);
      const left = hits - <u32>((hits & ~REFERENCED) != 0);
      store<u32>(owedAt, order == SECOND_CHANCE ? left | REFERENCED : left);
      if (order == RECENCY && frame != hand) {
        moveFirst(links, frame, hand);
        hand = frame;
      }
      continue;
    }
    if (size < pages && load<u8>(inside + <usize>node) != 0 && held != ELSEWHERE) {
      const frame = size++;
      if (order == RECENCY) {
        if (frame == 0) store<u64>(links, 0);
        else linkFirst(links, frame, hand);
        hand = frame;
      }
      store<u32>(pageIn + (<usize>frame << 2), p);
      store<u32>(owed + (<usize>frame << 2), 0);
      store<f64>(movedNs + (<usize>frame << 3), held);
      store<f64>(placeAt, <f64>(frame + 1));
      continue;
    }
    if (size < pages || !here || held == ELSEWHERE) {
      store<f64>(SWAP_PAGE, <f64>p);
      break;
    }
    let frame = hand;
    if (order == RECENCY) frame = load<u32>(linksOf(links, hand));
    let owedAt = owed + (<usize>frame << 2);
    if (order == SECOND_CHANCE) {
      for (;;) {
        const hits = load<u32>(owedAt);
        if ((hits & REFERENCED) == 0) break;
        store<u32>(owedAt, hits & ~REFERENCED);
        frame++;
        if (frame == pages) frame = 0;
        owedAt = owed + (<usize>frame << 2);
      }
      hand = frame;
    }
    const pageInAt = pageIn + (<usize>frame << 2);
    const victim = <usize>load<u32>(pageInAt);
    const victimNode = <u32>load<u8>(nodeOf + victim);
    const pair = (node * nodeSlots + victimNode) << 2;
    const due = load<i32>(dues + pair);
    if (due < 0) {
      store<f64>(SWAP_PAGE, <f64>p);
      break;
    }
    if (order == RECENCY) hand = frame;
    else hand = frame + 1 == pages ? 0 : frame + 1;
    exchanges++;
    store<u32>(pairs + pair, load<u32>(pairs + pair) + 1);
    store<u8>(nodeOf + p, victimNode);
    store<u8>(nodeOf + victim, node);
    // The page is promoted; the one that leaves is demoted.
    const markNs = clock + 1;
    const movedAt = movedNs + (<usize>frame << 3);
    const lastNs = load<f64>(movedAt);
    comebacks += <u32>(held < 0) & <u32>(markNs + held <= windowNs);
    returns += <u32>(lastNs > 0) & <u32>(markNs - lastNs <= windowNs);
    wasted += <u32>(load<u32>(owedAt) != 0);
    store<f64>(place + (victim << 3), -markNs);
    store<f64>(placeAt, <f64>(frame + 1));
    store<u32>(pageInAt, p);
    store<u32>(owedAt, due);
    store<f64>(movedAt, markNs);
  }
  store<u32>(LOADED, loaded);
  takeScratch(classCountTable(), costs);
  addTo(DEMOTED_THEN_PROMOTED, comebacks);
  addTo(PROMOTED_THEN_DEMOTED, returns);
  addTo(WASTED, wasted);
  store<f64>(CLOCK_NS, clock);
  store<f64>(TRACE_TIME, traceTime);
  store<f64>(THINK_NS, load<f64>(THINK_NS) + thinkNs);
  store<f64>(PAGE_COUNT, <f64>pageCount);
  store<f64>(CACHE_SIZE, <f64>size);
  store<f64>(CACHE_HAND, <f64>hand);
  store<f64>(EXCHANGES, <f64>exchanges);
  return i;
}
