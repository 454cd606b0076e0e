// What a cache knows of a page: its standing, and its last move where that has no room for it. `src/cache-slots.ts` has the
// same in TypeScript and says what the bits are.
import { GENERATION } from './cache-log';
import { lastMoveColumn, standingColumn } from './state';

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
export const DATE_MAX: f64 = 262142;

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

/** The last move of a page that is not in the cache: that it was demoted, and when. */
// @ts-ignore: decorator
@inline
export function lastMoveOfAbsent(standing: u32): u32 {
  return standing == 0 ? 0 : DEMOTED | (standing >> DATE_SHIFT);
}

/** Sets the standing of a page that is in the cache, and its last move where there is no room for it. */
// @ts-ignore: decorator
@inline
export function setStanding(p: usize, low: u32, move: u32, owed: u32, astray: bool): void {
  if (astray || owed > OWED_HERE || (move & DEMOTED) != 0) {
    store<u32>(lastMoveOf(p), move | (owed << DATE_BITS) | (astray ? ASTRAY : 0));
    store<u32>(standingOf(p), ODD | low);
  } else {
    store<u32>(standingOf(p), (move << DATE_SHIFT) | (owed * OWED) | low);
  }
}

/** Whether a page of the cache is not where those should be. */
// @ts-ignore: decorator
@inline
export function isAstray(p: usize, standing: u32): bool {
  return isOdd(standing) && (load<u32>(lastMoveOf(p)) & ASTRAY) != 0;
}

/** The node of a page that was demoted. */
// @ts-ignore: decorator
@inline
export function demotedNode(standing: u32): u32 {
  return (standing & ODD) >> NODE_SHIFT;
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
export function afterOddUse(p: usize, standing: u32): u32 {
  const at = lastMoveOf(p);
  const move = load<u32>(at);
  const owed = (move >> DATE_BITS) & OWED_THERE;
  const left = owed - <u32>(owed != 0);
  store<u32>(at, (move & (DEMOTED | ASTRAY | DATE)) | (left << DATE_BITS));
  if ((move & (DEMOTED | ASTRAY)) != 0 || left > OWED_HERE) return standing;
  return (move << DATE_SHIFT) | (left * OWED) | (standing & GENERATION);
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

/** The date of the last move of a page in the cache, if that was a promotion; else 0. */
// @ts-ignore: decorator
@inline
export function promotedAt(p: usize): u32 {
  const standing = load<u32>(standingOf(p));
  if (!isOdd(standing)) return standing >> DATE_SHIFT;
  const move = load<u32>(lastMoveOf(p));
  return (move & DEMOTED) != 0 ? 0 : move & DATE;
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
