import { TraceError } from '../errors.ts';
import { createPageTable, type PageTable, pageId } from '../pages.ts';

/** Threads' numbers to dense ids, numbered from 0 in the order of appearance. */
export interface ThreadTable {
  readonly name: string;
  readonly ids: PageTable;
  /** The thread last asked for, and its id: -1 before the first. */
  lastLow: number;
  lastHigh: number;
  lastId: number;
}

const THREAD_LIMIT = 1 << 16;

export function createThreadTable(name: string): ThreadTable {
  return { name, ids: createPageTable(name, THREAD_LIMIT), lastLow: 0, lastHigh: 0, lastId: -1 };
}

/**
 * Dense id of the thread whose number is `high` * 2^32 + `low`.
 * @throws TRACE_UNSUPPORTED beyond 65,536 threads, which the thread column cannot tell apart.
 */
export function threadId(threads: ThreadTable, low: number, high: number): number {
  const { ids } = threads;
  if (ids.count < THREAD_LIMIT) {
    threads.lastLow = low | 0;
    threads.lastHigh = high | 0;
    threads.lastId = pageId(ids, threads.lastLow, threads.lastHigh);
    return threads.lastId;
  }
  throw new TraceError(
    'TRACE_UNSUPPORTED',
    `${threads.name}: more than ${THREAD_LIMIT - 1} threads`,
  );
}
