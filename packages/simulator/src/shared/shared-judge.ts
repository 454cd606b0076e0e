import type { MoveJudge } from '../move-judge.ts';
import type { PageTable } from '../pages.ts';
import type { SharedRun } from './pass.ts';

/**
 * The judge of a run that counts together with others: what a move came to is told by the counts that they share.
 * `tallyBlock` of `assembly/tally.ts` says the same of a run on its own.
 */
export function createSharedJudge(
  pages: PageTable,
  pingPongWindowNs: number,
  { counts, piece }: SharedRun,
): MoveJudge {
  /**
   * Two values a page. The tally at which its promotion has paid. When it last moved, plus 1, negative for a
   * demotion; 0 if it never moved.
   */
  let judged = new Float64Array(0);
  let promotedThenDemotedPages = 0;
  let demotedThenPromotedPages = 0;
  let wastedPromotionPages = 0;

  /** Accesses of the page before access `position` of the piece, all of which the tally holds. */
  const accessesBefore = (page: number, position: number): number => {
    const { page: column, length } = piece();
    let count = counts.tally[page];
    for (let i = position; i < length; i++) if (column[i] === page) count--;
    return count;
  };

  const makeRoom = (): void => {
    if (judged.length === 0) counts.startTally();
    const longer = new Float64Array(2 * pages.nodeOf.length);
    longer.set(judged);
    judged = longer;
  };

  return {
    enter(position, page, timeNs, due) {
      const at = 2 * page;
      if (at >= judged.length) makeRoom();
      const promoted = due >= 0;
      const accessed = accessesBefore(page, position);
      const nowNs = timeNs + 1;
      const lastNs = judged[at + 1];
      const near = nowNs - Math.abs(lastNs) <= pingPongWindowNs;
      if (lastNs !== 0 && promoted === lastNs < 0 && near) {
        if (promoted) demotedThenPromotedPages++;
        else promotedThenDemotedPages++;
      }
      if (!promoted && judged[at] > accessed && lastNs !== 0) wastedPromotionPages++;
      judged[at] = due > 0 ? accessed + due : -Infinity;
      judged[at + 1] = promoted ? nowNs : -nowNs;
    },
    endBlock: () => {},
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
