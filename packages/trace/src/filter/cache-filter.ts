import type { AccessBlock, AccessTrace } from '../block.ts';
import { BLOCK_ACCESSES } from '../block.ts';
import { TraceError } from '../errors.ts';
import { type PendingBlock, takeBlock } from '../pack.ts';
import { type CacheLevel, createHierarchy, levelsProblem } from './hierarchy.ts';
import { createRenumbering, renumber } from './renumber.ts';
import { createTouchCollector } from './touches.ts';

/** How a trace before a cache becomes the trace of what reaches memory. */
export interface CacheFilterOptions {
  /** From the first level to the last; `defaultLevels` where a footprint is known. */
  readonly levels: readonly CacheLevel[];
  /** Ticks of a touch interval; 0 keeps no touches. */
  readonly touchInterval: number;
}

/**
 * What misses the last level of a cache: fills as reads, write-backs as writes, at the time of the access that caused
 * them; and beside them the pages that every interval touched.
 * @throws TRACE_BAD_OPTION for a trace without lines in its pages, one that is sampled or after a cache already
 */
export function filterTrace(trace: AccessTrace, options: CacheFilterOptions): AccessTrace {
  const { declaration } = trace;
  const problem = levelsProblem(options.levels);
  if (problem !== undefined) throw new TraceError('TRACE_BAD_OPTION', `cache filter: ${problem}`);
  if (declaration.samplePeriod !== undefined || declaration.level === 'memory')
    throw new TraceError(
      'TRACE_BAD_OPTION',
      `cache filter: a ${declaration.format} trace is ${declaration.level === 'memory' ? 'after a cache already' : 'sampled'}; do not filter it`,
    );
  return {
    declaration: { ...declaration, level: 'memory' },
    blocks: () => filterBlocks(trace, options),
  };
}

const PLACE_PAGES = 2 ** 40;

async function* filterBlocks(
  trace: AccessTrace,
  { levels, touchInterval }: CacheFilterOptions,
): AsyncGenerator<AccessBlock> {
  const { pageShift, threads } = trace.declaration;
  const linesPerPage = 2 ** (pageShift - 6);
  const pages = createRenumbering({ time: true, line: true, thread: threads });
  const { pending } = pages;
  const touches = createTouchCollector(touchInterval, (page) => renumber(pages, page));
  // The access that is being filtered: what it causes happens at its time, in its thread.
  let time = 0;
  let thread = 0;
  const append = (line: number, write: number): void => {
    const page = Math.floor(line / linesPerPage);
    pushAccess(pending, renumber(pages, page), write, time, line % linesPerPage, thread);
  };
  const cache = createHierarchy(levels, {
    fill: (line) => append(line, 0),
    writeBack: (line) => append(line, 1),
  });
  let seen = 0;
  for await (const block of trace.blocks()) {
    pages.declare(block);
    const { length, page, write, line } = block;
    if (line === undefined && length > 0) throw noLines(trace);
    for (let i = 0; i < length; i++) {
      // Room for the fill and for the write-backs of every level.
      if (pending.length > BLOCK_ACCESSES - 8) yield takeBlock(pending);
      time = block.time ? block.time[i] : seen + i;
      thread = block.thread ? block.thread[i] : 0;
      const id = page[i];
      const closed = touches.touch(id, time);
      if (closed !== undefined) pending.touches.push(closed);
      // Only the low bits choose a set; a whole kernel address would not fit a double.
      const place = (pages.numberOf[id] % PLACE_PAGES) * linesPerPage + line![i];
      cache.access(id * linesPerPage + line![i], place, write[i]);
    }
    seen += length;
  }
  const closed = touches.end();
  if (closed !== undefined) pending.touches.push(closed);
  if (pending.length > 0 || pending.touches.length > 0) yield takeBlock(pending);
}

function pushAccess(
  pending: PendingBlock,
  page: number,
  write: number,
  time: number,
  line: number,
  thread: number,
): void {
  const i = pending.length++;
  pending.page[i] = page;
  pending.write[i] = write;
  pending.time![i] = time;
  pending.line![i] = line;
  if (pending.thread) pending.thread[i] = thread;
}

const noLines = ({ declaration }: AccessTrace): TraceError =>
  new TraceError(
    'TRACE_BAD_OPTION',
    `cache filter: a ${declaration.format} trace says the page of an access, not its line; it cannot be filtered`,
  );
