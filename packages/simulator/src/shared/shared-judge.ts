import type { AccessBlock } from '@tierlab/trace';
import { dateSteps } from '../move-judge.ts';
import type { MoveJudge } from '../move-judge.ts';
import type { PageTable } from '../pages.ts';
import type { SharedRun } from './shared-run.ts';

/**
 * The judge of a run that counts together with others: what a move came to is told by the counts that they share.
 * `tallyBlock` of `assembly/tally.ts` says the same of a run on its own.
 */
export function createSharedJudge(
  pages: PageTable,
  pingPongWindowNs: number,
  { counts, piece }: SharedRun,
): MoveJudge {
  const steps = dateSteps(pingPongWindowNs);
  /**
   * Two values a page. The tally at which its promotion has paid. The step in which it last moved, plus 1, negative for
   * a demotion; 0 if it never moved.
   */
  let judged = new Float64Array(0);
  let promotedThenDemotedPages = 0;
  let demotedThenPromotedPages = 0;
  let wastedPromotionPages = 0;

  /** Moves of the piece, in order. */
  let moves: Move[] = [];

  const makeRoom = (): void => {
    if (judged.length === 0) counts.startTally();
    const longer = new Float64Array(2 * pages.nodeOf.length);
    longer.set(judged);
    judged = longer;
  };

  const judge = (page: number, timeNs: number, due: number, accessed: number): void => {
    const at = 2 * page;
    if (at >= judged.length) makeRoom();
    const promoted = due >= 0;
    const date = Math.floor(timeNs * steps.stepsPerNs) + 1;
    const last = judged[at + 1];
    const near = date - Math.abs(last) <= steps.window;
    if (last !== 0 && promoted === last < 0 && near) {
      if (promoted) demotedThenPromotedPages++;
      else promotedThenDemotedPages++;
    }
    if (!promoted && judged[at] > accessed && last !== 0) wastedPromotionPages++;
    judged[at] = due > 0 ? accessed + due : -Infinity;
    judged[at + 1] = promoted ? date : -date;
  };

  return {
    enter(position, page, timeNs, due) {
      // At the end of a piece, where epochs end, the tally is what it was before the move.
      if (moves.length === 0 && position === piece().length) {
        judge(page, timeNs, due, counts.tally[page]);
      } else {
        moves.push({ position, page, timeNs, due });
      }
    },
    endBlock() {
      if (moves.length === 0) return;
      const ended = moves;
      moves = [];
      const after = accessesAfter(ended, piece(), counts.spare);
      ended.forEach(({ page, timeNs, due }, i) => {
        judge(page, timeNs, due, counts.tally[page] - after[i]);
      });
    },
    outcome() {
      let unpaidPromotionPages = 0;
      for (let page = 0; 2 * page < judged.length; page++) {
        if (judged[2 * page + 1] !== 0 && judged[2 * page] > counts.tally[page]) {
          unpaidPromotionPages++;
        }
      }
      return {
        promotedThenDemotedPages,
        demotedThenPromotedPages,
        wastedPromotionPages,
        unpaidPromotionPages,
      };
    },
  };
}

interface Move {
  /** Accesses of the piece before it. */
  readonly position: number;
  readonly page: number;
  readonly timeNs: number;
  readonly due: number;
}

/** Moves whose pages are looked for one by one; more are found in one walk over the piece. */
const FEW_MOVES = 4;

/** How often the page of each move is accessed after it, in the piece. `spare` is a number by page, 0 now and again then. */
function accessesAfter(
  moves: readonly Move[],
  { page: column, length }: AccessBlock,
  spare: Uint32Array,
): Uint32Array {
  const after = new Uint32Array(moves.length);
  if (moves.length <= FEW_MOVES) {
    moves.forEach(({ position, page }, i) => {
      for (let k = position; k < length; k++) if (column[k] === page) after[i]++;
    });
    return after;
  }
  const first = moves[0].position;
  let k = length;
  for (let i = moves.length - 1; i >= 0; i--) {
    const { position, page } = moves[i];
    while (k > position) spare[column[--k]]++;
    after[i] = spare[page];
  }
  for (k = first; k < length; k++) spare[column[k]] = 0;
  return after;
}
