import { createColumnMemory } from '../kernels/column-memory.ts';
import type { AccessBlock } from '@tierlab/trace';
import type { RecencyRun, RecencyState } from './recency-run.ts';

/**
 * The caches of several runs as one list of pages by recency, in columns that the compiled loop works on. Runs are
 * told by their indexes.
 */
export interface RecencyColumns {
  readonly pageCount: number;
  readonly writes: number;
  clockNs(run: number): number;
  readMisses(run: number): number;
  writeMisses(run: number): number;
  /** Makes room for so many pages, and takes the accesses of a block in; false: there is no room. */
  show(block: AccessBlock, pages: number): boolean;
  /** The runs that take part from here on. */
  keep(runs: readonly number[]): void;
  /** The events of `runs` have changed. */
  showDeadlines(runs: readonly number[]): void;
  /** Replays accesses `from` to `to` of the block up to an event, or a first touch that is not of the next page or for which `pagesMax` leaves no room. */
  replay(from: number, to: number, pagesMax: number): number;
  /** The cache of a run. */
  state(run: number): RecencyState;
}

// Places in the table, in values of their type; `assembly/recency.ts` has them in bytes.
const CLOCK_NS = 0;
const STOP_NS = 1;
const READ_NS = 7;
const WRITE_NS = 8;
const FAULT_NS = 9;
const WINDOW_STEPS = 10;
const STEPS_PER_NS = 12;
const FULL = 4;
const ALIVE = 6;
const PAGE_COUNT = 8;
const FIRST = 9;
const LAST = 10;
const RUNS = 11;
const PAGES_MAX = 12;
const WRITES = 13;
const STRIDE = 22;
const GROUP_WORDS = 26;

// Places in the entry of a run.
const EXTRA_NS = 0;
const DEADLINE_NS = 1;
const READ_EXTRA_NS = 2;
const WRITE_EXTRA_NS = 3;
const CAPACITY = 9;
const READ_MISSES = 10;
const WRITE_MISSES = 11;
const COMEBACKS = 12;
const RETURNS = 13;
const WASTED = 14;
const DUE = 15;
const RUN_WORDS = 16;

// Places in the entry of a page.
const FARTHER = 1;
const INSIDE = 2;
const TALLY = 6;
const PAGE_WORDS = 8;

const NONE = 2 ** 32 - 1;
/** The columns take no more than this. */
const BYTES_MAX = 3.5e9;

/** Where the columns lie; every view is made anew when they grow. */
interface Views {
  page: Uint32Array;
  write: Uint8Array;
  /** What all runs have in common, then an entry for each. */
  table: Uint32Array;
  pages: Uint32Array;
  /** By page and run: the step in which it last moved, plus 1, negative for a demotion; its tally then, if it was promoted. */
  moved: Float64Array;
  movedAt: Uint32Array;
}

/** The empty caches of `runs`, all of one key. */
export function createRecencyColumns(runs: readonly RecencyRun[]): RecencyColumns {
  const memory = createColumnMemory();
  const views = {} as Views;
  const block = [
    memory.add(Uint32Array, 0, (view) => (views.page = view)),
    memory.add(Uint8Array, 0, (view) => (views.write = view)),
  ];
  const words = GROUP_WORDS + runs.length * RUN_WORDS;
  memory.add(Uint32Array, words, (view) => (views.table = view));
  const pages = [memory.add(Uint32Array, 0, (view) => (views.pages = view))];
  const byRun = [
    memory.add(Float64Array, 0, (view) => (views.moved = view)),
    memory.add(Uint32Array, 0, (view) => (views.movedAt = view)),
  ];
  const times = (): Float64Array =>
    new Float64Array(views.table.buffer, views.table.byteOffset, words / 2);
  fillTable(views.table, times(), runs);

  const makeRoom = (pageCount: number): boolean => {
    const held = views.pages.length / PAGE_WORDS;
    if (held >= pageCount) return true;
    const capacity = Math.max(pageCount, 2 * held, 1024);
    if (capacity * (4 * PAGE_WORDS + 12 * runs.length) > BYTES_MAX) return false;
    memory.lengthen(pages, PAGE_WORDS * capacity);
    memory.lengthen(byRun, runs.length * capacity);
    return true;
  };

  return {
    get pageCount() {
      return views.table[PAGE_COUNT];
    },
    get writes() {
      return views.table[WRITES];
    },
    clockNs: (run) => times()[CLOCK_NS] + times()[entryOf(run) / 2 + EXTRA_NS],
    readMisses: (run) => views.table[entryOf(run) + READ_MISSES],
    writeMisses: (run) => views.table[entryOf(run) + WRITE_MISSES],
    show({ page, write, length }, pageCount) {
      if (views.page.length < length) memory.lengthen(block, 2 ** Math.ceil(Math.log2(length)));
      if (!makeRoom(pageCount)) return false;
      views.page.set(page.subarray(0, length));
      views.write.set(write.subarray(0, length));
      memory.point(0, [views.page, views.write]);
      return true;
    },
    keep(kept) {
      const alive = [0, 0];
      for (const run of kept) alive[run >>> 5] |= 1 << (run & 31);
      for (const half of [0, 1]) {
        views.table[ALIVE + half] = alive[half];
        views.table[FULL + half] &= alive[half];
      }
    },
    showDeadlines(kept) {
      const ns = times();
      ns[STOP_NS] = Infinity;
      for (const run of kept) {
        const at = entryOf(run) / 2;
        ns[at + DEADLINE_NS] = runs[run].nextNs();
        ns[STOP_NS] = Math.min(ns[STOP_NS], ns[at + DEADLINE_NS] - ns[at + EXTRA_NS]);
      }
    },
    replay(from, to, pagesMax) {
      const { table, moved, movedAt } = views;
      table[PAGES_MAX] = pagesMax;
      return memory.kernels.replayRecencies(
        table.byteOffset,
        views.pages.byteOffset,
        moved.byteOffset,
        movedAt.byteOffset,
        from,
        to,
      );
    },
    state: (run) => stateOf(views, run, runs.length, runs[run].due),
  };
}

function entryOf(run: number): number {
  return GROUP_WORDS + run * RUN_WORDS;
}

function fillTable(table: Uint32Array, times: Float64Array, runs: readonly RecencyRun[]): void {
  const [{ hitNs, faultNs, steps }] = runs;
  [times[READ_NS], times[WRITE_NS]] = hitNs;
  times[FAULT_NS] = faultNs;
  times[WINDOW_STEPS] = steps.window;
  times[STEPS_PER_NS] = steps.stepsPerNs;
  table[FIRST] = NONE;
  table[LAST] = NONE;
  table[RUNS] = runs.length;
  table[STRIDE] = runs.length;
  runs.forEach(({ extraNs, capacity, due }, run) => {
    const at = entryOf(run);
    [times[at / 2 + READ_EXTRA_NS], times[at / 2 + WRITE_EXTRA_NS]] = extraNs;
    table[at + CAPACITY] = capacity;
    table[at + DUE] = due;
  });
}

function stateOf(
  { table, pages, moved, movedAt }: Views,
  run: number,
  runs: number,
  due: number,
): RecencyState {
  const cached: number[] = [];
  for (let page = table[FIRST]; page !== NONE; page = pages[PAGE_WORDS * page + FARTHER]) {
    const word = pages[PAGE_WORDS * page + INSIDE + (run >>> 5)];
    if (((word >>> (run & 31)) & 1) === 1) cached.push(page);
  }
  const at = entryOf(run);
  return {
    pages: cached.toReversed(),
    moved: (page) => moved[page * runs + run],
    owed(page) {
      if (moved[page * runs + run] <= 0) return 0;
      const hits = pages[PAGE_WORDS * page + TALLY] - movedAt[page * runs + run];
      return Math.max(0, due - hits);
    },
    comebacks: table[at + COMEBACKS],
    returns: table[at + RETURNS],
    wasted: table[at + WASTED],
  };
}
