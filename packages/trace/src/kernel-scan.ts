import { type Arena, BATCH_ACCESSES, layoutOf, THREADS_KEPT } from './arena.ts';
import type { Columns } from './columns.ts';
import type { Kernels } from './kernels.generated.ts';
import { makeRoom, pageRoom } from './pages.ts';
import { leaveOut, LENGTH_MAX, type LineTally } from './scan.ts';

/**
 * Reads what is at byte `at` of the arena's memory up to byte `to`, as long as the batch has room and nothing is
 * unusual, and returns where it stopped.
 */
export type Kernel = (
  kernels: Kernels,
  state: number,
  plan: number,
  at: number,
  to: number,
) => number;

/** Indexes into `Arena.state64` and `Arena.state32`: the fields of `ScanState` in assembly/scan-state.ts. */
const ScanField = {
  time: 0,
  lastTime: 1,
  length: 4,
  lines: 5,
  fetches: 6,
  withoutAddress: 7,
  servedByCache: 8,
  timesMoved: 9,
  slots: 10,
  shift: 11,
  numbers: 12,
  pageCount: 13,
  pageRoom: 14,
  page: 15,
  write: 16,
  clock: 17,
  line: 18,
  thread: 19,
  weight: 20,
  threads: 21,
  batch: 22,
  misses: 23,
} as const;

/** What a scanner keeps from one line to the next, beside its columns. */
export interface Clock {
  /** Of the line or record last read, in ticks. */
  time: number;
}

/**
 * Runs `kernel` on the arena's bytes `at` to `to`, from the state of the plain scanner and back into it, as long as the
 * block and the page table have room and nothing is unusual; returns where it stopped.
 */
export function runKernel(
  kernel: Kernel,
  columns: Columns,
  clock: Clock,
  tally: LineTally | undefined,
  at: number,
  to: number,
): number {
  const { arena, pages } = columns;
  for (let from = at; ;) {
    makeRoom(pages, BATCH_ACCESSES);
    if (pages.count + PAGES_OF_LINE > pages.limit) return from;
    giveState(arena, columns, clock);
    const { end, isFull } = readBatches(kernel, arena, from, to);
    takeState(arena, columns, clock, tally);
    if (!isFull || end === from || columns.length > LENGTH_MAX) return end;
    from = end;
  }
}

/** Reads batch after batch while each is full and the next, were all its pages new, fits into the page table. */
function readBatches(
  kernel: Kernel,
  arena: Arena,
  at: number,
  to: number,
): { readonly end: number; readonly isFull: boolean } {
  const { kernels, state32 } = arena;
  const { state, plan } = layoutOf(arena);
  let from = at;
  for (;;) {
    kernels.openBatch(state);
    const end = kernel(kernels, state, plan, from, to);
    const isFull = kernels.closeBatch(state) !== 0 && end < to;
    const left = state32[ScanField.pageRoom] - state32[ScanField.pageCount];
    if (!isFull || end === from || left < BATCH_ACCESSES) return { end, isFull };
    from = end;
  }
}

// A line or record brings two pages at most.
const PAGES_OF_LINE = 2;

function giveState(arena: Arena, columns: Columns, clock: Clock): void {
  const { state32, state64 } = arena;
  const { pages } = columns;
  const at = layoutOf(arena);
  state64[ScanField.time] = clock.time;
  state64[ScanField.lastTime] = columns.lastTime;
  state32[ScanField.length] = columns.length;
  state32[ScanField.lines] = 0;
  state32[ScanField.fetches] = 0;
  state32[ScanField.withoutAddress] = 0;
  state32[ScanField.servedByCache] = 0;
  state32[ScanField.timesMoved] = columns.timesMoved;
  state32[ScanField.slots] = pages.slots.byteOffset;
  state32[ScanField.shift] = pages.shift;
  state32[ScanField.numbers] = pages.numbers.byteOffset;
  state32[ScanField.pageCount] = pages.count;
  state32[ScanField.pageRoom] = Math.min(pageRoom(pages), pages.limit);
  state32[ScanField.page] = at.page;
  state32[ScanField.write] = at.write;
  state32[ScanField.clock] = columns.time === undefined ? 0 : at.time;
  state32[ScanField.line] = columns.line === undefined ? 0 : at.line;
  state32[ScanField.thread] = columns.thread === undefined ? 0 : at.thread;
  state32[ScanField.weight] = columns.weight === undefined ? 0 : at.weight;
  state32[ScanField.threads] = at.threads;
  state32[ScanField.batch] = at.batch;
  state32[ScanField.misses] = at.misses;
}

function takeState(
  { state32, state64 }: Arena,
  columns: Columns,
  clock: Clock,
  tally: LineTally | undefined,
): void {
  clock.time = state64[ScanField.time];
  columns.lastTime = state64[ScanField.lastTime];
  columns.length = state32[ScanField.length];
  columns.timesMoved = state32[ScanField.timesMoved];
  columns.pages.count = state32[ScanField.pageCount];
  if (tally === undefined) return;
  tally.lines += state32[ScanField.lines];
  const counts = [
    [ScanField.fetches, tally.fetchReason ?? 'instruction fetch'],
    [ScanField.withoutAddress, 'sample without an address'],
    [ScanField.servedByCache, 'served by a cache'],
  ] as const;
  for (const [field, reason] of counts)
    if (state32[field] > 0) leaveOut(tally.leftOut, reason, state32[field]);
}

/** Lets the kernels know thread `high` * 2^32 + `low`, whose dense id is `id`. */
export function keepThread({ threads }: Arena, low: number, high: number, id: number): void {
  const at = (low & (THREADS_KEPT - 1)) * 4;
  threads[at] = low;
  threads[at + 1] = high;
  threads[at + 2] = id + 1;
}
