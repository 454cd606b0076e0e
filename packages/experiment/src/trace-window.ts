import type { AccessBlock, AccessTrace } from '@tierlab/trace';

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
 * Pages known from touches alone are left out.
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
  return { declaration: trace.declaration, blocks: () => windowBlocks(trace, window) };
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

async function* windowBlocks(
  trace: AccessTrace,
  { start, end }: TraceWindow,
): AsyncGenerator<AccessBlock> {
  const numbering = createNumbering();
  let position = 0;
  for await (const block of trace.blocks()) {
    numbering.learn(block);
    const from = Math.max(0, start - position);
    const to = Math.min(block.length, end - position);
    position += block.length;
    if (from < to) yield cut(block, from, to, numbering);
    if (position >= end) return;
  }
  throw new ExperimentError(
    'EXPERIMENT_BAD_WINDOW',
    `accesses ${start} to ${end} of a trace of ${position}: choose a window inside it`,
  );
}

/** Ids of the window for ids of the trace. */
interface Numbering {
  learn(block: AccessBlock): void;
  /** Id in the window of a page of the trace; the next free one at its first touch. */
  idOf(page: number): number;
  readonly count: number;
  numberOf(page: number): number;
}

function createNumbering(): Numbering {
  const pageNumber: number[] = [];
  const idOf = new Map<number, number>();
  return {
    learn(block) {
      for (const number of block.newPageNumber) pageNumber.push(number);
    },
    idOf(page) {
      const known = idOf.get(page);
      if (known !== undefined) return known;
      idOf.set(page, idOf.size);
      return idOf.size - 1;
    },
    get count() {
      return idOf.size;
    },
    numberOf: (page) => pageNumber[page],
  };
}

function cut(block: AccessBlock, from: number, to: number, numbering: Numbering): AccessBlock {
  const newPageFirst = numbering.count;
  const newPageNumber: number[] = [];
  const page = new Uint32Array(to - from);
  for (let i = from; i < to; i++) {
    const id = numbering.idOf(block.page[i]);
    if (id === newPageFirst + newPageNumber.length)
      newPageNumber.push(numbering.numberOf(block.page[i]));
    page[i - from] = id;
  }
  return {
    length: to - from,
    page,
    write: block.write.subarray(from, to),
    ...(block.time && { time: block.time.subarray(from, to) }),
    ...(block.line && { line: block.line.subarray(from, to) }),
    ...(block.thread && { thread: block.thread.subarray(from, to) }),
    ...(block.weight && { weight: block.weight.subarray(from, to) }),
    ...(block.interval && { interval: block.interval }),
    newPageFirst,
    newPageNumber: Float64Array.from(newPageNumber),
  };
}
