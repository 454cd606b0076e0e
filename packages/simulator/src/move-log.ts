import type { MoveOutcome } from '@tierlab/core';
import type { Engine } from './engine.ts';
import { growColumn } from './pages.ts';
import { bestPath } from './traffic.ts';

/**
 * The moves of a run between tiers, by base page. They are entered as they happen, and judged when the accesses of their
 * block have been counted: there is work for each move and none for each access.
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
  /**
   * Two values a page. The count of its accesses at which its promotion has paid, 0 where none is to be judged. When it
   * last moved, plus 1, negative for a demotion; 0 if it never moved.
   */
  state: Float64Array;
  readonly windowNs: number;
  readonly counts: { -readonly [K in keyof Omit<MoveOutcome, 'unpaidPromotionPages'>]: number };
}

/** The log of a run that has moved nothing. */
export function createMoveLog(windowNs: number): MoveLog {
  return {
    length: 0,
    position: new Uint32Array(0),
    page: new Uint32Array(0),
    timeNs: new Float64Array(0),
    due: new Int32Array(0),
    state: new Float64Array(0),
    windowNs,
    counts: {
      promotedThenDemotedPages: 0,
      demotedThenPromotedPages: 0,
      wastedPromotionPages: 0,
    },
  };
}

/** Enters a move of a page below `pageCount`. */
export function enterMove(
  log: MoveLog,
  position: number,
  page: number,
  timeNs: number,
  due: number,
  pageCount: number,
): void {
  const entry = log.length++;
  if (2 * page >= log.state.length) log.state = growColumn(log.state, 2 * pageCount);
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
  log.due[entry] = Math.min(due, 2 ** 31 - 1);
}

/**
 * Judges the entries from `entry` on that lie at `position`, where the pages have been accessed as `accesses` says;
 * returns the first entry behind them.
 */
export function judgeMoves(
  log: MoveLog,
  entry: number,
  position: number,
  accesses: Float64Array,
): number {
  const { length, page, timeNs, due, state, windowNs, counts } = log;
  for (; entry < length && log.position[entry] === position; entry++) {
    const at = 2 * page[entry];
    const accessed = accesses[page[entry]];
    const nowNs = timeNs[entry] + 1;
    const lastNs = state[at + 1];
    const promoted = due[entry] >= 0;
    if (lastNs !== 0 && promoted === lastNs < 0 && nowNs - Math.abs(lastNs) <= windowNs) {
      if (promoted) counts.demotedThenPromotedPages++;
      else counts.promotedThenDemotedPages++;
    }
    if (!promoted && state[at] > accessed) counts.wastedPromotionPages++;
    state[at] = due[entry] > 0 ? accessed + due[entry] : 0;
    state[at + 1] = promoted ? nowNs : -nowNs;
  }
  return entry;
}

/** What the moves came to, all of them judged, when the pages have been accessed as `accesses` says. */
export function outcomeOf({ state, counts }: MoveLog, accesses: Float64Array): MoveOutcome {
  let unpaidPromotionPages = 0;
  for (let at = 0; at < state.length; at += 2) {
    if (state[at] > accesses[at / 2]) unpaidPromotionPages++;
  }
  return { ...counts, unpaidPromotionPages };
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
