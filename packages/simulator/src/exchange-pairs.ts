import type { NodeId } from '@tierlab/core';
import type { Moves } from '@tierlab/policy';
import type { Engine } from './engine.ts';
import type { MoveCosts } from './move-costs.ts';
import { SAME_TIER } from './move-judge.ts';
import type { Swaps } from './move-judge.ts';
import { assertMapped, changeFlags, PAGE_HUGE, PAGE_MOVING, PAGE_PROTECTED } from './pages.ts';

/** What the mover does about pairs of pages. */
export interface PairMover {
  readonly exchange: Moves['exchange'];
  /** Books `count` exchanges of a page of one node and one of the other. */
  readonly exchanged: (from: NodeId, to: NodeId, count: number) => void;
  readonly hitsDue: MoveCosts['hitsDue'];
  /** No page has a shadow, and none is watched. */
  readonly simple: boolean;
}

/**
 * Swaps `pages[i]` and `others[i]`, one pair after the other; returns how many swapped. Base pages of which there is
 * nothing to say but where they are change places at once, and enter the books a run of like pairs at a time.
 */
export function exchangePairs(
  engine: Engine,
  pages: ArrayLike<number>,
  others: ArrayLike<number>,
  mover: PairMover,
): number {
  const { nodeOf } = engine.pages;
  let swapped = 0;
  for (let i = 0; i < pages.length;) {
    assertMapped(engine.pages, pages[i]);
    assertMapped(engine.pages, others[i]);
    const from = nodeOf[pages[i]] as NodeId;
    const to = nodeOf[others[i]] as NodeId;
    const end = mover.simple ? swapBetween(engine, from, to, pages, others, i, mover) : i;
    if (end > i) {
      mover.exchanged(from, to, end - i);
      swapped += end - i;
      i = end;
    } else {
      if (mover.exchange(pages[i], others[i])) swapped++;
      i++;
    }
  }
  return swapped;
}

/** Swaps pairs from the first one on, as long as they are base pages of these two nodes; returns where that ends. */
function swapBetween(
  engine: Engine,
  from: NodeId,
  to: NodeId,
  pages: ArrayLike<number>,
  others: ArrayLike<number>,
  first: number,
  { hitsDue }: PairMover,
): number {
  if (from === to) return first;
  const { pages: table } = engine;
  const { nodeOf, flags, count, flagged } = table;
  let i = first;
  for (; i < pages.length; i++) {
    const page = pages[i];
    const other = others[i];
    if (page >= count || other >= count || nodeOf[page] !== from || nodeOf[other] !== to) break;
    const bits = flagged ? flags[page] | flags[other] : 0;
    if (bits & (PAGE_HUGE | PAGE_MOVING)) break;
    nodeOf[page] = to;
    nodeOf[other] = from;
    if (bits & PAGE_PROTECTED) {
      changeFlags(table, page, 0, PAGE_PROTECTED);
      changeFlags(table, other, 0, PAGE_PROTECTED);
    }
  }
  if (i > first) enter(engine, { pages, others, from: first, to: i }, from, to, hitsDue);
  return i;
}

/** Tells the runs beside this one and the judge of pairs whose first ones came from node `from` to node `to`. */
function enter(
  engine: Engine,
  swaps: Swaps,
  from: NodeId,
  to: NodeId,
  hitsDue: MoveCosts['hitsDue'],
): void {
  engine.swapped?.(swaps, from, to);
  const { moveJudge, nowNs } = engine;
  const position = engine.recordCount - engine.blockStart;
  const due = hitsDue(from, to, 1);
  const dueBack = hitsDue(to, from, 1);
  if (due === SAME_TIER) return;
  if (moveJudge.enterSwaps !== undefined) {
    moveJudge.enterSwaps(swaps, position, nowNs, due, dueBack);
    return;
  }
  for (let i = swaps.from; i < swaps.to; i++) {
    moveJudge.enter(position, swaps.pages[i], nowNs, due);
    moveJudge.enter(position, swaps.others[i], nowNs, dueBack);
  }
}
