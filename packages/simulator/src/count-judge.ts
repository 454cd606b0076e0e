import type { Engine } from './engine.ts';
import { createMoveBook } from './move-book.ts';
import type { MoveJudge } from './move-judge.ts';

/** Pointer of the tally, in `assembly/state.ts`. */
const TALLY_POINTER = 24;

/**
 * The judge of a run whose policy is told the accesses of each epoch: these counts say how often a page was accessed
 * before it moved, so no access is counted again.
 */
export function createCountJudge({
  columns,
  span,
  pages,
  settings,
}: Pick<Engine, 'columns' | 'span' | 'pages' | 'settings'>): MoveJudge {
  const book = createMoveBook(settings.pingPongWindow);
  let counting = false;
  /** Records of the block that {@link unweigh} has seen. */
  let unweighed = 0;

  /** A record counts in its epoch what it stands for, and once here: takes the rest off again, up to record `to`. */
  const unweigh = (to: number): void => {
    const { weight, page } = span;
    if (weight === undefined) return;
    for (; unweighed < to; unweighed++) pages.tally![page[unweighed]] -= weight[unweighed] - 1;
  };

  const accessedOf = (page: number): number => (pages.tally![page] + pages.accesses![page]) >>> 0;

  return {
    enter(position, page, timeNs, due) {
      if (counting) unweigh(position);
      else unweighed = position;
      counting = true;
      book.judge(page, timeNs, due, accessedOf(page));
    },
    endEpoch: () => columns.point(TALLY_POINTER, [counting ? pages.tally : undefined]),
    endBlock(length) {
      if (counting) unweigh(length);
      unweighed = 0;
    },
    outcome: () => book.outcome(accessedOf),
  };
}
