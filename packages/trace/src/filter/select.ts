import type { AccessBlock, AccessTrace, TouchInterval } from '../block.ts';
import { BLOCK_ACCESSES } from '../block.ts';
import { TraceError } from '../errors.ts';
import { randomStream } from '@tierlab/core';
import { type PendingBlock, takeBlock } from '../pack.ts';
import { createRenumbering, type Renumbering, renumber } from './renumber.ts';

/** Accesses to keep of a trace: by number from the first (0), and by time, from `from` on and before `to`. */
export interface Window {
  readonly fromAccess?: number;
  readonly toAccess?: number;
  readonly fromTime?: number;
  readonly toTime?: number;
}

/**
 * The part of a trace inside a window, pages numbered anew. A touch interval is in it where its end comes after an
 * access of the window, so that windows side by side have each once; what ends before any access is in a window from 0.
 * The source is read no further than the first access after the window.
 * @throws TRACE_BAD_OPTION where a window of time is asked of a trace without a clock
 */
export function windowTrace(trace: AccessTrace, window: Window): AccessTrace {
  const { fromAccess = 0, toAccess = Infinity, fromTime = -Infinity, toTime = Infinity } = window;
  if (fromAccess >= toAccess || fromTime >= toTime)
    throw new TraceError('TRACE_BAD_OPTION', 'window: its end is not after its beginning');
  const usesTime = fromTime > -Infinity || toTime < Infinity;
  return {
    declaration: trace.declaration,
    blocks: () =>
      selectBlocks(trace, {
        range(block, first) {
          if (usesTime && block.time === undefined) throw noClock(trace);
          return {
            from: Math.max(fromAccess - first, firstAccessFrom(block, fromTime)),
            to: Math.min(toAccess - first, firstAccessFrom(block, toTime)),
          };
        },
      }),
  };
}

/** The first `accesses` accesses of a trace. */
export const cutTrace = (trace: AccessTrace, accesses: number): AccessTrace =>
  windowTrace(trace, { toAccess: accesses });

/**
 * One access in `period`, drawn at random, each with a weight of `period` times its own. Touches are of all
 * accesses, and stay.
 * @throws TRACE_BAD_OPTION for a period that is not an integer from 1 to 2^20
 */
export function sampleTrace(trace: AccessTrace, period: number, seed: number): AccessTrace {
  if (!Number.isInteger(period) || period < 1 || period > 2 ** 20)
    throw new TraceError(
      'TRACE_BAD_OPTION',
      `sample: expected a period from 1 to ${2 ** 20}, got ${period}`,
    );
  const { declaration } = trace;
  return {
    declaration: { ...declaration, samplePeriod: period * (declaration.samplePeriod ?? 1) },
    blocks() {
      const random = randomStream(seed);
      return selectBlocks(trace, {
        range: ({ length }) => ({ from: 0, to: length }),
        weigh: () => (random.below(period) === 0 ? period : 0),
      });
    },
  };
}

/** Accesses of a block, the first one whose number in the trace is `first`; ends beyond the block are the block's. */
interface Selection {
  range(block: AccessBlock, first: number): { readonly from: number; readonly to: number };
  /** The factor of an access's weight, 0 to leave it out; 1 for all where absent. */
  readonly weigh?: () => number;
}

async function* selectBlocks(
  trace: AccessTrace,
  selection: Selection,
): AsyncGenerator<AccessBlock> {
  let pages: Renumbering | undefined;
  let first = 0;
  // Whether the access before the block at hand is inside, or there is none before it.
  let entered = true;
  for await (const block of trace.blocks()) {
    pages ??= createRenumbering({
      time: block.time !== undefined,
      line: block.line !== undefined,
      thread: block.thread !== undefined,
      weight: block.weight !== undefined || selection.weigh !== undefined,
    });
    const { pending } = pages;
    pages.declare(block);
    const range = selection.range(block, first);
    const from = Math.max(0, range.from);
    const to = Math.min(block.length, range.to);
    let i = from;
    for (const interval of block.touches ?? []) {
      // The replay shows an interval when it has replayed what was accessed before its end.
      const end = firstAccessFrom(block, interval.endTime);
      const isInside = end > from || (end === 0 && from === 0 && entered);
      if (!isInside || end > range.to) continue;
      for (const at = Math.min(to, end); i < at; i++) yield* keepAccess(pages, block, i, selection);
      keepTouches(pages, interval);
    }
    for (; i < to; i++) yield* keepAccess(pages, block, i, selection);
    // A histogram's block stays alone: its interval is its own.
    if (block.interval !== undefined && pending.length > 0) yield takeCounted(pending, block);
    if (range.to < block.length) break;
    first += block.length;
    if (block.length > 0) entered = from < block.length;
  }
  if (pages && (pages.pending.length > 0 || pages.pending.touches.length > 0))
    yield takeBlock(pages.pending);
}

/** Keeps access `i` with its weight; yields the block that it fills. */
function* keepAccess(
  pages: Renumbering,
  block: AccessBlock,
  i: number,
  { weigh }: Selection,
): Generator<AccessBlock> {
  const factor = weigh?.() ?? 1;
  if (factor === 0) return;
  const { pending } = pages;
  copyAccess(pending, block, i, renumber(pages, block.page[i]), factor);
  if (pending.length === BLOCK_ACCESSES) yield takeCounted(pending, block);
}

function keepTouches(pages: Renumbering, interval: TouchInterval): void {
  const page = Uint32Array.from(interval.page, (id) => renumber(pages, id)).sort();
  pages.pending.touches.push({ ...interval, page });
}

function takeCounted(pending: PendingBlock, { interval }: AccessBlock): AccessBlock {
  pending.interval = interval;
  return takeBlock(pending);
}

function copyAccess(
  pending: PendingBlock,
  block: AccessBlock,
  from: number,
  page: number,
  factor: number,
): void {
  const i = pending.length++;
  pending.page[i] = page;
  pending.write[i] = block.write[from];
  if (pending.time) pending.time[i] = block.time![from];
  if (pending.line) pending.line[i] = block.line![from];
  if (pending.thread) pending.thread[i] = block.thread![from];
  if (pending.weight) pending.weight[i] = (block.weight?.[from] ?? 1) * factor;
}

/** The first access of a block at or after `moment`: as the replay sees it, 0 where the block has no times. */
function firstAccessFrom({ time, length }: AccessBlock, moment: number): number {
  if (moment === Infinity) return Infinity;
  if (time === undefined || moment === -Infinity) return 0;
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (time[middle] < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

const noClock = ({ declaration }: AccessTrace): TraceError =>
  new TraceError(
    'TRACE_BAD_OPTION',
    `window: a ${declaration.format} trace has no clock; choose accesses by number`,
  );
