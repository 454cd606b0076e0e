import type { AccessBlock, AccessTrace, SourceDeclaration } from './block.ts';

/** What a trace holds, in numbers. */
export interface TraceSummary {
  readonly declaration: SourceDeclaration;
  /** What else its file says of it. */
  readonly about: Readonly<Record<string, unknown>>;
  /** Records. */
  readonly accesses: number;
  readonly reads: number;
  readonly writes: number;
  /** Accesses that the records stand for: more than `accesses` where the source is sampled or counted. */
  readonly weight: number;
  readonly pages: number;
  readonly footprintBytes: number;
  /** Ticks of the declared clock from the first access to the last; absent without a clock. */
  readonly duration?: number;
  readonly threads: number;
  readonly skew: Skew;
  readonly workingSet: readonly WorkingSet[];
  readonly heat: Heat;
  /** What the reader left out, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** Shares of the weight that the hottest pages have. */
export interface Skew {
  readonly hottest1Percent: number;
  readonly hottest10Percent: number;
  readonly hottest25Percent: number;
}

/** The pages with an access in one window of the trace. */
export interface WorkingSet {
  /** First tick of the window and the tick after its last; positions in the trace without a clock. */
  readonly start: number;
  readonly end: number;
  readonly pages: number;
}

/** How many pages of each part of the footprint were accessed in each window. */
export interface Heat {
  /** Parts of the footprint, of equally many pages, in the order of their addresses. */
  readonly rows: number;
  /** Windows, those of the working sets. */
  readonly columns: number;
  /** Share of the part's pages that the window accesses, by `row * columns + column`. */
  readonly touched: readonly number[];
}

/** Reads a whole trace, once, and sums it up in memory that grows with its pages alone. */
export async function summariseTrace(trace: AccessTrace): Promise<TraceSummary> {
  const totals = createTotals();
  for await (const block of trace.blocks()) addBlock(totals, block);
  const { accesses, writes, weight, pageCount, firstTime, lastTime, threads } = totals;
  return {
    declaration: trace.declaration,
    about: trace.about ?? {},
    accesses,
    reads: accesses - writes,
    writes,
    weight,
    pages: pageCount,
    footprintBytes: pageCount * 2 ** trace.declaration.pageShift,
    ...(firstTime !== undefined && { duration: lastTime - firstTime }),
    threads,
    skew: skewOf(totals),
    workingSet: workingSetOf(totals),
    heat: heatOf(totals),
    leftOut: Object.fromEntries(trace.leftOut ?? []),
  };
}

// As many windows as two words have bits; when the trace outgrows them, neighbours become one.
const WINDOWS = 64;
const HEAT_ROWS = 32;

interface Totals {
  accesses: number;
  writes: number;
  weight: number;
  threads: number;
  firstTime: number | undefined;
  lastTime: number;
  pageCount: number;
  /** By page: its number, its weight, and the windows that access it, a bit each in two words. */
  numberOf: Float64Array;
  weightOf: Float64Array;
  early: Int32Array;
  late: Int32Array;
  /** Ticks, or accesses, of one window. */
  windowTicks: number;
  /** Where the first window starts. */
  origin: number;
}

function createTotals(): Totals {
  return {
    accesses: 0,
    writes: 0,
    weight: 0,
    threads: 0,
    firstTime: undefined,
    lastTime: 0,
    pageCount: 0,
    numberOf: new Float64Array(1024),
    weightOf: new Float64Array(1024),
    early: new Int32Array(1024),
    late: new Int32Array(1024),
    windowTicks: 1,
    origin: 0,
  };
}

function addBlock(totals: Totals, block: AccessBlock): void {
  const { length, page, write, time, thread, weight, interval } = block;
  growTo(totals, block.newPageFirst + block.newPageNumber.length);
  totals.numberOf.set(block.newPageNumber, block.newPageFirst);
  totals.pageCount = block.newPageFirst + block.newPageNumber.length;
  if (length === 0) return;
  if (time !== undefined) {
    if (totals.firstTime === undefined) totals.origin = time[0];
    totals.firstTime ??= time[0];
    totals.lastTime = interval?.endTime ?? time[length - 1];
  }
  // Windows reach as far as the duration: past the accesses of an interval, which are all at its beginning.
  const last = time === undefined ? totals.accesses + length - 1 : totals.lastTime;
  while (Math.floor((last - totals.origin) / totals.windowTicks) >= WINDOWS) mergeWindows(totals);

  const { weightOf, early, late, origin, windowTicks } = totals;
  for (let i = 0; i < length; i++) {
    const at = time === undefined ? totals.accesses + i : time[i];
    const window = Math.floor((at - origin) / windowTicks);
    const counted = weight === undefined ? 1 : weight[i];
    weightOf[page[i]] += counted;
    totals.weight += counted;
    totals.writes += write[i];
    if (counted === 0) continue;
    if (window < 32) early[page[i]] |= 1 << window;
    else late[page[i]] |= 1 << (window - 32);
  }
  totals.accesses += length;
  if (thread === undefined) totals.threads = 1;
  else
    for (let i = 0; i < length; i++)
      if (thread[i] >= totals.threads) totals.threads = thread[i] + 1;
}

function growTo(totals: Totals, pages: number): void {
  if (pages <= totals.weightOf.length) return;
  const length = Math.max(pages, totals.weightOf.length * 2);
  const numberOf = new Float64Array(length);
  const weightOf = new Float64Array(length);
  const early = new Int32Array(length);
  const late = new Int32Array(length);
  numberOf.set(totals.numberOf);
  weightOf.set(totals.weightOf);
  early.set(totals.early);
  late.set(totals.late);
  Object.assign(totals, { numberOf, weightOf, early, late });
}

function mergeWindows(totals: Totals): void {
  const { early, late, pageCount } = totals;
  for (let page = 0; page < pageCount; page++) {
    early[page] = pairs(early[page]) | (pairs(late[page]) << 16);
    late[page] = 0;
  }
  totals.windowTicks *= 2;
}

// Bit i is set where bit 2i or 2i + 1 was.
function pairs(bits: number): number {
  let x = (bits | (bits >>> 1)) & 0x55555555;
  x = (x | (x >>> 1)) & 0x33333333;
  x = (x | (x >>> 2)) & 0x0f0f0f0f;
  x = (x | (x >>> 4)) & 0x00ff00ff;
  return (x | (x >>> 8)) & 0xffff;
}

function skewOf({ weightOf, pageCount, weight }: Totals): Skew {
  const sorted = weightOf.slice(0, pageCount).sort().reverse();
  const share = (percent: number): number => {
    const hottest = Math.max(1, Math.floor((pageCount * percent) / 100));
    let sum = 0;
    for (let i = 0; i < hottest && i < pageCount; i++) sum += sorted[i];
    return weight === 0 ? 0 : sum / weight;
  };
  return { hottest1Percent: share(1), hottest10Percent: share(10), hottest25Percent: share(25) };
}

function isTouched({ early, late }: Totals, page: number, window: number): boolean {
  return window < 32
    ? (early[page] & (1 << window)) !== 0
    : (late[page] & (1 << (window - 32))) !== 0;
}

function windowCount(totals: Totals): number {
  const last = totals.firstTime === undefined ? totals.accesses - 1 : totals.lastTime;
  return totals.accesses === 0 ? 0 : Math.floor((last - totals.origin) / totals.windowTicks) + 1;
}

function workingSetOf(totals: Totals): WorkingSet[] {
  const { origin, windowTicks, pageCount } = totals;
  return Array.from({ length: windowCount(totals) }, (_, window) => {
    let pages = 0;
    for (let page = 0; page < pageCount; page++) if (isTouched(totals, page, window)) pages++;
    const start = origin + window * windowTicks;
    return { start, end: start + windowTicks, pages };
  });
}

function heatOf(totals: Totals): Heat {
  const { numberOf, pageCount } = totals;
  const columns = windowCount(totals);
  const rows = Math.min(HEAT_ROWS, pageCount);
  const inOrder = Uint32Array.from({ length: pageCount }, (_, page) => page).sort(
    (a, b) => numberOf[a] - numberOf[b],
  );
  const touched = Array.from({ length: rows * columns }, () => 0);
  for (let row = 0; row < rows; row++) {
    const from = Math.floor((row * pageCount) / rows);
    const to = Math.floor(((row + 1) * pageCount) / rows);
    for (let rank = from; rank < to; rank++)
      for (let column = 0; column < columns; column++)
        if (isTouched(totals, inOrder[rank], column))
          touched[row * columns + column] += 1 / (to - from);
  }
  return { rows, columns, touched };
}
