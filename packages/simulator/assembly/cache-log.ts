// The order of recency: a ring of uses, each the number of its page. `src/cache-log.ts` has the same in TypeScript.
//
// The ring has 16 generations, and what a page knows of its last use is the generation. So a use touches its page's
// standing and the end of the ring, and nothing of the use before it. When the oldest generation is all that can be left next it is listed: from its last
// use to its first those that are the last of their pages move to its end, and their pages are marked. Which pages of a
// listed generation were used again is known by their marks, since their generation is another one then.
import {
  LOG_END,
  LOG_LENGTH,
  LOG_LISTED,
  LOG_START,
  residentColumn,
  standingColumn,
  whole,
} from './state';

/** Generations of a ring; those of pages are counted from 1. */
const GENERATIONS: u32 = 16;
const GENERATIONS_SHIFT: u32 = 4;
/** The low bits of a standing: its page's generation, and whether that is listed. */
export const GENERATION: u32 = 0x3f;
const LISTED: u32 = 0x20;

/** The first use that may be the last one of its page, the first one that is not listed, and the one after the last. */
export let start: u32 = 0;
export let listed: u32 = 0;
let end: u32 = 0;
/** The place of a use in the ring is its low bits. */
let mask: u32 = 0;
/** Uses of a generation as a power of two. */
let shift: u32 = 0;

export function takeLog(): void {
  start = whole(LOG_START);
  listed = whole(LOG_LISTED);
  end = whole(LOG_END);
  mask = whole(LOG_LENGTH) - 1;
  shift = <u32>popcnt(mask) - GENERATIONS_SHIFT;
}

export function giveLog(): void {
  store<f64>(LOG_START, <f64>start);
  store<f64>(LOG_LISTED, <f64>listed);
  store<f64>(LOG_END, <f64>end);
}

/** What is before `use` has left. */
// @ts-ignore: decorator
@inline
export function leaveBefore(use: u32): void {
  start = use;
}

/** Where the next use is noted. */
// @ts-ignore: decorator
@inline
export function nextUse(): usize {
  return pageAt(end);
}

/** How many uses from the next one on are of one generation, and in a row. */
// @ts-ignore: decorator
@inline
export function usesInRow(most: u32): u32 {
  return most - (end & (most - 1));
}

/** The generation of uses that are noted now. */
// @ts-ignore: decorator
@inline
export function generation(): u32 {
  return generationOf(end);
}

/** So many uses were noted. */
// @ts-ignore: decorator
@inline
export function noteUses(count: u32): void {
  end += count;
}

// @ts-ignore: decorator
@inline
export function pageAt(use: u32): usize {
  return residentColumn() + (<usize>(use & mask) << 2);
}

/** What the standing of a page has in its low bits whose last use is this one, which is listed. */
// @ts-ignore: decorator
@inline
export function listedAs(use: u32): u32 {
  return generationOf(use) | LISTED;
}

/** The first listed use from `use` on; lists the next generation where there is none. */
// @ts-ignore: decorator
@inline
export function nextListed(use: u32): u32 {
  let next = skipStale(use);
  while (next == listed) next = listNext();
  return next;
}

/** The first listed use from `use` on that a listing has not left behind, or the end of those. */
// @ts-ignore: decorator
@inline
export function skipStale(use: u32): u32 {
  let next = use;
  while (next != listed && (next & inGeneration()) == 0) {
    const top = load<u32>(topOf(next));
    const isNone = top - next > inGeneration();
    next = top;
    if (!isNone) break;
  }
  return next;
}

/** Lists generations until there are `count` listed uses, or none is left but the one of the next use. */
// @ts-ignore: decorator
@inline
export function listAhead(count: u32): void {
  while (listed - start < count && end - listed > inGeneration()) {
    const isFirst = start == listed;
    const use = listNext();
    if (isFirst) start = use;
  }
}

/** How many listed uses there are from a listed one on in its generation. */
// @ts-ignore: decorator
@inline
export function listedInRow(use: u32): u32 {
  return min(inGeneration() + 1 - (use & inGeneration()), listed - use);
}

/** How many uses there are in the first generation that is not listed. */
// @ts-ignore: decorator
@inline
function unlistedInRow(): u32 {
  return min(inGeneration() + 1 - (listed & inGeneration()), end - listed);
}

/** Sees to it that the next `count` uses can be noted. */
// @ts-ignore: decorator
@inline
export function makeRoom(count: u32): void {
  if (end + count - (start & ~inGeneration()) > mask + 1) dropStale();
}

/** The bits of a use that tell where it is in its generation. */
// @ts-ignore: decorator
@inline
function inGeneration(): u32 {
  return (1 << shift) - 1;
}

// @ts-ignore: decorator
@inline
function generationOf(use: u32): u32 {
  return ((use & mask) >> shift) + 1;
}

/** Where the first listed use of the generation of `use` is told, behind the ring. */
// @ts-ignore: decorator
@inline
function topOf(use: u32): usize {
  return residentColumn() + (<usize>(mask + generationOf(use)) << 2);
}

/** Lists the oldest generation that is not listed yet; returns the first use of it that is. */
function listNext(): u32 {
  const standings = standingColumn();
  const count = unlistedInRow();
  const generation = generationOf(listed);
  const first = pageAt(listed);
  let top = first + (<usize>count << 2);
  for (let use = top; use > first; ) {
    use -= 4;
    const page = load<u32>(use);
    const at = standings + (<usize>page << 2);
    const standing = load<u32>(at);
    const isLast = <u32>((standing & GENERATION) == generation);
    store<u32>(at, standing | (isLast * LISTED));
    store<u32>(top - 4, page);
    top -= <usize>isLast << 2;
  }
  const firstListed = listed + (<u32>(top - first) >> 2);
  store<u32>(topOf(listed), firstListed);
  listed += count;
  return firstListed;
}

/** Drops the uses of pages that were used again: what is left is listed, and ends where a generation does. */
function dropStale(): void {
  const first = start & ~inGeneration();
  const newEnd = (end + inGeneration()) & ~inGeneration();
  kept = newEnd;
  // Positions from here on are counted from the first generation.
  for (let base = newEnd - first; base != 0; ) {
    const next = base;
    base -= inGeneration() + 1;
    const firstUnlisted = max(base, min(next, listed - first));
    keepLast(first, firstUnlisted, min(next, end - first), generationOf(first + base));
    if (firstUnlisted == base) continue;
    const top = max(load<u32>(topOf(first + base)) - first, start - first);
    keepLast(first, top, firstUnlisted, listedAs(first + base));
  }
  for (let use = kept & ~inGeneration(); use != newEnd; use += inGeneration() + 1) {
    store<u32>(topOf(use), use);
  }
  start = kept;
  listed = newEnd;
  end = newEnd;
}

/** Where `dropStale` has kept a use last. */
let kept: u32 = 0;

/** Keeps the uses from `from` to `to` of pages that are still known by `generation`. */
function keepLast(first: u32, from: u32, to: u32, generation: u32): void {
  const standings = standingColumn();
  for (let use = to; use > from; ) {
    use--;
    const page = load<u32>(pageAt(first + use));
    const at = standings + (<usize>page << 2);
    const standing = load<u32>(at);
    if ((standing & GENERATION) != generation) continue;
    kept--;
    store<u32>(at, (standing & ~GENERATION) | listedAs(kept));
    store<u32>(pageAt(kept), page);
  }
}
