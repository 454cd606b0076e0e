// The orders in which a cache replaces its pages: what a hit and a miss do to its frames.
// `src/cache-frames.ts` has the same in TypeScript and says what the columns hold.
import {
  addTo,
  CACHE_HAND,
  CACHE_PAGES,
  CACHE_SIZE,
  DATE_BASE,
  DEMOTED_THEN_PROMOTED,
  dueTable,
  EXCHANGES,
  EXCHANGES_HERE,
  insideTable,
  liveColumn,
  LOG_START,
  logOfUsesColumn,
  lowBits,
  nodeClasses,
  nodeOfColumn,
  owedColumn,
  pairTable,
  PING_PONG_STEPS,
  placeColumn,
  PROMOTED_THEN_DEMOTED,
  residentsColumn,
  STEPS_PER_NS,
  WASTED,
  whole,
} from './state';

/** Pages that are likely to leave within a group of accesses. */
const VICTIMS: i32 = 10;
export const RECENCY: i32 = 0;
export const ARRIVAL: i32 = 1;
export const SECOND_CHANCE: i32 = 2;
/** Behind what a frame owes, in order of recency: its last use. */
const USED_AT: usize = 4;
/** Behind the page of a frame: the date of its last move. */
const MOVED: usize = 4;
/** Bit of what a frame owes: its page was used since the hand last came by. */
const REFERENCED: u32 = 0x80000000;
/** Bit of a date: of a demotion. */
const DEMOTED: u32 = 0x80000000;
/** Steps up to which a date fits. */
const DATE_MAX: f64 = 2147483646;
/** Place of a page that is not in the cache but was promoted: TypeScript knows when. */
const ELSEWHERE: u32 = 0xffffffff;
/** Where a frame is told: none. */
export const NO_FRAME: u32 = 0xffffffff;
/** Entries of the log whose bits are one word. */
const WORD: u32 = 64;

// What misses change; a loop of hits has no register to spare for it.
let size: u32 = 0;
let hand: u32 = 0;
let start: u32 = 0;
let exchanges: u32 = 0;
let comebacks: u32 = 0;
let returns: u32 = 0;
let wasted: u32 = 0;

/** What the kernel knows of the cache between two spans. */
export function takeState(): void {
  size = whole(CACHE_SIZE);
  hand = whole(CACHE_HAND);
  start = whole(LOG_START);
  exchanges = 0;
  comebacks = 0;
  returns = 0;
  wasted = 0;
}

export function giveState(): void {
  store<f64>(CACHE_SIZE, <f64>size);
  store<f64>(CACHE_HAND, <f64>hand);
  store<f64>(LOG_START, <f64>start);
  store<f64>(EXCHANGES, <f64>exchanges);
  addTo(DEMOTED_THEN_PROMOTED, comebacks);
  addTo(PROMOTED_THEN_DEMOTED, returns);
  addTo(WASTED, wasted);
}

/** Loads what the pages that leave next have in columns by page; the sum means nothing. */
// @ts-ignore: decorator
@inline
export function warmVictims(order: i32, mask: u32): u32 {
  const pages = whole(CACHE_PAGES);
  if (size < pages) return 0;
  const place = placeColumn();
  const nodeOf = nodeOfColumn();
  let sum: u32 = 0;
  let next = order == RECENCY ? start : hand;
  for (let k = 0; k < VICTIMS; k++) {
    if (order == RECENCY) next = nextLive(next, mask);
    const frame = order == RECENCY ? load<u32>(entryOf(next, mask)) : next;
    if (order == RECENCY) sum += load<u32>(owedBy(order, frame));
    const victim = <usize>load<u32>(residentOf(frame));
    sum += load<u32>(place + (victim << 2)) + <u32>load<u8>(nodeOf + victim);
    next++;
    if (order != RECENCY && next == pages) next = 0;
  }
  return sum;
}

/** The page of `frame` is accessed, after that of `latest`; returns how many uses longer the log is. */
// @ts-ignore: decorator
@inline
export function use(order: i32, frame: u32, latest: u32, end: u32, mask: u32): u32 {
  const at = owedBy(order, frame);
  const hits = load<u32>(at);
  const left = hits - <u32>((hits & ~REFERENCED) != 0);
  store<u32>(at, order == SECOND_CHANCE ? left | REFERENCED : left);
  if (order != RECENCY) return 0;
  // Whether a page is used twice in a row is a toss-up: no branch hangs on it, the use is noted again.
  const isNext = <u32>(frame != latest);
  const last = load<u32>(at, USED_AT);
  const live = wordOf(last, mask);
  store<u64>(live, load<u64>(live) & ~(<u64>isNext << <u64>(last % WORD)));
  noteUse(at, frame, end - 1 + isNext, mask);
  return isNext;
}

/** The frame that was used last; no frame where none was. */
// @ts-ignore: decorator
@inline
export function latestFrame(end: u32, mask: u32): u32 {
  return end == start ? NO_FRAME : load<u32>(entryOf(end - 1, mask));
}

/** Takes a page that is not in the cache into a frame, which it returns; {@link NO_FRAME}: that is for the engine to do. */
// @ts-ignore: decorator
@inline
export function admit(order: i32, p: usize, node: u32, held: u32, clock: f64, end: u32, mask: u32): u32 {
  const isFree = size < whole(CACHE_PAGES);
  if (held == ELSEWHERE) return NO_FRAME;
  if (isFree) {
    if (load<u8>(insideTable() + <usize>node) == 0) return NO_FRAME;
    return fill(order, size++, p, 0, held, end, mask);
  }
  const step = floor(clock * load<f64>(STEPS_PER_NS)) - load<f64>(DATE_BASE);
  if (load<f64>(EXCHANGES_HERE) == 0 || step >= DATE_MAX) return NO_FRAME;
  const frame = nextFrame(order, mask);
  const resident = residentOf(frame);
  const victim = <usize>load<u32>(resident);
  const nodeOf = nodeOfColumn();
  const victimNode = <u32>load<u8>(nodeOf + victim);
  const pair = (node * (<u32>nodeClasses() >> 1) + victimNode) << 2;
  const due = load<i32>(dueTable() + pair);
  if (due < 0) return NO_FRAME;
  exchanges++;
  store<u32>(pairTable() + pair, load<u32>(pairTable() + pair) + 1);
  store<u8>(nodeOf + p, victimNode);
  store<u8>(nodeOf + victim, node);
  // The page is promoted; the one that leaves is demoted.
  const date = lowBits(step + 1);
  const last = load<u32>(resident, MOVED);
  const within = whole(PING_PONG_STEPS);
  comebacks += (held >> 31) & <u32>(date - (held & ~DEMOTED) <= within);
  returns += <u32>(<i32>last > 0) & <u32>(date - last <= within);
  wasted += <u32>((load<u32>(owedBy(order, frame)) & ~REFERENCED) != 0);
  store<u32>(placeColumn() + (victim << 2), date | DEMOTED);
  if (order == RECENCY) start++;
  else hand = frame + 1 == size ? 0 : frame + 1;
  return fill(order, frame, p, due, date, end, mask);
}

/** A page has come into `frame`, which it returns. */
// @ts-ignore: decorator
@inline
function fill(order: i32, frame: u32, p: usize, owed: u32, date: u32, end: u32, mask: u32): u32 {
  const at = owedBy(order, frame);
  store<u32>(at, owed);
  store<u64>(residentOf(frame), <u64>p | (<u64>date << 32));
  store<u32>(placeColumn() + (p << 2), frame + 1);
  if (order == RECENCY) noteUse(at, frame, end, mask);
  return frame;
}

/** The frame that is taken next, where all are in use. */
// @ts-ignore: decorator
@inline
function nextFrame(order: i32, mask: u32): u32 {
  if (order == RECENCY) {
    start = nextLive(start, mask);
    return load<u32>(entryOf(start, mask));
  }
  if (order == SECOND_CHANCE) {
    let frame = hand;
    for (;;) {
      const at = owedBy(order, frame);
      const hits = load<u32>(at);
      if ((hits & REFERENCED) == 0) break;
      store<u32>(at, hits & ~REFERENCED);
      frame++;
      if (frame == size) frame = 0;
    }
    hand = frame;
  }
  return hand;
}

/** What a frame owes. */
// @ts-ignore: decorator
@inline
function owedBy(order: i32, frame: u32): usize {
  return owedColumn() + (<usize>frame << (order == RECENCY ? 3 : 2));
}

/** The page of a frame, and the date of its last move. */
// @ts-ignore: decorator
@inline
function residentOf(frame: u32): usize {
  return residentsColumn() + (<usize>frame << 3);
}

/** The entry of the log for a use. */
// @ts-ignore: decorator
@inline
function entryOf(use: u32, mask: u32): usize {
  return logOfUsesColumn() + (<usize>(use & mask) << 2);
}

/** The word with the bit of a use. */
// @ts-ignore: decorator
@inline
function wordOf(use: u32, mask: u32): usize {
  return liveColumn() + (<usize>((use & mask) / WORD) << 3);
}

/** Writes a use to the log: the last one of `frame`, which is noted at `at`. */
// @ts-ignore: decorator
@inline
function noteUse(at: usize, frame: u32, use: u32, mask: u32): void {
  store<u32>(at, use, USED_AT);
  store<u32>(entryOf(use, mask), frame);
  // So no use waits for the bit of the one before.
  if (use % WORD == 0) store<u64>(wordOf(use, mask), -1);
}

/** The first use from `use` on that is the last one of its frame. There is one. */
// @ts-ignore: decorator
@inline
function nextLive(use: u32, mask: u32): u32 {
  let live = load<u64>(wordOf(use, mask)) >> <u64>(use % WORD);
  while (live == 0) {
    use = (use | (WORD - 1)) + 1;
    live = load<u64>(wordOf(use, mask));
  }
  return use + <u32>ctz(live);
}

/** Makes room in the log for the next `uses`; returns its end. */
// @ts-ignore: decorator
@inline
export function makeRoom(end: u32, uses: u32, mask: u32): u32 {
  return end - start > mask - uses - WORD ? compactLog(end, mask) : end;
}

/** Drops what the log holds of frames that were used again; returns its new end. */
function compactLog(end: u32, mask: u32): u32 {
  const first = start & ~(WORD - 1);
  let kept = start;
  for (let base = first; base - first < end - first; base += WORD) {
    let live = load<u64>(wordOf(base, mask));
    if (base == first) live = live >> <u64>(start % WORD) << <u64>(start % WORD);
    if (end - base < WORD) live &= (<u64>1 << <u64>(end - base)) - 1;
    for (; live != 0; live &= live - 1) {
      const frame = load<u32>(entryOf(base + <u32>ctz(live), mask));
      store<u32>(entryOf(kept, mask), frame);
      store<u32>(owedBy(RECENCY, frame), kept, USED_AT);
      kept++;
    }
  }
  for (let base = first; base - first < kept - first; base += WORD) {
    store<u64>(wordOf(base, mask), -1);
  }
  return kept;
}
