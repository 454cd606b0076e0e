import { type Arena, layoutOf, THREADS_KEPT } from './arena.ts';
import type { Columns } from './columns.ts';
import type { Kernels } from './kernels.generated.ts';
import { makeRoom, pageRoom } from './pages.ts';
import { leaveOut, type LineTally } from './scan.ts';

/**
 * Reads what is at byte `at` of the arena's memory up to byte `to`, as long as there is room and nothing unusual, and
 * returns where it stopped.
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
  pageCount: 12,
  pageRoom: 13,
  freshCount: 14,
  page: 15,
  write: 16,
  clock: 17,
  line: 18,
  thread: 19,
  weight: 20,
  fresh: 21,
  threads: 22,
} as const;

/** What a scanner keeps from one line to the next, beside its columns. */
export interface Clock {
  /** Of the line or record last read, in ticks. */
  time: number;
}

/** Runs `kernel` on the arena's bytes `at` to `to`, from the state of the plain scanner and back into it. */
export function runKernel(
  kernel: Kernel,
  columns: Columns,
  clock: Clock,
  tally: LineTally | undefined,
  at: number,
  to: number,
): number {
  const { arena } = columns;
  const { pages } = columns;
  makeRoom(pages, PAGES_OF_LINE);
  if (pages.count + PAGES_OF_LINE > pages.limit) return at;
  giveState(arena, columns, clock);
  const { state, plan } = layoutOf(arena);
  const end = kernel(arena.kernels, state, plan, at, to);
  takeState(arena, columns, clock, tally);
  return end;
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
  state32[ScanField.slots] = at.slots;
  state32[ScanField.shift] = pages.shift;
  state32[ScanField.pageCount] = pages.count;
  state32[ScanField.pageRoom] = Math.min(pageRoom(pages), pages.limit) - PAGES_OF_LINE;
  state32[ScanField.freshCount] = pages.freshCount;
  state32[ScanField.page] = at.page;
  state32[ScanField.write] = at.write;
  state32[ScanField.clock] = columns.time === undefined ? 0 : at.time;
  state32[ScanField.line] = columns.line === undefined ? 0 : at.line;
  state32[ScanField.thread] = columns.thread === undefined ? 0 : at.thread;
  state32[ScanField.weight] = columns.weight === undefined ? 0 : at.weight;
  state32[ScanField.fresh] = at.fresh;
  state32[ScanField.threads] = at.threads;
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
  columns.pages.freshCount = state32[ScanField.freshCount];
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
