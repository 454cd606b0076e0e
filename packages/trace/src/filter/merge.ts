import type { AccessBlock, AccessTrace } from '../block.ts';
import { BLOCK_ACCESSES } from '../block.ts';
import { TraceError } from '../errors.ts';
import { createPendingBlock, type PendingBlock, takeBlock } from '../pack.ts';

/** A process of a merge: its trace, and when it starts on the common clock. */
export interface MergedProcess {
  readonly trace: AccessTrace;
  /** Ticks that its own times are moved by. */
  readonly startTime?: number;
}

/** Page numbers of process k lie from k * 2^45 on: further apart than a process's own can be. */
export const PROCESS_STRIDE: number = 2 ** 45;
const PROCESSES_MAX = 256;

/**
 * Several processes that run side by side, in the order of their clocks. Their pages are apart, and so are their
 * threads. Ties go to the process that is named first.
 * @throws TRACE_BAD_OPTION where the traces differ in clock or page size, or have no time
 */
export function mergeTraces(processes: readonly MergedProcess[]): AccessTrace {
  return merged(processes, false);
}

/**
 * The threads of one process, a trace each, in the order of their clocks: as {@link mergeTraces}, but a page number is
 * the same page in all.
 */
export function mergeThreads(threads: readonly AccessTrace[]): AccessTrace {
  return merged(
    threads.map((trace) => ({ trace })),
    true,
  );
}

function merged(processes: readonly MergedProcess[], isOneProcess: boolean): AccessTrace {
  const [first, ...others] = processes.map(({ trace }) => trace.declaration);
  if (first === undefined || processes.length > PROCESSES_MAX)
    throw new TraceError('TRACE_BAD_OPTION', `merge: expected 1 to ${PROCESSES_MAX} traces`);
  for (const other of others) {
    for (const key of ['clock', 'clockHz', 'pageShift', 'level', 'addressSpace'] as const)
      if (other[key] !== first[key])
        throw new TraceError(
          'TRACE_BAD_OPTION',
          `merge: ${key} differs, ${first[key]} and ${other[key]}; bring the traces to one first`,
        );
  }
  const formats = [...new Set(processes.map(({ trace }) => trace.declaration.format))];
  return {
    declaration: {
      ...first,
      format: formats.join(' + '),
      threads: true,
      writes: processes.some(({ trace }) => trace.declaration.writes),
      ...(processes.length > 1 && !isOneProcess && { processes: processes.length }),
    },
    blocks: () => mergeBlocks(processes, isOneProcess),
  };
}

/** What the processes number together. */
interface Shared {
  pages: number;
  threads: number;
  /** Id of each page number, where the traces are of one process. */
  readonly idOf: Map<number, number> | undefined;
}

/** Where a process stands: its block, the access in it that comes next, and its pages and threads here. */
interface Cursor {
  readonly blocks: AsyncIterator<AccessBlock>;
  readonly process: number;
  readonly shift: number;
  block: AccessBlock | undefined;
  next: number;
  /** Number of each of its pages. */
  readonly numbers: number[];
  /** Id here of each of its pages that has been accessed or touched. */
  readonly idOf: (number | undefined)[];
  readonly threadOf: number[];
}

async function* mergeBlocks(
  processes: readonly MergedProcess[],
  isOneProcess: boolean,
): AsyncGenerator<AccessBlock> {
  const cursors = processes.map(({ trace, startTime = 0 }, process): Cursor => ({
    blocks: trace.blocks()[Symbol.asyncIterator](),
    process,
    shift: startTime,
    block: undefined,
    next: 0,
    numbers: [],
    idOf: [],
    threadOf: [],
  }));
  for (const cursor of cursors) await fetchBlock(cursor);
  const pending = createPendingBlock({
    time: true,
    thread: true,
    line: cursors.every(({ block }) => block?.line !== undefined),
    weight: cursors.some(({ block }) => block?.weight !== undefined),
  });
  const shared: Shared = { pages: 0, threads: 0, idOf: isOneProcess ? new Map() : undefined };
  for (const cursor of cursors) await enter(cursor, pending, shared);
  for (;;) {
    const cursor = earliest(cursors);
    if (cursor === undefined) break;
    append(pending, cursor, shared);
    if (cursor.next === cursor.block!.length) {
      await fetchBlock(cursor);
      await enter(cursor, pending, shared);
    }
    if (pending.length === BLOCK_ACCESSES) yield takeBlock(pending);
  }
  if (pending.length > 0 || pending.touches.length > 0) yield takeBlock(pending);
}

const timeOf = ({ block, next, shift }: Cursor): number =>
  block === undefined ? Infinity : block.time![next] + shift;

function earliest(cursors: readonly Cursor[]): Cursor | undefined {
  let best: Cursor | undefined;
  let bestTime = Infinity;
  for (const cursor of cursors) {
    const time = timeOf(cursor);
    if (time < bestTime) {
      best = cursor;
      bestTime = time;
    }
  }
  return best;
}

async function fetchBlock(cursor: Cursor): Promise<void> {
  const { value, done } = await cursor.blocks.next();
  cursor.block = done === true ? undefined : value;
  cursor.next = 0;
}

/** Takes in the touches of the process's block, and of those after it up to one with an access. */
async function enter(cursor: Cursor, pending: PendingBlock, shared: Shared): Promise<void> {
  while (cursor.block !== undefined) {
    const { block } = cursor;
    if (block.length > 0 && block.time === undefined)
      throw new TraceError('TRACE_BAD_OPTION', 'merge: a trace without a clock has no order');
    for (const number of block.newPageNumber) cursor.numbers.push(number);
    for (const interval of block.touches ?? []) {
      pending.touches.push({
        startTime: interval.startTime + cursor.shift,
        endTime: interval.endTime + cursor.shift,
        page: Uint32Array.from(interval.page, (id) => idHere(pending, cursor, shared, id)).sort(),
      });
    }
    if (block.length > 0) return;
    await fetchBlock(cursor);
  }
}

/** Pages are numbered here when they are first accessed or touched: in that order over all processes. */
function idHere(
  pending: PendingBlock,
  { idOf, numbers, process }: Cursor,
  shared: Shared,
  page: number,
): number {
  const known = idOf[page];
  if (known !== undefined) return known;
  const isApart = shared.idOf === undefined;
  const number = isApart ? numbers[page] + process * PROCESS_STRIDE : numbers[page];
  const ofAnother = shared.idOf?.get(number);
  const id = ofAnother ?? shared.pages++;
  idOf[page] = id;
  if (ofAnother !== undefined) return id;
  shared.idOf?.set(number, id);
  pending.newPageNumbers.push(number);
  return id;
}

function append(pending: PendingBlock, cursor: Cursor, shared: Shared): void {
  const block = cursor.block!;
  const from = cursor.next++;
  const thread = block.thread ? block.thread[from] : 0;
  cursor.threadOf[thread] ??= shared.threads++;
  const i = pending.length++;
  pending.page[i] = idHere(pending, cursor, shared, block.page[from]);
  pending.write[i] = block.write[from];
  pending.time![i] = block.time![from] + cursor.shift;
  pending.thread![i] = cursor.threadOf[thread];
  if (pending.line) pending.line[i] = block.line![from];
  if (pending.weight) pending.weight[i] = block.weight?.[from] ?? 1;
}
