// The orders in which a cache replaces its pages: what a hit and a miss do to its slots.
// `src/cache-slots.ts` has the same in TypeScript and says what the columns hold.
import {
  addTo,
  CACHE_HAND,
  CACHE_HOME,
  CACHE_PAGES,
  CACHE_SIZE,
  DATE_BASE,
  DEMOTED_THEN_PROMOTED,
  dueTable,
  EXCHANGES,
  EXCHANGES_HERE,
  insideTable,
  liveColumn,
  LOG_END,
  LOG_LENGTH,
  LOG_START,
  lowBits,
  NODES_LATER,
  nodeClasses,
  nodeOfColumn,
  pairTable,
  PING_PONG_STEPS,
  placeColumn,
  PROMOTED_THEN_DEMOTED,
  residentColumn,
  standingColumn,
  STEPS_PER_NS,
  WASTED,
  whole,
} from './state';

export const RECENCY: i32 = 0;
export const ARRIVAL: i32 = 1;
export const SECOND_CHANCE: i32 = 2;
/** Uses whose bits are one word. */
export const WORD: u32 = 64;
/** Bits of a page's standing: what its promotion owes, above that the date of its last move, and two more. */
const OWED_BITS: u32 = 9;
export const OWED: u32 = (1 << OWED_BITS) - 1;
const DATE_BITS: u32 = 21;
const DATE: u32 = (1 << DATE_BITS) - 1;
/** Its page was used since the hand last came by. */
const REFERENCED: u32 = 0x40000000;
/** Of a date, wherever it stands: of a demotion. In a place, its page's node is between. */
const DEMOTED: u32 = 0x80000000;
/** Steps up to which a date fits. */
const DATE_MAX: f64 = 2097150;
/** Bit of a place: its page is in the cache, but not where its pages should be. */
export const ASTRAY: u32 = 0x40000000;
/** Place of a page that is not in the cache but was promoted: TypeScript knows when. */
const ELSEWHERE: u32 = 0xffffffff;
/** Where a slot or a date is told: none. */
export const NONE: u32 = 0xffffffff;

/** Slots in use. */
export let size: u32 = 0;
/** Slots in use at most. */
export let pages: u32 = 0;
/** The node on which all pages of the cache should be. */
export let home: u32 = 0;
/** In order of recency: the first use that is noted and the one after the last; the slot of a use is its low bits. */
export let start: u32 = 0;
export let end: u32 = 0;
export let mask: u32 = 0;
/** In other orders: the slot that is looked at next. */
export let hand: u32 = 0;
/** The column of nodes is brought up to date later: until then a page that was exchanged is where its place says. */
let nodesLater: bool = false;
let exchanges: u32 = 0;
let comebacks: u32 = 0;
let returns: u32 = 0;
let wasted: u32 = 0;

/** What the kernel knows of the cache between two spans. */
export function takeState(): void {
  size = whole(CACHE_SIZE);
  pages = whole(CACHE_PAGES);
  home = whole(CACHE_HOME);
  hand = whole(CACHE_HAND);
  start = whole(LOG_START);
  end = whole(LOG_END);
  mask = whole(LOG_LENGTH) - 1;
  nodesLater = load<f64>(NODES_LATER) != 0;
  exchanges = 0;
  comebacks = 0;
  returns = 0;
  wasted = 0;
}

export function giveState(): void {
  store<f64>(CACHE_SIZE, <f64>size);
  store<f64>(CACHE_HAND, <f64>hand);
  store<f64>(LOG_START, <f64>start);
  store<f64>(LOG_END, <f64>end);
  store<f64>(EXCHANGES, <f64>exchanges);
  addTo(DEMOTED_THEN_PROMOTED, comebacks);
  addTo(PROMOTED_THEN_DEMOTED, returns);
  addTo(WASTED, wasted);
}

/** A page in the cache is accessed. */
// @ts-ignore: decorator
@inline
export function use(order: i32, p: usize, held: u32): void {
  const slot = (held & ~ASTRAY) - 1;
  const at = standingOf(slot);
  const standing = afterUse(load<u32>(at));
  if (order == ARRIVAL) store<u32>(at, standing);
  if (order == SECOND_CHANCE) store<u32>(at, standing | REFERENCED);
  if (order != RECENCY) return;
  const live = wordOf(slot);
  store<u64>(live, load<u64>(live) & ~(<u64>1 << <u64>slot));
  if (end % WORD == 0) store<u64>(wordOf(end & mask), -1);
  enter(end & mask, p, standing, held & ASTRAY);
  end++;
}

/** A page's standing after one more use. */
// @ts-ignore: decorator
@inline
export function afterUse(standing: u32): u32 {
  return standing - <u32>((standing & OWED) != 0);
}

/** Takes a page that is not in the cache, whatever comes of it; false: that is for the engine to do. */
// @ts-ignore: decorator
@inline
export function admit(order: i32, p: usize, node: u32, held: u32, clock: f64): bool {
  if (!isSimple(held)) return false;
  if (size < pages) {
    if (load<u8>(insideTable() + <usize>node) == 0) return false;
    enter(slotFor(order, freshSlot()), p, standingOfDate(held), node == home ? 0 : ASTRAY);
    return true;
  }
  const date = dateOf(clock);
  if (date == NONE || load<f64>(EXCHANGES_HERE) == 0) return false;
  const leaving = nextSlot(order, start, NONE);
  const victim = <usize>load<u32>(residentOf(leaving));
  const victimNode = nodeOfPage(victim, load<u32>(placeColumn() + (victim << 2)));
  const due = dueBetween(node, victimNode);
  if (due < 0) return false;
  exchange(order, p, node, held, leaving, victimNode, date);
  enter(slotFor(order, leaving), p, promoted(date, due), victimNode == home ? 0 : ASTRAY);
  return true;
}

/** Whether a page that is not at home in the cache can come without more ado. */
// @ts-ignore: decorator
@inline
export function isSimple(held: u32): bool {
  return <i32>held <= 0 && held != ELSEWHERE;
}

/** The node of a page with this place. */
// @ts-ignore: decorator
@inline
export function nodeOfPage(p: usize, held: u32): u32 {
  if (<i32>held < 0 && held != ELSEWHERE) return (held >> DATE_BITS) & 255;
  return held - 1 < ASTRAY - 1 ? home : <u32>load<u8>(nodeOfColumn() + p);
}

/** A date at this time; none where it does not fit. */
// @ts-ignore: decorator
@inline
export function dateOf(clock: f64): u32 {
  const step = floor(clock * load<f64>(STEPS_PER_NS)) - load<f64>(DATE_BASE);
  return step < DATE_MAX ? lowBits(step + 1) : NONE;
}

/** What a promotion between two nodes owes; negative where the engine must see to the exchange. */
// @ts-ignore: decorator
@inline
export function dueBetween(node: u32, victimNode: u32): i32 {
  return load<i32>(dueTable() + pairOf(node, victimNode));
}

/** A page changes places with the one in slot `leaving`, which leaves the cache; what both moves came to is judged. */
// @ts-ignore: decorator
@inline
export function exchange(
  order: i32,
  p: usize,
  node: u32,
  held: u32,
  leaving: u32,
  victimNode: u32,
  date: u32,
): void {
  const victim = <usize>load<u32>(residentOf(leaving));
  const standing = load<u32>(standingOf(leaving));
  const nodeOf = nodeOfColumn();
  const pair = pairTable() + pairOf(node, victimNode);
  exchanges++;
  store<u32>(pair, load<u32>(pair) + 1);
  if (!nodesLater) {
    store<u8>(nodeOf + p, victimNode);
    store<u8>(nodeOf + victim, node);
  }
  // The page is promoted; the one that leaves is demoted.
  const last = (standing >> OWED_BITS) & DATE;
  const within = whole(PING_PONG_STEPS);
  comebacks += (held >> 31) & <u32>(date - (held & DATE) <= within);
  returns += ~(standing >> 31) & <u32>(last != 0) & <u32>(date - last <= within);
  wasted += <u32>((standing & OWED) != 0);
  store<u32>(placeColumn() + (victim << 2), DEMOTED | (node << DATE_BITS) | date);
  if (order == RECENCY) start++;
  else hand = after(leaving);
}

/** The standing of a page that was promoted. */
// @ts-ignore: decorator
@inline
export function promoted(date: u32, due: i32): u32 {
  return (date << OWED_BITS) | <u32>due;
}

/** The standing of a page that comes without a move, and last moved when its place says. */
// @ts-ignore: decorator
@inline
export function standingOfDate(held: u32): u32 {
  return (held & DEMOTED) | ((held & DATE) << OWED_BITS);
}

/** One more page is in the cache: the slot that is for it where pages stay in theirs. */
// @ts-ignore: decorator
@inline
export function freshSlot(): u32 {
  return size++;
}

/** The slot of a page that comes: the one that is free or, in order of recency, that of the next use. */
// @ts-ignore: decorator
@inline
function slotFor(order: i32, free: u32): u32 {
  if (order != RECENCY) return free;
  if (end % WORD == 0) store<u64>(wordOf(end & mask), -1);
  return end++ & mask;
}

/** Puts a page into a slot. */
// @ts-ignore: decorator
@inline
export function enter(slot: u32, p: usize, standing: u32, astray: u32): void {
  store<u32>(standingOf(slot), standing);
  store<u32>(residentOf(slot), <u32>p);
  store<u32>(placeColumn() + (p << 2), (slot + 1) | astray);
}

/** The slot that is left next, where all are in use; in order of recency, none where it is `near` or more uses after `first`. */
// @ts-ignore: decorator
@inline
export function nextSlot(order: i32, first: u32, near: u32): u32 {
  if (order == RECENCY) {
    const use = nextLive(start);
    if (use - first >= near) return NONE;
    start = use;
    return use & mask;
  }
  while (order == SECOND_CHANCE) {
    const at = standingOf(hand);
    const standing = load<u32>(at);
    if ((standing & REFERENCED) == 0) break;
    store<u32>(at, standing & ~REFERENCED);
    hand = after(hand);
  }
  return hand;
}

/** The slot after one of a cache whose pages stay in their slots. */
// @ts-ignore: decorator
@inline
export function after(slot: u32): u32 {
  return slot + 1 == size ? 0 : slot + 1;
}

// @ts-ignore: decorator
@inline
function pairOf(node: u32, victimNode: u32): usize {
  return <usize>(node * (<u32>nodeClasses() >> 1) + victimNode) << 2;
}

// @ts-ignore: decorator
@inline
export function standingOf(slot: u32): usize {
  return standingColumn() + (<usize>slot << 2);
}

// @ts-ignore: decorator
@inline
export function residentOf(slot: u32): usize {
  return residentColumn() + (<usize>slot << 2);
}

/** The word with the bit of a slot. */
// @ts-ignore: decorator
@inline
export function wordOf(slot: u32): usize {
  return liveColumn() + (<usize>(slot / WORD) << 3);
}

/** The first use from `use` on that is the last one of its page. There is one. */
// @ts-ignore: decorator
@inline
export function nextLive(use: u32): u32 {
  let live = load<u64>(wordOf(use & mask)) >> <u64>(use % WORD);
  while (live == 0) {
    use = (use | (WORD - 1)) + 1;
    live = load<u64>(wordOf(use & mask));
  }
  return use + <u32>ctz(live);
}

/** Sees to it that the next `uses` can be noted. */
// @ts-ignore: decorator
@inline
export function makeRoom(uses: u32): void {
  if (end - start > mask - uses - WORD) dropStale();
}

/** A group has noted so many uses. */
// @ts-ignore: decorator
@inline
export function noteUses(count: u32): void {
  end += count;
}

/** Drops the uses of pages that were used again. */
function dropStale(): void {
  const place = placeColumn();
  const first = start & ~(WORD - 1);
  let kept = start;
  for (let base = first; base - first < end - first; base += WORD) {
    let live = load<u64>(wordOf(base & mask));
    if (base == first) live = live >> <u64>(start % WORD) << <u64>(start % WORD);
    if (end - base < WORD) live &= (<u64>1 << <u64>(end - base)) - 1;
    for (; live != 0; live &= live - 1) {
      const slot = (base + <u32>ctz(live)) & mask;
      const p = <usize>load<u32>(residentOf(slot));
      const astray = load<u32>(place + (p << 2)) & ASTRAY;
      enter(kept & mask, p, load<u32>(standingOf(slot)), astray);
      kept++;
    }
  }
  for (let base = first; base - first < kept - first; base += WORD) {
    store<u64>(wordOf(base & mask), -1);
  }
  end = kept;
}
