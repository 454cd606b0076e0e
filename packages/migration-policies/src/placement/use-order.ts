import { randomStream } from '@tierlab/core';
import type { RandomStream } from '@tierlab/core';
import type { EpochView } from '@tierlab/policy';

/** Pages last used in one epoch, in random order; an entry is stale once its page was used again. */
export interface UseSegment {
  /** The epoch plus 1; 0 for pages that are there and were never used. */
  readonly use: number;
  readonly pages: Uint32Array;
  /** Grows whenever the pages are moved up to forget stale ones. */
  readonly generation: number;
  /** A bit an entry, 32 a word: 0 where it is stale. */
  readonly live: Uint32Array;
}

/**
 * Pages by how much they were used in the last epoch, and by how long ago they were used. Ties are in random order,
 * anew in every epoch. It follows from the counts of the epochs and the seed alone, so runs side by side can hold one together.
 *
 * Memory: up to 24 bytes a page and 28 a page of the last epoch; an eighth of a byte more for each count that
 * {@link UseOrder.colder} is asked for.
 */
export interface UseOrder {
  /** Takes in the epoch that ended, the first time it is told of it. */
  follow(view: EpochView<'accesses'>): void;
  /** The pages used in the last epoch, those with most accesses first. */
  readonly hottest: Uint32Array;
  /** A bit for each page of the segment of the last epoch, 32 a word: 0 where it is among the `count` hottest. */
  colder(count: number): Uint32Array;
  /** Epoch in which a page was last used, plus 1; 0 if it never was. */
  readonly lastUse: Uint32Array;
  /** Longest unused first. */
  readonly segments: readonly UseSegment[];
  /** Pages that were never used, so far. */
  readonly neverUsedCount: number;
}

interface Segment extends UseSegment {
  pages: Uint32Array;
  generation: number;
  live: Uint32Array;
}

/** The order before the first epoch. */
export function createUseOrder(seed: number): UseOrder {
  const random = randomStream(seed);
  const neverUsed: number[] = [];
  let segments: Segment[] = [];
  const segmentOf = new Map<number, Segment>();
  let followed = -1;
  let known = 0;
  let starts = new Uint32Array(1024);
  let values = new Uint32Array(0);
  let entries = new Uint32Array(0);
  let lastUse = new Uint32Array(0);
  /** Index of each page in the segment of its last use, plus 1; 0 where it is in none. */
  let entryOf = new Uint32Array(0);
  /** Index in `hottest` of each page that was used in the last epoch, in the order of its segment. */
  let rank = new Uint32Array(0);
  const colderThan = new Map<number, Uint32Array>();
  /** Entries that are not stale, by use. */
  let live = new Uint32Array(64);
  let hottest = new Uint32Array(0);

  /** Notes new pages that nobody used yet. */
  const meet = ({ pageCount, accesses }: EpochView<'accesses'>): void => {
    if (lastUse.length < pageCount) {
      lastUse = grown(lastUse, pageCount);
      entryOf = grown(entryOf, pageCount);
    }
    const before = neverUsed.length;
    for (; known < pageCount; known++) {
      if (accesses[known] === 0) entryOf[known] = neverUsed.push(known);
    }
    if (neverUsed.length === before) return;
    const { live: bits } = put(0, Uint32Array.from(neverUsed));
    neverUsed.forEach((page, i) => lastUse[page] > 0 && clearBit(bits, i));
  };

  const put = (use: number, pages: Uint32Array): UseSegment => {
    const generation = (segmentOf.get(use)?.generation ?? -1) + 1;
    const segment = { use, pages, generation, live: ones(pages.length) };
    segmentOf.set(use, segment);
    if (live.length <= use) live = grown(live, use + 1);
    live[use] = pages.length;
    return segment;
  };

  const forgetStale = (): void => {
    for (const [use, segment] of segmentOf) {
      if (live[use] * 2 > segment.pages.length) continue;
      segment.pages = keepLive(segment, live[use], entryOf);
      segment.live = ones(segment.pages.length);
      segment.generation++;
      if (segment.pages.length === 0) segmentOf.delete(use);
    }
    segments = [...segmentOf.values()].toSorted((a, b) => a.use - b.use);
  };

  /** Notes the last use of `pages`, and how often each was used in `values`; returns the most. */
  const noteUse = (pages: Uint32Array, accesses: Readonly<Uint32Array>, use: number): number => {
    const [last, entry, value, before] = [lastUse, entryOf, values, entries];
    const { length } = pages;
    // One thing at a time: what another column tells the place of makes what comes after it wait.
    for (let i = 0; i < length; i++) {
      const page = pages[i];
      value[i] = last[page];
      last[page] = use;
    }
    for (let i = 0; i < length; i++) {
      const page = pages[i];
      before[i] = entry[page];
      entry[page] = i + 1;
    }
    forgetEntries(value, before, length);
    let most = 0;
    for (let i = 0; i < length; i++) {
      value[i] = accesses[pages[i]];
      if (value[i] > most) most = value[i];
    }
    return most;
  };

  /** Makes the entries stale that pages had in the segments of these uses; an entry 0 is none. */
  const forgetEntries = (uses: Uint32Array, before: Uint32Array, length: number): void => {
    const left = live;
    const bitsOf: (Uint32Array | undefined)[] = [];
    for (const { use, live: bits } of segmentOf.values()) bitsOf[use] = bits;
    for (let i = 0; i < length; i++) {
      if (before[i] === 0) continue;
      const use = uses[i];
      clearBit(bitsOf[use]!, before[i] - 1);
      if (use > 0) left[use]--;
    }
  };

  return {
    follow(view) {
      if (view.epoch === followed) return;
      followed = view.epoch;
      meet(view);
      const pages = shuffled(view.touched.slice(0, view.touchedCount), random);
      if (values.length < pages.length) {
        values = new Uint32Array(2 * pages.length);
        entries = new Uint32Array(2 * pages.length);
      }
      const most = noteUse(pages, view.accesses, view.epoch + 1);
      if (starts.length < most + 2) starts = new Uint32Array(2 * most + 2);
      if (rank.length < pages.length) rank = new Uint32Array(2 * pages.length);
      hottest = sorted(pages, values, most, starts, rank);
      colderThan.clear();
      if (pages.length > 0) put(view.epoch + 1, pages);
      forgetStale();
    },
    get hottest() {
      return hottest;
    },
    colder(count) {
      let bits = colderThan.get(count);
      if (bits === undefined) {
        bits = bitsFrom(rank, hottest.length, count);
        colderThan.set(count, bits);
      }
      return bits;
    },
    get lastUse() {
      return lastUse;
    },
    get segments() {
      return segments;
    },
    get neverUsedCount() {
      return neverUsed.length;
    },
  };
}

/** `pages` by their values, of which `most` is the largest: the largest first, equals as they were; `rank` is where each went. A counting sort. */
function sorted(
  pages: Uint32Array,
  values: Uint32Array,
  most: number,
  starts: Uint32Array,
  rank: Uint32Array,
): Uint32Array<ArrayBuffer> {
  starts.fill(0, 0, most + 2);
  for (let i = 0; i < pages.length; i++) starts[most - values[i] + 1]++;
  for (let at = 1; at <= most; at++) starts[at] += starts[at - 1];
  const order = new Uint32Array(pages.length);
  for (let i = 0; i < pages.length; i++) {
    const at = starts[most - values[i]]++;
    order[at] = pages[i];
    rank[i] = at;
  }
  return order;
}

/** A bit for each of `length` values, 32 a word: 1 where it is at least `least`. */
function bitsFrom(values: Uint32Array, length: number, least: number): Uint32Array {
  const bits = new Uint32Array(Math.ceil(length / 32));
  for (let i = 0; i < length; i++) bits[i >>> 5] |= (values[i] >= least ? 1 : 0) << (i & 31);
  return bits;
}

function ones(length: number): Uint32Array {
  return new Uint32Array(Math.ceil(length / 32)).fill(0xffffffff);
}

function clearBit(bits: Uint32Array, index: number): void {
  bits[index >>> 5] &= ~(1 << (index & 31));
}

/** The `count` pages of a segment whose entries are not stale, in order; `entryOf` has where they are then. */
function keepLive(
  { pages, live }: UseSegment,
  count: number,
  entryOf: Uint32Array,
): Uint32Array<ArrayBuffer> {
  const kept = new Uint32Array(count);
  let at = 0;
  for (let word = 0; word < live.length; word++) {
    for (let bits = live[word]; bits !== 0; bits &= bits - 1) {
      const index = 32 * word + 31 - Math.clz32(bits & -bits);
      if (index >= pages.length) break;
      const page = pages[index];
      kept[at++] = page;
      entryOf[page] = at;
    }
  }
  return kept;
}

/** In random order, in place. Source: R. Durstenfeld, Algorithm 235, CACM 7 (7), 1964. */
function shuffled(pages: Uint32Array<ArrayBuffer>, random: RandomStream): Uint32Array<ArrayBuffer> {
  for (let i = pages.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const page = pages[i];
    pages[i] = pages[j];
    pages[j] = page;
  }
  return pages;
}

function grown(column: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(Math.max(length, column.length * 2));
  next.set(column);
  return next;
}
