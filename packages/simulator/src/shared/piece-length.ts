/** How long the pieces of a shared pass are. */
export interface PieceLengths {
  /** Accesses of a piece at most. */
  readonly pieceMax: number;
  /** A block went by in which this share of the pieces had to be replayed; `isDense`: a walk through a piece is short. */
  learn(replayedShare: number, isDense: boolean): void;
}

const SHORTEST = 256;
/** Where a run walks through a piece page by page, and where access by access. */
const LONGEST_DENSE = 32_768;
const LONGEST = 8192;
/** Where so many are replayed in pieces of this length, skipping does not pay for taking the block apart. */
const HOPELESS_SHARE = 0.3;
const HOPELESS_LENGTH = 512;
/** Blocks that are taken whole until pieces are tried again. */
const WHOLE_BLOCKS = 8;
/** Accesses that could be replayed in the time that it takes to cut a piece off and count it, and to look whether a run passes it. */
const CUT_ACCESSES = 2000;
const LOOK_ACCESSES = 30;

/**
 * Lengths for so many runs that follow what they do. A piece costs each run a look, and is replayed by those for which something
 * happens in it: with an event every n accesses, the two together are least near sqrt(look * n).
 */
export function createPieceLengths(runs: number): PieceLengths {
  const look = LOOK_ACCESSES + CUT_ACCESSES / runs;
  let pieceMax = LONGEST / 2;
  let wholeBlocks = 0;
  return {
    get pieceMax() {
      return wholeBlocks > 0 ? Infinity : pieceMax;
    },
    learn(replayedShare, isDense) {
      if (wholeBlocks > 0) {
        wholeBlocks--;
      } else if (replayedShare < HOPELESS_SHARE) {
        const accessesToEvent = pieceMax / -Math.log1p(-replayedShare);
        const best = Math.sqrt(look * accessesToEvent);
        pieceMax = Math.round(
          Math.min(isDense ? LONGEST_DENSE : LONGEST, Math.max(SHORTEST, best)),
        );
      } else if (pieceMax > HOPELESS_LENGTH) {
        pieceMax = Math.max(HOPELESS_LENGTH, Math.round(pieceMax / 4));
      } else {
        pieceMax = HOPELESS_LENGTH;
        wholeBlocks = WHOLE_BLOCKS;
      }
    },
  };
}
