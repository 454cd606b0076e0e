import { EXACT_NS } from '../time.ts';
import type { SharedCounts } from './counts.ts';
import type { Outlook, Skipper } from './skip.ts';

/** A piece that a run is to walk through. */
export interface WalkedPiece {
  /** Its accesses in the block. */
  readonly from: number;
  readonly to: number;
  /** The pages that the run maps in it, at their first touch. */
  readonly pagesFirst: number;
  readonly pages: number;
}

/**
 * Takes run `index` through a piece in which events of the engine's own happen to it, and no others: up to each of these
 * it goes access by access, by what the runs know together, and then it passes the rest, whose counts are those of
 * the piece without what it walked. False: other events may happen, and the run must replay the piece.
 *
 * `line` is what the run says of itself now, and `left` the reads and writes of the piece by node, which are used up.
 */
export function walkThrough(
  run: Skipper,
  index: number,
  counts: SharedCounts,
  { from, to, pagesFirst, pages }: WalkedPiece,
  line: Outlook,
  left: Float64Array,
): boolean {
  const { parts } = run;
  const end = pagesFirst + pages;
  let pageNext = pagesFirst;
  let at = from;
  /** When the rest of the piece has passed, unless something happens. */
  const endNs = (): number => {
    let ns = line.clockNs + (end - pageNext) * line.faultNs;
    for (let kind = 0; kind < left.length; kind++) ns += left[kind] * line.costNs[kind];
    return ns;
  };
  const take = (reached: number, clockNs: number, nextPage: number, served: Float64Array): void => {
    parts.take({
      accesses: reached - at,
      pieceAccesses: to - from,
      clockNs,
      pagesFirst: pageNext,
      pages: nextPage - pageNext,
      roomIndex: line.roomIndex,
      served,
    });
    at = reached;
    pageNext = nextPage;
  };

  if (endNs() > EXACT_NS || !parts.areQuietUntil(endNs())) return false;
  parts.begin();
  const walked = new Float64Array(left.length);
  for (;;) {
    const { clockNs, nextNs, faultNs, costNs } = line;
    const restNs = endNs();
    if (restNs < nextNs && restNs <= EXACT_NS) {
      take(to, restNs, end, left);
      break;
    }
    const step = counts.walk(index, at, to, {
      clockNs,
      nextNs,
      faultNs,
      costNs,
      // Those of a piece whose pages are mapped already lie below.
      pageNext: pages === 0 ? Infinity : pageNext,
    });
    for (let kind = 0; kind < left.length; kind++) {
      walked[kind] = step.served[kind];
      left[kind] -= walked[kind];
    }
    take(step.reached, step.clockNs, pages === 0 ? pageNext : step.pageNext, walked);
    if (at === to) break;
    parts.happen();
    run.look(line);
  }
  parts.end(to - from);
  return true;
}
