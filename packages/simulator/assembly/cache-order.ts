// A cache: what a hit and a miss do to its pages, whatever the order in which they leave. `src/cache-slots.ts` has the
// same in TypeScript and says what the columns hold.
import {
  GENERATION,
  generation,
  giveLog,
  leaveBefore,
  listedAs,
  nextListed,
  nextUse,
  noteUses,
  pageAt,
  start,
  takeLog,
} from './cache-log';
import {
  afterOddUse,
  afterUse,
  DATE_MAX,
  DATE_SHIFT,
  demotedNode,
  demotedTo,
  isAstray,
  isOdd,
  isPresent,
  lastMoveOfAbsent,
  owes,
  PRESENT,
  promotedAt,
  REFERENCED,
  setStanding,
  standingOf,
} from './cache-standing';
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
  lowBits,
  NODES_LATER,
  nodeClasses,
  nodeOfColumn,
  pairTable,
  PING_PONG_STEPS,
  PROMOTED_THEN_DEMOTED,
  residentColumn,
  STEPS_PER_NS,
  WASTED,
  whole,
} from './state';

export const RECENCY: i32 = 0;
export const ARRIVAL: i32 = 1;
export const SECOND_CHANCE: i32 = 2;

/** Where a date is told: it does not fit. */
export const NONE: u32 = 0xffffffff;

/** Pages in the cache. */
export let size: u32 = 0;
/** Pages in it at most. */
export let pages: u32 = 0;
/** The node on which all pages of the cache should be. */
export let home: u32 = 0;
/** In orders but that of recency: the slot that is looked at next. */
export let hand: u32 = 0;
/** The column of nodes is brought up to date later: until then an exchanged page is where standing and last move say. */
export let nodesLater: bool = false;
/** Moves of a page one way and back count as ping-pong within so many steps. */
export let window: u32 = 0;
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
  nodesLater = load<f64>(NODES_LATER) != 0;
  window = whole(PING_PONG_STEPS);
  exchanges = 0;
  comebacks = 0;
  returns = 0;
  wasted = 0;
  takeLog();
}

export function giveState(): void {
  store<f64>(CACHE_SIZE, <f64>size);
  store<f64>(CACHE_HAND, <f64>hand);
  store<f64>(EXCHANGES, <f64>exchanges);
  addTo(DEMOTED_THEN_PROMOTED, comebacks);
  addTo(PROMOTED_THEN_DEMOTED, returns);
  addTo(WASTED, wasted);
  giveLog();
}

/** A page in the cache is accessed. */
// @ts-ignore: decorator
@inline
export function use(order: i32, p: usize, standing: u32): void {
  let after = isOdd(standing) ? afterOddUse(p, standing) : afterUse(standing);
  if (order == SECOND_CHANCE) after |= REFERENCED;
  if (order == RECENCY) after = (after & ~GENERATION) | noteUse(p);
  if (order != ARRIVAL || after != standing) store<u32>(standingOf(p), after);
}

/** Notes a use of a page that is the last one now; returns its generation. */
// @ts-ignore: decorator
@inline
function noteUse(p: usize): u32 {
  const noted = generation();
  store<u32>(nextUse(), <u32>p);
  noteUses(1);
  return noted;
}

/** Takes a page that is not in the cache, whatever comes of it; false: that is for the engine to do. */
// @ts-ignore: decorator
@inline
export function admit(order: i32, p: usize, node: u32, clock: f64): bool {
  const standing = load<u32>(standingOf(p));
  if (isOdd(standing)) return false;
  if (size < pages) {
    if (load<u8>(insideTable() + <usize>node) == 0) return false;
    enter(order, freshSlot(), p, lastMoveOfAbsent(standing), 0, node != home);
    return true;
  }
  const date = dateOf(clock);
  if (date == NONE || load<f64>(EXCHANGES_HERE) == 0) return false;
  const victim = <usize>(order == RECENCY ? usedLongestAgo() : atHand(order));
  const victimNode = nodeOfPage(victim, load<u32>(standingOf(victim)));
  const due = dueBetween(node, victimNode);
  if (due < 0) return false;
  exchange(p, node, standing, victim, victimNode, date);
  const slot = hand;
  if (order == RECENCY) leaveBefore(start + 1);
  else hand = after(slot);
  enter(order, slot, p, date, <u32>due, victimNode != home);
  return true;
}

/** The node of a page with this standing. */
// @ts-ignore: decorator
@inline
export function nodeOfPage(p: usize, standing: u32): u32 {
  if (!isPresent(standing)) return nodeOfAbsent(p, standing);
  return isAstray(p, standing) ? <u32>load<u8>(nodeOfColumn() + p) : home;
}

/** The node of a page that is not in the cache. */
// @ts-ignore: decorator
@inline
export function nodeOfAbsent(p: usize, standing: u32): u32 {
  const wasDemoted = standing != 0 && !isOdd(standing);
  return wasDemoted ? demotedNode(standing) : <u32>load<u8>(nodeOfColumn() + p);
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

/**
 * A page changes places with one that leaves the cache, and what both moves came to is judged: the page is promoted, the
 * other one demoted. The page's own standing is for the caller to set.
 */
// @ts-ignore: decorator
@inline
export function exchange(
  p: usize,
  node: u32,
  standing: u32,
  victim: usize,
  victimNode: u32,
  date: u32,
): void {
  countExchanges(node, victimNode, 1);
  if (!nodesLater) {
    const nodeOf = nodeOfColumn();
    store<u8>(nodeOf + p, victimNode);
    store<u8>(nodeOf + victim, node);
  }
  const isComeback = standing != 0 && date - (standing >> DATE_SHIFT) <= window;
  const promoted = promotedAt(victim);
  const isReturn = promoted != 0 && date - promoted <= window;
  judged(<u32>isComeback, <u32>isReturn, <u32>owes(victim));
  store<u32>(standingOf(victim), demotedTo(node, date));
}

/** So many pages of a node changed places with ones at home. */
export function addExchanges(node: u32, count: u32): void {
  countExchanges(node, home, count);
}

// @ts-ignore: decorator
@inline
function countExchanges(node: u32, victimNode: u32, count: u32): void {
  const pair = pairTable() + pairOf(node, victimNode);
  exchanges += count;
  store<u32>(pair, load<u32>(pair) + count);
}

/** What became of moves: pages that came back soon, that left again soon, and that left before they had paid. */
// @ts-ignore: decorator
@inline
export function judged(cameBack: u32, leftAgain: u32, unpaid: u32): void {
  comebacks += cameBack;
  returns += leftAgain;
  wasted += unpaid;
}

/** One more page is in the cache: the slot that is for it where pages stay in theirs. */
// @ts-ignore: decorator
@inline
export function freshSlot(): u32 {
  return size++;
}

/** Puts a page into the cache, whose last move is `move`: a date, and whether it was demoted. */
// @ts-ignore: decorator
@inline
function enter(order: i32, slot: u32, p: usize, move: u32, owed: u32, astray: bool): void {
  if (order != RECENCY) store<u32>(residentOf(slot), <u32>p);
  const low = order == RECENCY ? noteUse(p) : PRESENT;
  setStanding(p, low, move, owed, astray);
}

/** The page that leaves next in order of recency. */
function usedLongestAgo(): u32 {
  let use = nextListed(start);
  let page = load<u32>(pageAt(use));
  while ((load<u32>(standingOf(page)) & GENERATION) != listedAs(use)) {
    use = nextListed(use + 1);
    page = load<u32>(pageAt(use));
  }
  leaveBefore(use);
  return page;
}

/** The page at the hand, which leaves next in other orders; with a second chance, the hand goes there. */
// @ts-ignore: decorator
@inline
function atHand(order: i32): u32 {
  let page = load<u32>(residentOf(hand));
  while (order == SECOND_CHANCE) {
    const at = standingOf(page);
    const standing = load<u32>(at);
    if ((standing & REFERENCED) == 0) break;
    store<u32>(at, standing & ~REFERENCED);
    hand = after(hand);
    page = load<u32>(residentOf(hand));
  }
  return page;
}

/** The hand goes so many slots on. */
// @ts-ignore: decorator
@inline
export function goOn(slots: u32): void {
  hand += slots;
  if (hand >= size) hand -= size;
}

/** The slot after one. */
// @ts-ignore: decorator
@inline
function after(slot: u32): u32 {
  return slot + 1 == size ? 0 : slot + 1;
}

// @ts-ignore: decorator
@inline
function pairOf(node: u32, victimNode: u32): usize {
  return <usize>(node * (<u32>nodeClasses() >> 1) + victimNode) << 2;
}

// @ts-ignore: decorator
@inline
export function residentOf(slot: u32): usize {
  return residentColumn() + (<usize>slot << 2);
}
