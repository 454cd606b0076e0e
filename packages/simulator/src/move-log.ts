import type { Engine } from './engine.ts';
import {
  DEMOTED_THEN_PROMOTED,
  PING_PONG_STEPS,
  PROMOTED_THEN_DEMOTED,
  STEPS_PER_NS,
  WASTED,
} from './kernels/span.ts';
import { dateSteps } from './move-judge.ts';
import type { MoveJudge } from './move-judge.ts';
import { growColumn } from './pages.ts';

/** Pointer of the first column of a log, in `assembly/state.ts`. */
const FIRST_POINTER = 20;

/**
 * A judge that writes moves down as they happen, and judges them when the accesses of their block are
 * counted, from the first block on in which a page moved: a run that moves nothing counts nothing.
 */
export function createMoveLog({
  columns,
  span,
  pages,
  settings,
}: Pick<Engine, 'columns' | 'span' | 'pages' | 'settings'>): MoveJudge {
  const steps = dateSteps(settings.pingPongWindow);
  /** Entries that are not judged yet; the columns may be longer. */
  let entries = 0;
  /** Accesses of the block before the move, ascending. */
  let position = new Uint32Array(0);
  let page = new Uint32Array(0);
  let timeNs = new Float64Array(0);
  let due = new Int32Array(0);
  /** What the compiled loop sees of the log. */
  const seen = { position, page, timeNs, due };
  /** Accesses of each page since counting began; differences alone mean anything. */
  let tally = new Uint32Array(0);
  /**
   * Two values a page. The tally at which its promotion has paid, 0 where none is to be judged. The
   * step in which it last moved, plus 1, negative for a demotion; 0 if it never moved.
   */
  let judged = new Float64Array(0);
  let counting = false;
  const entryColumns = [
    columns.add(Uint32Array, 0, (view) => (seen.position = view)),
    columns.add(Uint32Array, 0, (view) => (seen.page = view)),
    columns.add(Float64Array, 0, (view) => (seen.timeNs = view)),
    columns.add(Int32Array, 0, (view) => (seen.due = view)),
  ];
  const tallyColumn = columns.add(Uint32Array, 0, (view) => (tally = view));
  const judgedColumn = columns.add(Float64Array, 0, (view) => (judged = view));

  const lengthen = (): void => {
    const length = Math.max(1024, 2 * entries);
    position = growColumn(position, length);
    page = growColumn(page, length);
    timeNs = growColumn(timeNs, length);
    due = growColumn(due, length);
  };

  const showEntries = (): void => {
    if (seen.page.length < entries) columns.lengthen(entryColumns, page.length);
    seen.position.set(position.subarray(0, entries));
    seen.page.set(page.subarray(0, entries));
    seen.timeNs.set(timeNs.subarray(0, entries));
    seen.due.set(due.subarray(0, entries));
  };

  return {
    enter(newPosition, newPage, newTimeNs, newDue) {
      if (entries === page.length) lengthen();
      position[entries] = newPosition;
      page[entries] = newPage;
      timeNs[entries] = newTimeNs;
      due[entries] = newDue;
      entries++;
    },
    endBlock(length) {
      counting ||= entries > 0;
      if (!counting) return;
      const capacity = pages.nodeOf.length;
      if (tally.length < capacity) {
        columns.lengthen([tallyColumn], capacity);
        columns.lengthen([judgedColumn], 2 * capacity);
      }
      showEntries();
      span.registers[STEPS_PER_NS] = steps.stepsPerNs;
      span.registers[PING_PONG_STEPS] = steps.window;
      columns.point(FIRST_POINTER, [
        seen.position,
        seen.page,
        seen.timeNs,
        seen.due,
        tally,
        judged,
      ]);
      columns.kernels.tallyBlock(length, entries);
      entries = 0;
    },
    outcome() {
      const { registers } = span;
      return {
        promotedThenDemotedPages: registers[PROMOTED_THEN_DEMOTED],
        demotedThenPromotedPages: registers[DEMOTED_THEN_PROMOTED],
        wastedPromotionPages: registers[WASTED],
        unpaidPromotionPages: counting ? columns.kernels.unpaidPages(pages.count) : 0,
      };
    },
  };
}
