import { EXACT_NS } from '../time.ts';
import type { SharedCounts } from './counts.ts';
import type { Outlook, Passed, Skipper } from './skip.ts';

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
 * `line` is what the run says of itself now, and `left` the reads and writes of the piece by node, which are used up;
 * the run is told in `passed`, whose contents mean nothing before and after.
 */
export function walkThrough(
  run: Skipper,
  index: number,
  counts: SharedCounts,
  { from, to, pagesFirst, pages }: WalkedPiece,
  line: Outlook,
  left: Float64Array,
  passed: Passed,
): boolean {
  const { parts } = run;
  const end = pagesFirst + pages;
  const length = to - from;
  const whenLeft = restEnd(line, end - pagesFirst, left);
  if (whenLeft > EXACT_NS || !parts.areQuietUntil(whenLeft)) return false;
  parts.begin();
  passed.pieceAccesses = length;
  passed.pagesFirst = pagesFirst;
  let at = from;
  for (;;) {
    passed.roomIndex = line.roomIndex;
    const restNs = restEnd(line, end - passed.pagesFirst, left);
    if (restNs < line.nextNs && restNs <= EXACT_NS) {
      passed.accesses = to - at;
      passed.clockNs = restNs;
      passed.pages = end - passed.pagesFirst;
      passed.served.set(left);
      parts.take(passed);
      break;
    }
    // The pages of a piece that are mapped already lie below.
    const step = counts.walk(index, at, to, line, pages === 0 ? Infinity : passed.pagesFirst);
    for (let kind = 0; kind < left.length; kind++) {
      passed.served[kind] = step.served[kind];
      left[kind] -= step.served[kind];
    }
    passed.accesses = step.reached - at;
    passed.clockNs = step.clockNs;
    passed.pages = pages === 0 ? 0 : step.pageNext - passed.pagesFirst;
    parts.take(passed);
    at = step.reached;
    passed.pagesFirst += passed.pages;
    if (at === to) break;
    parts.happen();
    run.look(line);
  }
  passed.served.fill(0);
  parts.end(length);
  return true;
}

/** When the rest of a piece has passed, with so many pages to map, unless something happens. */
function restEnd(line: Outlook, pages: number, left: Readonly<Float64Array>): number {
  let ns = line.clockNs + pages * line.faultNs;
  for (let kind = 0; kind < left.length; kind++) ns += left[kind] * line.costNs[kind];
  return ns;
}
