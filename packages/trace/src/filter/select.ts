import type { AccessBlock, AccessTrace } from '../block.ts';
import { BLOCK_ACCESSES } from '../block.ts';
import { TraceError } from '../errors.ts';
import { randomStream } from '../generators/random.ts';
import { type PendingBlock, takeBlock } from '../pack.ts';
import { createRenumbering, renumber } from './renumber.ts';

/** Accesses to keep of a trace: by number from the first (0), and by time, from `from` on and before `to`. */
export interface Window {
  readonly fromAccess?: number;
  readonly toAccess?: number;
  readonly fromTime?: number;
  readonly toTime?: number;
}

/**
 * The part of a trace inside a window, with its touch intervals that begin there; pages are numbered anew.
 * The source is read no further than the window.
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
        touches: ({ startTime }) => startTime >= fromTime && startTime < toTime,
        keep(block, i, number) {
          if (usesTime && block.time === undefined) throw noClock(trace);
          const time = block.time ? block.time[i] : number;
          if (number >= toAccess || time >= toTime) return 'end';
          return number >= fromAccess && time >= fromTime ? 1 : 0;
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
        touches: () => true,
        keep: () => (random.below(period) === 0 ? period : 0),
        weighted: true,
      });
    },
  };
}

interface Selection {
  /** The factor of an access's weight, 0 to leave it out, `end` to stop before it. */
  keep(block: AccessBlock, i: number, number: number): number | 'end';
  touches(interval: { readonly startTime: number }): boolean;
  readonly weighted?: boolean;
}

async function* selectBlocks(
  trace: AccessTrace,
  selection: Selection,
): AsyncGenerator<AccessBlock> {
  let pages: ReturnType<typeof createRenumbering> | undefined;
  let number = 0;
  for await (const block of trace.blocks()) {
    pages ??= createRenumbering({
      time: block.time !== undefined,
      line: block.line !== undefined,
      thread: block.thread !== undefined,
      weight: block.weight !== undefined || selection.weighted === true,
    });
    const { pending } = pages;
    pages.declare(block);
    let isOver = false;
    for (let i = 0; i < block.length && !isOver; i++, number++) {
      const factor = selection.keep(block, i, number);
      if (factor === 'end') isOver = true;
      else if (factor > 0) {
        copyAccess(pending, block, i, renumber(pages, block.page[i]), factor);
        if (pending.length === BLOCK_ACCESSES) {
          pending.interval = block.interval;
          yield takeBlock(pending);
        }
      }
    }
    for (const interval of block.touches ?? []) {
      if (!selection.touches(interval)) continue;
      const page = Uint32Array.from(interval.page, (id) => renumber(pages!, id)).sort();
      pending.touches.push({ ...interval, page });
    }
    // A histogram's block stays alone: its interval is its own.
    if (block.interval !== undefined && pending.length > 0) {
      pending.interval = block.interval;
      yield takeBlock(pending);
    }
    if (isOver) break;
  }
  if (pages && (pages.pending.length > 0 || pages.pending.touches.length > 0))
    yield takeBlock(pages.pending);
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

const noClock = ({ declaration }: AccessTrace): TraceError =>
  new TraceError(
    'TRACE_BAD_OPTION',
    `window: a ${declaration.format} trace has no clock; choose accesses by number`,
  );
