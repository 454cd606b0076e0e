import { TraceError } from '../errors.ts';
import { createPageTable, type PageTable, pageId } from '../pages.ts';

/** Threads' numbers to dense ids, numbered from 0 in the order of appearance. */
export interface ThreadTable {
  readonly name: string;
  readonly ids: PageTable;
}

const THREAD_LIMIT = 1 << 16;

export function createThreadTable(name: string): ThreadTable {
  return { name, ids: createPageTable(name, THREAD_LIMIT) };
}

/**
 * Dense id of the thread whose number is `high` * 2^32 + `low`.
 * @throws TRACE_UNSUPPORTED beyond 65,536 threads, which the thread column cannot tell apart.
 */
export function threadId(threads: ThreadTable, low: number, high: number): number {
  const { ids } = threads;
  if (ids.count < THREAD_LIMIT) return pageId(ids, low | 0, high | 0);
  throw new TraceError(
    'TRACE_UNSUPPORTED',
    `${threads.name}: more than ${THREAD_LIMIT - 1} threads`,
  );
}
