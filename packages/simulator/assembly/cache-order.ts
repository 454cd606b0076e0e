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
  lastMoveColumn,
  lowBits,
  NODES_LATER,
  nodeClasses,
  nodeOfColumn,
  pairTable,
  PING_PONG_STEPS,
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

/** Of a standing's low bits, where those are not a generation: in the cache, and used since the hand last came by. */
export const PRESENT: u32 = 1;
export const REFERENCED: u32 = 0x20;
/** One access that a page of the cache owes, and how many it can owe in its standing. */
export const OWED: u32 = 0x40;
export const OWED_HERE: u32 = 254;
/** In the same bits the node of a page that was demoted, or all of them: its last move tells the rest. */
const NODE_SHIFT: u32 = 6;
export const ODD: u32 = 0x3fc0;
/** The rest is the date of its last move: a demotion, if it is not in the cache. */
export const DATE_SHIFT: u32 = 14;
/** A date that no window reaches. */
const NEVER: u32 = 0xffffffff << DATE_SHIFT;

/** Of a last move, from the lowest bits on: its date, and what a page owes. */
const DATE_BITS: u32 = 18;
const DATE: u32 = (1 << DATE_BITS) - 1;
const OWED_THERE: u32 = 511;
const ASTRAY: u32 = 0x40000000;
const DEMOTED: u32 = 0x80000000;
/** Steps up to which a date fits. */
const DATE_MAX: f64 = 262142;
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

/** Whether a page with this standing is in the cache. */
// @ts-ignore: decorator
@inline
export function isPresent(standing: u32): bool {
  return (standing & GENERATION) != 0;
}

/** Whether its last move tells more of a page than its standing. */
// @ts-ignore: decorator
@inline
export function isOdd(standing: u32): bool {
  return (standing & ODD) == ODD;
}

/** Whether a page with this standing is in the cache, at home, and owes what its standing says. */
// @ts-ignore: decorator
@inline
export function isPlain(standing: u32): bool {
  return isPresent(standing) && !isOdd(standing);
}

/** The standing of a page that a move at `date` demoted to a node. */
// @ts-ignore: decorator
@inline
export function demotedTo(node: u32, date: u32): u32 {
  return (date << DATE_SHIFT) | (node << NODE_SHIFT);
}

/** The standing of a page that comes as one that was demoted to a node, but at no time. */
// @ts-ignore: decorator
@inline
export function asDemotedTo(node: u32): u32 {
  return NEVER | (node << NODE_SHIFT);
}

/** The node of a page that was demoted. */
// @ts-ignore: decorator
@inline
export function demotedNode(standing: u32): u32 {
  return (standing & ODD) >> NODE_SHIFT;
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

/** A plain page's standing with one access less to owe. */
// @ts-ignore: decorator
@inline
export function afterUse(standing: u32): u32 {
  return standing - (<u32>((standing & ODD) != 0) * OWED);
}

/**
 * The standing of a page that came, where `standing` counted its uses since down from {@link OWED_HERE} and `after` is what
 * it would have without them, but for the low bits.
 */
// @ts-ignore: decorator
@inline
export function settled(standing: u32, after: u32): u32 {
  const used = OWED_HERE * OWED - (standing & ODD);
  return after - min(after & ODD, used) + (standing & GENERATION);
}

/** The standing of a page after one more use that owes more than that can tell, or is astray. */
function afterOddUse(p: usize, standing: u32): u32 {
  const at = lastMoveOf(p);
  const move = load<u32>(at);
  const owed = (move >> DATE_BITS) & OWED_THERE;
  const left = owed - <u32>(owed != 0);
  store<u32>(at, (move & (DEMOTED | ASTRAY | DATE)) | (left << DATE_BITS));
  if ((move & (DEMOTED | ASTRAY)) != 0 || left > OWED_HERE) return standing;
  return (move << DATE_SHIFT) | (left * OWED) | (standing & GENERATION);
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
    const last = standing == 0 ? 0 : DEMOTED | (standing >> DATE_SHIFT);
    enter(order, freshSlot(), p, last, 0, node != home);
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
  const astray = isOdd(standing) && (load<u32>(lastMoveOf(p)) & ASTRAY) != 0;
  return astray ? <u32>load<u8>(nodeOfColumn() + p) : home;
}

/** The node of a page that is not in the cache. */
// @ts-ignore: decorator
@inline
export function nodeOfAbsent(p: usize, standing: u32): u32 {
  const wasDemoted = standing != 0 && !isOdd(standing);
  return wasDemoted ? demotedNode(standing) : <u32>load<u8>(nodeOfColumn() + p);
}

/** Whether a page owes accesses. */
// @ts-ignore: decorator
@inline
export function owes(p: usize): bool {
  const standing = load<u32>(standingOf(p));
  if (isOdd(standing)) return ((load<u32>(lastMoveOf(p)) >> DATE_BITS) & OWED_THERE) != 0;
  return isPresent(standing) && (standing & ODD) != 0;
}

/** Takes so many steps off the date of a page's last move, which stays the first one at least. */
// @ts-ignore: decorator
@inline
export function redate(p: usize, steps: u32): void {
  const at = standingOf(p);
  const standing = load<u32>(at);
  if (!isOdd(standing)) {
    const date = earlier(standing >> DATE_SHIFT, steps);
    store<u32>(at, (date << DATE_SHIFT) | (standing & ((1 << DATE_SHIFT) - 1)));
    return;
  }
  const move = load<u32>(lastMoveOf(p));
  store<u32>(lastMoveOf(p), (move & ~DATE) | earlier(move & DATE, steps));
}

// @ts-ignore: decorator
@inline
function earlier(date: u32, steps: u32): u32 {
  return date > steps ? date - steps : min(date, 1);
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

/** The date of the last move of a page in the cache, if that was a promotion; else 0. */
// @ts-ignore: decorator
@inline
function promotedAt(p: usize): u32 {
  const standing = load<u32>(standingOf(p));
  if (!isOdd(standing)) return standing >> DATE_SHIFT;
  const move = load<u32>(lastMoveOf(p));
  return <i32>move < 0 ? 0 : move & DATE;
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
  if (astray || owed > OWED_HERE || <i32>move < 0) {
    store<u32>(lastMoveOf(p), move | (owed << DATE_BITS) | (astray ? ASTRAY : 0));
    store<u32>(standingOf(p), ODD | low);
  } else {
    store<u32>(standingOf(p), (move << DATE_SHIFT) | (owed * OWED) | low);
  }
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
export function standingOf(p: usize): usize {
  return standingColumn() + (p << 2);
}

// @ts-ignore: decorator
@inline
function lastMoveOf(p: usize): usize {
  return lastMoveColumn() + (p << 2);
}

// @ts-ignore: decorator
@inline
export function residentOf(slot: u32): usize {
  return residentColumn() + (<usize>slot << 2);
}
