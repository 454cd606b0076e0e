import type { AccessBlock } from '@tierlab/trace';
import type { MoveJudge } from '../move-judge.ts';
import type { SharedRun } from './shared-run.ts';

/**
 * The judge of a run that counts together with others: what a move came to is told by the counts that they share.
 * `tallyBlock` of `assembly/tally.ts` says the same of a run on its own.
 */
export function createSharedJudge(
  pingPongWindowNs: number,
  { counts, piece, book: bookOf }: SharedRun,
): MoveJudge {
  const book = bookOf(pingPongWindowNs);
  let tallied = false;
  /** Moves of the piece, in order. */
  let moves: Move[] = [];

  const judge = (page: number, timeNs: number, due: number, accessed: number): void => {
    if (!tallied) counts.startTally();
    tallied = true;
    book.judge(page, timeNs, due, accessed);
  };

  return {
    enter(position, page, timeNs, due) {
      // At the end of a piece, where epochs end, the tally is what it was before the move.
      if (moves.length === 0 && position === piece().length) {
        judge(page, timeNs, due, counts.accessedOf(page));
      } else {
        moves.push({ position, page, timeNs, due });
      }
    },
    enterSwaps(swaps, position, timeNs, due, dueBack) {
      const { pages, others, from, to } = swaps;
      if (moves.length === 0 && position === piece().length) {
        if (!tallied) counts.startTally();
        tallied = true;
        book.judgeSwaps(swaps, timeNs, due, dueBack, counts.accessed());
        return;
      }
      for (let i = from; i < to; i++) {
        moves.push({ position, page: pages[i], timeNs, due });
        moves.push({ position, page: others[i], timeNs, due: dueBack });
      }
    },
    endBlock() {
      if (moves.length === 0) return;
      const ended = moves;
      moves = [];
      const after = accessesAfter(ended, piece(), counts.spare);
      ended.forEach(({ page, timeNs, due }, i) => {
        judge(page, timeNs, due, counts.accessedOf(page) - after[i]);
      });
    },
    outcome: () => book.outcome(counts.accessedOf),
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
