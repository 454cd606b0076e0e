// The fastest tier as a cache, replayed: as the loops of `replay.ts`, and after each access the order of replacement.
// `src/tier-cache.ts` has the same in TypeScript and defines what these must do.
import {
  CACHE_HAND,
  CACHE_PAGES,
  CACHE_SIZE,
  cachedColumn,
  classCostTable,
  classCountTable,
  CLOCK_NS,
  dueTable,
  EXCHANGES,
  EXCHANGES_HERE,
  frameColumn,
  INCLUDED_NS,
  linkColumn,
  LOG_LENGTH,
  logDueColumn,
  logPageColumn,
  logPositionColumn,
  logTimeColumn,
  MAP_COST_NS,
  MAP_NODE,
  MAP_PAGES,
  nodeClasses,
  nodeOfColumn,
  OPEN_LOOP,
  PAGE_COUNT,
  pageColumn,
  pairTable,
  SCRATCH,
  SCRATCH_CLASSES,
  SWAP_PAGE,
  SWAP_VICTIM,
  THINK_NS,
  TICK_NS,
  timeColumn,
  TRACE_TIME,
  writeColumn,
} from './state';
import { pauseOf, takeScratch } from './replay';

const NO_NODE: u32 = 255;
const RECENCY: i32 = 0;
const ARRIVAL: i32 = 1;
const SECOND_CHANCE: i32 = 2;
const CACHED: u32 = 1;
const REFERENCED: u32 = 3;
/** Due of a pair of nodes of one tier: such a move is not logged. */
const SAME_TIER: i32 = -2;

export function replayRecency(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(RECENCY, from, to, deadlineNs);
}

export function replayArrival(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(ARRIVAL, from, to, deadlineNs);
}

export function replaySecondChance(from: i32, to: i32, deadlineNs: f64): i32 {
  return replayCache(SECOND_CHANCE, from, to, deadlineNs);
}

/**
 * Links of the list of cached pages, by page + 2: the one nearer to the head, then the one nearer to
 * the tail. 1 is the list itself; a page that is not in it has 0.
 */
// @ts-ignore: decorator
@inline
function linkOf(links: usize, entry: u32): usize {
  return links + (<usize>entry << 3);
}

// @ts-ignore: decorator
@inline
function unlink(at: usize, links: usize): void {
  const towards = load<u32>(at);
  const away = load<u32>(at, 4);
  store<u32>(linkOf(links, towards), away, 4);
  store<u32>(linkOf(links, away), towards);
}

// @ts-ignore: decorator
@inline
function linkAtHead(at: usize, entry: u32, links: usize): void {
  const list = linkOf(links, 1);
  const first = load<u32>(list, 4);
  store<u32>(at, 1);
  store<u32>(at, first, 4);
  store<u32>(linkOf(links, first), entry);
  store<u32>(list, entry, 4);
}

/** The page that leaves for `page`, which comes; -1 while there is room. */
// @ts-ignore: decorator
@inline
function admit(order: i32, page: u32, size: u32, pages: u32): i32 {
  if (order == RECENCY) {
    const links = linkColumn();
    let victim = -1;
    if (size >= pages) {
      const last = load<u32>(linkOf(links, 1));
      const at = linkOf(links, last);
      unlink(at, links);
      store<u64>(at, 0);
      victim = <i32>(last - 2);
    }
    linkAtHead(linkOf(links, page + 2), page + 2, links);
    return victim;
  }
  const frames = frameColumn();
  const cached = cachedColumn();
  store<u8>(cached + page, CACHED);
  if (size < pages) {
    store<u32>(frames + (<usize>size << 2), page);
    return -1;
  }
  let hand = <u32>load<f64>(CACHE_HAND);
  let victim = load<u32>(frames + (<usize>hand << 2));
  if (order == SECOND_CHANCE) {
    while (load<u8>(cached + victim) == REFERENCED) {
      store<u8>(cached + victim, CACHED);
      hand++;
      if (hand == pages) hand = 0;
      victim = load<u32>(frames + (<usize>hand << 2));
    }
  }
  store<u8>(cached + victim, 0);
  store<u32>(frames + (<usize>hand << 2), page);
  hand++;
  store<f64>(CACHE_HAND, hand == pages ? 0 : <f64>hand);
  return <i32>victim;
}

/** Enters the move of a page between tiers in the log. */
// @ts-ignore: decorator
@inline
function enterMove(entry: usize, position: i32, page: u32, timeNs: f64, due: i32): void {
  store<u32>(logPositionColumn() + (entry << 2), position);
  store<u32>(logPageColumn() + (entry << 2), page);
  store<f64>(logTimeColumn() + (entry << 3), timeNs);
  store<i32>(logDueColumn() + (entry << 2), due);
}

// @ts-ignore: decorator
@inline
function replayCache(order: i32, from: i32, to: i32, deadlineNs: f64): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const time = timeColumn();
  const nodeOf = nodeOfColumn();
  const costs = classCostTable();
  const links = linkColumn();
  const cached = cachedColumn();
  const pairs = pairTable();
  const dues = dueTable();
  const nodeSlots = <u32>nodeClasses() >> 1;
  const pages = <u32>load<f64>(CACHE_PAGES);
  const here = load<f64>(EXCHANGES_HERE) != 0;
  const tickNs = load<f64>(TICK_NS);
  const includedNs = load<f64>(INCLUDED_NS);
  const openLoop = load<f64>(OPEN_LOOP) != 0;
  const mapCost = load<f64>(MAP_COST_NS);
  const mapNode = <u32>load<f64>(MAP_NODE);
  let mapsLeft = <u32>load<f64>(MAP_PAGES);
  let pageCount = <u32>load<f64>(PAGE_COUNT);
  let size = <u32>load<f64>(CACHE_SIZE);
  let logLength = <usize>load<f64>(LOG_LENGTH);
  let exchanges: f64 = 0;
  let clock = load<f64>(CLOCK_NS);
  let traceTime = load<f64>(TRACE_TIME);
  let thinkNs: f64 = 0;
  let i = from;
  while (i < to) {
    const p = load<u32>(page + (<usize>i << 2));
    const w = <u32>load<u8>(write + <usize>i);
    let arrivalNs = clock;
    if (time != 0) {
      const now = load<f64>(time + (<usize>i << 3));
      const pauseNs = pauseOf((now - traceTime) * tickNs - includedNs);
      arrivalNs += pauseNs;
      if (arrivalNs >= deadlineNs) break;
      const node = <u32>load<u8>(nodeOf + p);
      if (node == NO_NODE && (p != pageCount || mapsLeft == 0)) break;
      thinkNs += pauseNs;
      traceTime = now;
    }
    if (arrivalNs >= deadlineNs) break;
    const node = <u32>load<u8>(nodeOf + p);
    if (node == NO_NODE) {
      if (p != pageCount || mapsLeft == 0) break;
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
    if (order == RECENCY) {
      const link = linkOf(links, p + 2);
      const towards = load<u32>(link);
      if (towards == 1) continue;
      if (towards != 0) {
        unlink(link, links);
        linkAtHead(link, p + 2, links);
        continue;
      }
    } else {
      if (load<u8>(cached + p) != 0) {
        if (order == SECOND_CHANCE) store<u8>(cached + p, REFERENCED);
        continue;
      }
    }
    const victim = admit(order, p, size, pages);
    if (victim < 0) size++;
    const victimNode = victim < 0 ? NO_NODE : <u32>load<u8>(nodeOf + <usize>victim);
    if (!here || victim < 0 || victimNode == node) {
      store<f64>(SWAP_PAGE, <f64>p);
      store<f64>(SWAP_VICTIM, <f64>victim);
      break;
    }
    store<u8>(nodeOf + p, victimNode);
    store<u8>(nodeOf + <usize>victim, node);
    exchanges++;
    const pair = (node * nodeSlots + victimNode) << 2;
    store<u32>(pairs + pair, load<u32>(pairs + pair) + 1);
    const due = load<i32>(dues + pair);
    if (due != SAME_TIER) {
      enterMove(logLength, i, p, clock, due);
      enterMove(logLength + 1, i, <u32>victim, clock, load<i32>(dues + ((victimNode * nodeSlots + node) << 2)));
      logLength += 2;
    }
  }
  takeScratch(classCountTable(), costs);
  store<f64>(CLOCK_NS, clock);
  store<f64>(TRACE_TIME, traceTime);
  store<f64>(THINK_NS, load<f64>(THINK_NS) + thinkNs);
  store<f64>(PAGE_COUNT, <f64>pageCount);
  store<f64>(CACHE_SIZE, <f64>size);
  store<f64>(LOG_LENGTH, <f64>logLength);
  store<f64>(EXCHANGES, exchanges);
  return i;
}
