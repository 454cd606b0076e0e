import type { MoveOutcome } from '@tierlab/core';
import type { Engine } from './engine.ts';
import {
  DEMOTED_THEN_PROMOTED,
  PING_PONG_NS,
  PROMOTED_THEN_DEMOTED,
  WASTED,
} from './kernels/span.ts';
import { growColumn } from './pages.ts';
import { bestPath } from './traffic.ts';

/**
 * The moves of a run between tiers, by base page. They are entered as they happen, and judged when
 * the accesses of their block are counted, from the first block on in which a page moved.
 */
export interface MoveLog {
  /** Entries that are not judged yet; the columns may be longer. */
  length: number;
  /** Accesses of the block before the move, ascending. */
  position: Uint32Array;
  page: Uint32Array;
  timeNs: Float64Array;
  /** Accesses that pay for a promotion; 0 if it is not to be judged, -1 for a demotion. */
  due: Int32Array;
  /** Lets a compiled loop enter that many moves in the next block. */
  share(entries: number): void;
  /** Whether a compiled loop may enter moves: what it sees is the whole log. */
  isShared(): boolean;
  /** Counts the first `length` accesses of the block, and judges all entries. */
  judge(length: number): void;
  /** What the moves came to. */
  outcome(): MoveOutcome;
}

/** Pointer of the first column of a log, in `assembly/state.ts`. */
const FIRST_POINTER = 20;

/** The log of a run that has moved nothing. */
export function createMoveLog(engine: Engine): MoveLog {
  const { columns, span, pages } = engine;
  /** What the compiled loops see of the log. */
  const seen = {
    position: new Uint32Array(0),
    page: new Uint32Array(0),
    timeNs: new Float64Array(0),
    due: new Int32Array(0),
  };
  /** Accesses of each page since counting began; differences alone mean anything. */
  let tally = new Uint32Array(0);
  /**
   * Two values a page. The tally at which its promotion has paid, 0 where none is to be judged. When
   * it last moved, plus 1, negative for a demotion; 0 if it never moved.
   */
  let judged = new Float64Array(0);
  let shares = false;
  let counting = false;
  const follow = (): void => {
    if (shares) Object.assign(log, seen);
  };
  const entryColumns = [
    columns.add(Uint32Array, 0, (view) => (seen.position = view)),
    columns.add(Uint32Array, 0, (view) => (seen.page = view)),
    columns.add(Float64Array, 0, (view) => (seen.timeNs = view)),
    columns.add(Int32Array, 0, (view) => {
      seen.due = view;
      follow();
    }),
  ];
  const tallyColumn = columns.add(Uint32Array, 0, (view) => (tally = view));
  const judgedColumn = columns.add(Float64Array, 0, (view) => (judged = view));

  const showEntries = (): void => {
    if (log.page === seen.page) return;
    const { length, position, page, timeNs, due } = log;
    if (seen.page.length < length) columns.lengthen(entryColumns, length);
    seen.position.set(position.subarray(0, length));
    seen.page.set(page.subarray(0, length));
    seen.timeNs.set(timeNs.subarray(0, length));
    seen.due.set(due.subarray(0, length));
  };

  const log: MoveLog = {
    length: 0,
    position: new Uint32Array(0),
    page: new Uint32Array(0),
    timeNs: new Float64Array(0),
    due: new Int32Array(0),
    share(entries) {
      if (log.length > 0) return;
      shares = true;
      if (seen.page.length < entries) columns.lengthen(entryColumns, entries);
      follow();
      columns.point(FIRST_POINTER, [seen.position, seen.page, seen.timeNs, seen.due]);
    },
    isShared: () => log.page === seen.page,
    judge(length) {
      counting ||= log.length > 0;
      if (!counting) return;
      const capacity = pages.nodeOf.length;
      if (tally.length < capacity) {
        columns.lengthen([tallyColumn], capacity);
        columns.lengthen([judgedColumn], 2 * capacity);
      }
      showEntries();
      span.registers[PING_PONG_NS] = engine.settings.pingPongWindow;
      const { position, page, timeNs, due } = seen;
      columns.point(FIRST_POINTER, [position, page, timeNs, due, tally, judged]);
      columns.kernels.tallyBlock(length, log.length);
      log.length = 0;
    },
    outcome() {
      const { registers } = span;
      let unpaidPromotionPages = 0;
      for (let page = 0; 2 * page < judged.length; page++) {
        if (judged[2 * page] > tally[page]) unpaidPromotionPages++;
      }
      return {
        promotedThenDemotedPages: registers[PROMOTED_THEN_DEMOTED],
        demotedThenPromotedPages: registers[DEMOTED_THEN_PROMOTED],
        wastedPromotionPages: registers[WASTED],
        unpaidPromotionPages,
      };
    },
  };
  return log;
}

/** Enters a move of a page. */
export function enterMove(
  log: MoveLog,
  position: number,
  page: number,
  timeNs: number,
  due: number,
): void {
  const entry = log.length++;
  if (entry === log.page.length) {
    const length = Math.max(1024, 2 * entry);
    log.position = growColumn(log.position, length);
    log.page = growColumn(log.page, length);
    log.timeNs = growColumn(log.timeNs, length);
    log.due = growColumn(log.due, length);
  }
  log.position[entry] = position;
  log.page[entry] = page;
  log.timeNs[entry] = timeNs;
  log.due[entry] = due;
}

/**
 * Time that an access saves the application on the one node instead of the other, unloaded, at `from * nodeSlots + to`.
 * Hits times this, against the time of the move, is what a promotion comes to.
 *
 * Source: the utility of a hot page in HSCC (ICS 2017): hits times the latency saved, less the cost of its migration.
 */
export function savedTimes({ memory, settings, traffic }: Engine): Float64Array {
  const { nodeSlots } = traffic;
  const times = new Float64Array(nodeSlots * nodeSlots);
  const latencyNs = memory.nodes.map((_, i) => bestPath(memory, i).readLatency);
  memory.nodes.forEach((from, i) => {
    memory.nodes.forEach((to, k) => {
      times[from.id * nodeSlots + to.id] =
        (latencyNs[i] - latencyNs[k]) / settings.memoryParallelism;
    });
  });
  return times;
}
