import { randomStream } from '@tierlab/core';
import type { RandomStream } from '@tierlab/core';
import type { EpochView } from '@tierlab/policy';

/** Pages of a part of all pages. */
const PART_PAGES = 4096;
/** Bins: the exponents that a number of 32 bits can have, which lie above this bit. A score of 0 is in the first one. */
const BINS = 256;
const EXPONENT_SHIFT = 23;
/** With more pages of an epoch than this share of all, they are looked for one after the other, which keeps them in the order in which columns have them. */
const SCANNED_SHARE = 1 / 16;
/** Half-lives after which all scores are made smaller, long before the largest would be too large. */
const HALF_LIVES_MAX = 64;

/**
 * How much pages were accessed, where an access counts half as much after every half-life, in bins of powers of two.
 *
 * An access counts as 2 ^ (epochs so far / half-life): scores of pages that are not accessed stay as they are while new ones
 * get larger, which comes to the same order, and an epoch costs what its accessed pages do. It follows from the counts of the epochs and the seed
 * alone, so runs side by side can hold it together.
 *
 * Source: Cormode et al., "Forward Decay: A Practical Time Decay Model for Streaming Systems", ICDE 2009, section III.
 *
 * Memory: 8 bytes a page and 12 a page of the last epoch; a fourth of a byte for each bin that is asked for.
 */
export interface DecayedScores {
  /** Takes in the epoch that ended, the first time it is told of it. */
  follow(view: EpochView<'accesses'>): void;
  /** The lowest bin such that the pages in it and above are at most `pages`; the highest that has any, where that alone has more. */
  lowestOf(pages: number): number;
  /** The pages of the last epoch, those of the highest bin first; those of one bin are as they lie, from a random one of them on and round. */
  readonly accessed: Uint32Array;
  /** How many of them are in `bin` and above. */
  accessedFrom(bin: number): number;
  /** All pages by their ids, cut into parts of one length; the last one is shorter. */
  readonly parts: readonly Uint32Array[];
  /** A bit for each page of a part, 32 a word: 1 where it is in bin `from` or above, and below bin `end`. */
  inBins(from: number, end: number, part: number): Uint32Array;
  /** What is left of the accesses of a page. */
  scoreOf(page: number): number;
}

/** Scores before the first epoch. `halfLife` is in epochs. */
export function createDecayedScores(halfLife: number, seed: number): DecayedScores {
  const random = randomStream(seed);
  let scores = new Float32Array(1024);
  /** Scores of the pages of the last epoch, in its order, before it and after it. */
  let before = new Float32Array(0);
  let after = new Float32Array(0);
  const pagesIn = new Uint32Array(BINS);
  let followed = -1;
  let known = 0;
  /** Half-lives that scores were made smaller by. */
  let forgotten = 0;
  let accessed = new Uint32Array(0);
  /** At bin b, where the pages of the bins below it begin in `accessed`. */
  const ends = new Uint32Array(BINS);
  let parts: Uint32Array[] = [];
  const colder = createColderPages();
  /** What was asked for since the epoch ended, by range of bins and part. */
  const asked = new Map<number, Uint32Array[]>();

  const halfLives = (): number => followed / halfLife - forgotten;

  const meet = (pageCount: number): void => {
    if (scores.length < pageCount) {
      const longer = new Float32Array(Math.max(pageCount, 2 * scores.length));
      longer.set(scores);
      scores = longer;
    }
    pagesIn[0] += pageCount - known;
    parts = partsOf(parts, pageCount);
    colder.meet(known, pageCount);
    known = pageCount;
  };

  /** Takes the scores back to where numbers have room for larger ones. */
  const makeSmaller = (): void => {
    const words = wordsOf(scores);
    pagesIn.fill(0);
    for (let page = 0; page < known; page++) {
      scores[page] *= 2 ** -HALF_LIVES_MAX;
      pagesIn[words[page] >>> EXPONENT_SHIFT]++;
    }
    forgotten += HALF_LIVES_MAX;
    colder.forget();
  };

  const add = (pages: Readonly<Uint32Array>, accesses: Readonly<Uint32Array>): void => {
    const { length } = pages;
    if (before.length < length) {
      before = new Float32Array(2 * length);
      after = new Float32Array(2 * length);
    }
    const weight = 2 ** halfLives();
    const [score, was, is] = [scores, before, after];
    // One thing at a time: what another column tells the place of makes what comes after it wait.
    for (let i = 0; i < length; i++) is[i] = accesses[pages[i]] * weight;
    for (let i = 0; i < length; i++) was[i] = score[pages[i]];
    for (let i = 0; i < length; i++) is[i] += was[i];
    for (let i = 0; i < length; i++) score[pages[i]] = is[i];
    const [wordsBefore, words] = [wordsOf(was), wordsOf(is)];
    for (let i = 0; i < length; i++) {
      pagesIn[wordsBefore[i] >>> EXPONENT_SHIFT]--;
      pagesIn[words[i] >>> EXPONENT_SHIFT]++;
    }
    colder.warm(pages, wordsBefore, words);
  };

  return {
    follow(view) {
      if (view.epoch === followed) return;
      followed = view.epoch;
      meet(view.pageCount);
      while (halfLives() > HALF_LIVES_MAX) makeSmaller();
      const pages = pagesOf(view);
      add(pages, view.accesses);
      accessed = sorted(pages, wordsOf(after), ends, random);
      asked.clear();
    },
    lowestOf(pages) {
      let held = 0;
      let bin = BINS - 1;
      while (bin > 0 && held + pagesIn[bin] <= pages) held += pagesIn[bin--];
      return held === 0 && bin > 0 ? bin : bin + 1;
    },
    get accessed() {
      return accessed;
    },
    accessedFrom: (bin) => ends[bin],
    get parts() {
      return parts;
    },
    inBins(from, end, part) {
      const key = from * BINS + end;
      let ofParts = asked.get(key);
      if (ofParts === undefined) asked.set(key, (ofParts = []));
      return (ofParts[part] ??= between(colder.than(from, scores), colder.than(end, scores), part));
    },
    scoreOf: (page) => scores[page] / 2 ** halfLives(),
  };
}

/** The numbers of a column, none of which is negative, as words: their exponents lie above their other bits. */
function wordsOf({ buffer }: Float32Array): Uint32Array {
  return new Uint32Array(buffer);
}

/** Pages below `pageCount` in parts; those that are complete stay as they are. */
function partsOf(parts: readonly Uint32Array[], pageCount: number): Uint32Array[] {
  const complete = parts.filter(({ length }) => length === PART_PAGES);
  const next = [...complete];
  for (let first = complete.length * PART_PAGES; first < pageCount; first += PART_PAGES) {
    const part = new Uint32Array(Math.min(PART_PAGES, pageCount - first));
    for (let i = 0; i < part.length; i++) part[i] = first + i;
    next.push(part);
  }
  return next;
}

/** The pages of an epoch. */
function pagesOf({
  touched,
  touchedCount,
  pageCount,
  accesses,
}: EpochView<'accesses'>): Uint32Array {
  if (touchedCount < SCANNED_SHARE * pageCount) return touched.slice(0, touchedCount);
  const pages = new Uint32Array(touchedCount + 1);
  let count = 0;
  for (let page = 0; page < pageCount; page++) {
    // Without a branch, which nobody could foresee.
    pages[count] = page;
    count += accesses[page] > 0 ? 1 : 0;
  }
  return pages.subarray(0, touchedCount);
}

/**
 * `pages` by the bins of their words, the highest first; those of a bin as they are, but from a random one on and round, so that none is preferred for its
 * place. `ends` comes to have where each bin ends. A counting sort.
 */
function sorted(
  pages: Readonly<Uint32Array>,
  words: Uint32Array,
  ends: Uint32Array,
  random: RandomStream,
): Uint32Array<ArrayBuffer> {
  ends.fill(0);
  for (let i = 0; i < pages.length; i++) ends[words[i] >>> EXPONENT_SHIFT]++;
  let start = 0;
  for (let bin = BINS - 1; bin >= 0; bin--) {
    const count = ends[bin];
    ends[bin] = start;
    start += count;
  }
  const order = new Uint32Array(pages.length);
  for (let i = 0; i < pages.length; i++) order[ends[words[i] >>> EXPONENT_SHIFT]++] = pages[i];
  for (let bin = BINS - 1, first = 0; bin >= 0; first = ends[bin--]) {
    const ofBin = order.subarray(first, ends[bin]);
    if (ofBin.length > 1) turn(ofBin, random.below(ofBin.length));
  }
  return order;
}

/** Has the page at `first` be the first one, and those before it the last ones. */
function turn(pages: Uint32Array, first: number): void {
  const front = pages.slice(0, first);
  pages.copyWithin(0, first);
  pages.set(front, pages.length - first);
}

/** For some bins, a bit for each page, 32 a word: 1 where the page is below the bin. */
interface ColderPages {
  /** There are pages up to `pageCount` now, of which those from `known` on have no score yet. */
  meet(known: number, pageCount: number): void;
  /** Pages have got other scores, which are no lower. */
  warm(pages: Readonly<Uint32Array>, before: Uint32Array, after: Uint32Array): void;
  /** All scores are others. */
  forget(): void;
  than(bin: number, scores: Float32Array): Uint32Array;
}

/** Bits are made when a bin is first asked for, and then follow the pages whose scores change: a bin lasts for epochs. */
function createColderPages(): ColderPages {
  let bits: (Uint32Array | undefined)[] = [];
  /** Of the bins that were asked for since the pages changed last. */
  let asked = new Set<number>();
  let pageCount = 0;

  return {
    meet(known, next) {
      pageCount = next;
      // Pages without a score are in bin 0, and below every other one.
      asked.delete(0);
      bits = bits.map((held, bin) =>
        held !== undefined && asked.has(bin) ? longer(held, known, next) : undefined,
      );
      asked = new Set();
    },
    warm(pages, before, after) {
      for (const [bin, held] of bits.entries()) {
        if (held === undefined) continue;
        const least = bin * 2 ** EXPONENT_SHIFT;
        for (let i = 0; i < pages.length; i++) {
          if (before[i] < least && after[i] >= least) {
            held[pages[i] >>> 5] &= ~(1 << (pages[i] & 31));
          }
        }
      }
    },
    forget() {
      bits = [];
    },
    than(bin, scores) {
      asked.add(bin);
      return (bits[bin] ??= bitsBelow(bin, wordsOf(scores), pageCount));
    },
  };
}

/** The words, with a bit of 1 for each page from `known` on. */
function longer(bits: Uint32Array, known: number, pageCount: number): Uint32Array {
  const length = Math.ceil(pageCount / 32);
  const words = length > bits.length ? new Uint32Array(2 * length) : bits;
  if (words !== bits) words.set(bits);
  let page = known;
  for (; page < pageCount && (page & 31) !== 0; page++) words[page >>> 5] |= 1 << (page & 31);
  words.fill(0xffffffff, Math.ceil(page / 32), length);
  return words;
}

function bitsBelow(bin: number, words: Uint32Array, pageCount: number): Uint32Array {
  const bits = new Uint32Array(Math.ceil(pageCount / 32));
  const least = bin * 2 ** EXPONENT_SHIFT;
  for (let page = 0; page < pageCount; page++) {
    bits[page >>> 5] |= (words[page] < least ? 1 : 0) << (page & 31);
  }
  return bits;
}

/** The pages of a part that are in the second ones and not in the first ones. */
function between(first: Uint32Array, second: Uint32Array, part: number): Uint32Array {
  const start = (part * PART_PAGES) / 32;
  const bits = second.slice(start, start + PART_PAGES / 32);
  for (let i = 0; i < bits.length; i++) bits[i] &= ~first[start + i];
  return bits;
}
