import { assert } from '@tierlab/core';
import type { AccessBlock } from '@tierlab/trace';
import { judgeMoves } from './move-log.ts';
import type { MoveLog } from './move-log.ts';
import { growColumn } from './pages.ts';

/**
 * Accesses of each page, the same for every run of a pass over a trace: counted once for all of them, a block at a time
 * after the runs have replayed it, and only from the first block on in which one moves a page. Differences alone mean
 * anything.
 */
export interface PageTally {
  /** Accesses of each page so far, by page id, if any run has moved one. */
  accesses: Float64Array;
  counting: boolean;
  /** Accesses of the trace before the block that is being replayed. */
  blockStart: number;
}

/** A tally of a trace that has not begun. */
export function createPageTally(): PageTally {
  return { accesses: new Float64Array(0), counting: false, blockStart: 0 };
}

/** Makes room for page ids below `pageCount`. */
export function growTally(tally: PageTally, pageCount: number): void {
  if (tally.accesses.length >= pageCount) return;
  tally.accesses = growColumn(tally.accesses, Math.ceil(pageCount * 1.5));
}

/** Counts a block that every run has replayed, and judges what they moved meanwhile. */
export function tallyBlock(tally: PageTally, block: AccessBlock, runs: readonly MoveLog[]): void {
  tally.blockStart += block.length;
  const movers = runs.filter(({ length }) => length > 0);
  tally.counting ||= movers.length > 0;
  if (!tally.counting) return;
  const pageCount = block.newPageFirst + block.newPageNumber.length;
  growTally(tally, pageCount);
  const { accesses } = tally;
  const judge = createJudge(movers, accesses);
  const { page, length } = block;
  let i = 0;
  for (let next = judge(0); i < length; next = judge(i)) {
    for (const end = Math.min(next, length); i < end; i++) accesses[page[i]]++;
  }
  assert(judge(length) === Infinity, 'a run moved a page in a later block');
  for (const log of movers) log.length = 0;
}

/** Judges the moves of all runs at a position; returns the position of the first one behind it. */
function createJudge(
  runs: readonly MoveLog[],
  accesses: Float64Array,
): (position: number) => number {
  const cursor = new Uint32Array(runs.length);
  return (at) => {
    let next = Infinity;
    for (let run = 0; run < runs.length; run++) {
      const { position, length } = runs[run];
      if (cursor[run] === length) continue;
      if (position[cursor[run]] === at) {
        cursor[run] = judgeMoves(runs[run], cursor[run], at, accesses);
        if (cursor[run] === length) continue;
      }
      if (position[cursor[run]] < next) next = position[cursor[run]];
    }
    return next;
  };
}
