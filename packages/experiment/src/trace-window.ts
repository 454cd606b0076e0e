import { windowTrace, type AccessTrace } from '@tierlab/trace';

import { ExperimentError } from './errors.ts';

/** The accesses `start` to `end - 1` of a trace, numbered from 0. */
export interface TraceWindow {
  readonly start: number;
  readonly end: number;
}

/**
 * The accesses of `window` as a trace of their own: a page that was touched before the window is
 * first touched in it, and the clock goes on where it was.
 *
 * @throws {ExperimentError} `EXPERIMENT_BAD_WINDOW` for a window of nothing; while it is read, where the
 * trace ends before the window does.
 */
export function traceWindow(trace: AccessTrace, window: TraceWindow): AccessTrace {
  const { start, end } = window;
  if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end > start)) {
    throw new ExperimentError(
      'EXPERIMENT_BAD_WINDOW',
      `accesses ${start} to ${end}: expected whole numbers, the first below the second`,
    );
  }
  const part = windowTrace(trace, { fromAccess: start, toAccess: end });
  return {
    ...part,
    async *blocks() {
      let accesses = 0;
      for await (const block of part.blocks()) {
        accesses += block.length;
        yield block;
      }
      if (accesses === end - start) return;
      throw new ExperimentError(
        'EXPERIMENT_BAD_WINDOW',
        `accesses ${start} to ${end} of a trace of ${accesses === 0 ? `at most ${start}` : start + accesses}: choose a window inside it`,
      );
    },
  };
}

/**
 * `count` windows of equal length, next to each other, of a trace of `accesses` accesses.
 *
 * @throws {ExperimentError} `EXPERIMENT_BAD_WINDOW` where there are fewer accesses than windows.
 */
export function equalWindows(accesses: number, count: number): readonly TraceWindow[] {
  const length = Math.floor(accesses / count);
  if (!(length >= 1 && count >= 1)) {
    throw new ExperimentError(
      'EXPERIMENT_BAD_WINDOW',
      `${count} windows of a trace of ${accesses} accesses: give a longer trace or fewer windows`,
    );
  }
  return Array.from({ length: count }, (_, i) => ({ start: i * length, end: (i + 1) * length }));
}

/** Accesses and distinct pages of `trace`; reads it through. */
export async function measureTrace(
  trace: AccessTrace,
): Promise<{ readonly accesses: number; readonly pages: number }> {
  let accesses = 0;
  let pages = 0;
  for await (const block of trace.blocks()) {
    accesses += block.length;
    pages += block.newPageNumber.length;
  }
  return { accesses, pages };
}
