import { KernelLabError } from './errors.ts';
import { parsePlacement } from './placement.ts';
import type { KernelRecord } from './record.ts';

/** The counters that a replay is held to, by their names in `/proc/vmstat`. */
export const COMPARED_COUNTERS = [
  'pgpromote_success',
  'pgpromote_candidate',
  'pgdemote_kswapd',
  'numa_hint_faults',
  'numa_pte_updates',
] as const;

/** How far two records of one scenario agree. */
export interface Agreement {
  /** Share of pages on the same node, 0 to 1, averaged over the intervals, and in the worst of them. */
  readonly pages: number;
  readonly pagesWorst: number;
  /** Difference of the shares of pages on node 0, averaged over the intervals, and in the worst of them. */
  readonly topShare: number;
  readonly topShareWorst: number;
}

/** Pages of the recorded program. */
export function recordPages(record: Pick<KernelRecord, 'agent'>): number {
  return Number.parseInt(record.agent, 10);
}

/**
 * Compares two records interval by interval.
 *
 * @throws {KernelLabError} `LAB_BAD_RECORD` when `b` lacks an interval of `a`, or a placement has another page count.
 */
export function agreement(a: KernelRecord, b: KernelRecord): Agreement {
  return agreementOf(placedRecord(a), placedRecord(b));
}

/** A record's placements: node of each page, by the interval's `ms`. */
interface PlacedRecord {
  readonly name: string;
  readonly placements: ReadonlyMap<number, Uint8Array>;
}

/** Reads the placements of a record that is compared to several. */
function placedRecord(record: KernelRecord): PlacedRecord {
  const pageCount = recordPages(record);
  const placements = new Map(
    record.intervals.map(({ ms, placement }) => [ms, parsePlacement(placement, pageCount)]),
  );
  return { name: record.name, placements };
}

function agreementOf(a: PlacedRecord, b: PlacedRecord): Agreement {
  let pages = 0;
  let topShare = 0;
  let pagesWorst = 1;
  let topShareWorst = 0;
  for (const [ms, first] of a.placements) {
    const second = b.placements.get(ms);
    if (second === undefined)
      throw new KernelLabError(
        'LAB_BAD_RECORD',
        `${b.name}: no interval at ${ms} ms, as ${a.name} has`,
      );
    if (second.length !== first.length)
      throw new KernelLabError(
        'LAB_BAD_RECORD',
        `${b.name}: expected ${first.length} pages, as ${a.name} has, got ${second.length}`,
      );
    const [same, share] = comparePlacements(first, second);
    pages += same;
    topShare += share;
    pagesWorst = Math.min(pagesWorst, same);
    topShareWorst = Math.max(topShareWorst, share);
  }
  const count = a.placements.size;
  return { pages: pages / count, pagesWorst, topShare: topShare / count, topShareWorst };
}

function comparePlacements(first: Uint8Array, second: Uint8Array): [number, number] {
  const pageCount = first.length;
  let same = 0;
  let top = 0;
  for (let page = 0; page < pageCount; page++) {
    if (first[page] === second[page]) same++;
    if (first[page] === 0) top++;
    if (second[page] === 0) top--;
  }
  return [same / pageCount, Math.abs(top) / pageCount];
}

/** The records, each with only those intervals (by `ms`) that all of them have. */
export function onSharedIntervals(records: readonly KernelRecord[]): readonly KernelRecord[] {
  const times = records.map(({ intervals }) => new Set(intervals.map(({ ms }) => ms)));
  return records.map((record) => ({
    ...record,
    intervals: record.intervals.filter(({ ms }) => times.every((all) => all.has(ms))),
  }));
}

/** What the kernel's runs of one scenario allow a replay of it. */
export interface Bar {
  /** Lowest mean agreement of one run with the others, less 0.03. */
  readonly pages: number;
  /** Largest mean difference of one run's share of node 0 from the others', plus 0.02. */
  readonly topShare: number;
  /** Span of each counter over the runs, widened by 10 %. */
  readonly counters: Readonly<Record<string, readonly [number, number]>>;
  /** Mean agreement of each run with the others. */
  readonly ownAgreement: readonly number[];
}

const PAGES_MARGIN = 0.03;
const TOP_SHARE_MARGIN = 0.02;
const COUNTER_MARGIN = 0.1;

/** The bar that `runs`, at least two of one scenario, set: a replay need not be more typical than the least typical. */
export function barOf(runs: readonly KernelRecord[]): Bar {
  const own: number[] = [];
  let topShare = 0;
  const placed = runs.map(placedRecord);
  for (const run of placed) {
    const others = meanAgreement(
      run,
      placed.filter((other) => other !== run),
    );
    own.push(others.pages);
    topShare = Math.max(topShare, others.topShare);
  }
  const counters: Record<string, readonly [number, number]> = {};
  for (const counter of COMPARED_COUNTERS) {
    const values = runs.map((run) => finalCounter(run, counter));
    counters[counter] = [
      Math.min(...values) * (1 - COUNTER_MARGIN),
      Math.max(...values) * (1 + COUNTER_MARGIN),
    ];
  }
  return {
    pages: Math.min(...own) - PAGES_MARGIN,
    topShare: topShare + TOP_SHARE_MARGIN,
    counters,
    ownAgreement: own,
  };
}

/** How a replay stands against the kernel's runs of its scenario. */
export interface Verdict {
  readonly pages: number;
  readonly topShare: number;
  /** What misses the bar: `pages`, `topShare`, or a counter's name. */
  readonly misses: readonly string[];
}

/** Holds a replay to the bar. */
export function judge(
  replay: KernelRecord,
  runs: readonly KernelRecord[],
  bar: Bar = barOf(runs),
): Verdict {
  const mean = meanAgreement(placedRecord(replay), runs.map(placedRecord));
  const misses: string[] = [];
  if (mean.pages < bar.pages) misses.push('pages');
  if (mean.topShare > bar.topShare) misses.push('topShare');
  for (const [counter, [least, most]] of Object.entries(bar.counters)) {
    const value = finalCounter(replay, counter);
    if (value < least || value > most) misses.push(counter);
  }
  return { pages: mean.pages, topShare: mean.topShare, misses };
}

function meanAgreement(
  run: PlacedRecord,
  others: readonly PlacedRecord[],
): { pages: number; topShare: number } {
  let pages = 0;
  let topShare = 0;
  for (const other of others) {
    const one = agreementOf(run, other);
    pages += one.pages / others.length;
    topShare += one.topShare / others.length;
  }
  return { pages, topShare };
}

/** Value of a counter at the end of a record; 0 where it is not recorded. */
export function finalCounter(record: KernelRecord, counter: string): number {
  return record.intervals.at(-1)?.vmstat[counter] ?? 0;
}
