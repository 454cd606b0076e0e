import { instantiateKernels } from '../kernels.generated.ts';
import { createFrequencyModel, groupByCount, KEYS } from './frequency-model.ts';
import type { CountGroups, FrequencyModel } from './frequency-model.ts';
import { runningSum } from './running-sum.ts';
import { createStackDistances } from './stack-distances.ts';
import type { StackDistances } from './stack-distances.ts';

/** Stack distances of the accesses to a sample of the pages, scaled to all of them. */
export interface SampledDistances {
  /** The first `length` entries of `page` are accessed, in order; ids are below `pageCount`. */
  add(page: Readonly<Uint32Array>, length: number, pageCount: number): void;
  /** The curve of the accesses so far. */
  curve(): SampledCurve;
}

/** Shares of the accesses that an LRU cache hits, and how sure they are. */
export interface SampledCurve {
  /** Pages and accesses in the sample. */
  readonly pages: number;
  readonly accesses: number;
  hitShare(frames: number): number;
  /** Two standard errors of `hitShare`, from how far four quarters of the sampled pages are apart. */
  error(frames: number): number;
}

const CHUNK_ACCESSES = 65_536;
/** Accesses of the sample that are worked on together: their tables stay in the caches meanwhile. */
const SAMPLE_MAX = 2 * CHUNK_ACCESSES;
const WASM_PAGE_BYTES = 65_536;
const QUARTERS = 4;

/**
 * SHARDS at a fixed rate: a page is in the sample where its hash is below `rate` of all hashes, and
 * a distance in the sample stands for that distance over `rate`.
 *
 * A sample that lacks one very hot page lacks its accesses, and a page in every distance. SHARDS's
 * adjustment counts the accesses that are missing at distance 0. Here every page's accesses are
 * counted, and a model says where those that are missing belong, and how many pages of the sample stand
 * for a distance: what it says of all pages minus what it says of the sample, scaled, is added. For capacities
 * that hold all hot pages this is SHARDS's adjustment; below, it is nearer. What the model gets
 * wrong of a page is in the sample with the right weight, so the curve is not the model's.
 *
 * Source: Waldspurger, Park, Garthwaite, Ahmad, "Efficient MRC Construction with SHARDS", FAST 2015,
 * sections 2 and 3.2; Särndal, Swensson, Wretman, "Model Assisted Survey Sampling", 1992, section
 * 6.3, for the difference estimator.
 */
export function createSampledDistances(rate: number): SampledDistances {
  const sampler = createSampler(rate);
  const ids = createIds();
  const whole = createPart(rate);
  const quarters = Array.from({ length: QUARTERS }, () => createPart(rate / QUARTERS));
  const renumbered = new Uint32Array(SAMPLE_MAX);
  const ofQuarter = Array.from({ length: QUARTERS }, () => new Uint32Array(SAMPLE_MAX));
  const counts = new Uint32Array(QUARTERS);
  let accesses = 0;

  const work = (taken: Readonly<Uint32Array>): void => {
    counts.fill(0);
    for (let i = 0; i < taken.length; i++) {
      const id = ids.of(taken[i]);
      renumbered[i] = id;
      // Pages in the order of first touch fall into quarters by turns.
      const quarter = id % QUARTERS;
      ofQuarter[quarter][counts[quarter]++] = (id - quarter) / QUARTERS;
    }
    whole.add(renumbered, taken.length, ids.count());
    const most = Math.ceil(ids.count() / QUARTERS);
    quarters.forEach((part, q) => part.add(ofQuarter[q], counts[q], most));
  };
  return {
    add(page, length, pageCount) {
      accesses += length;
      sampler.makeRoom(pageCount);
      for (let from = 0; from < length; from += CHUNK_ACCESSES) {
        if (sampler.waiting() + CHUNK_ACCESSES > SAMPLE_MAX) work(sampler.sample());
        sampler.take(page.subarray(from, Math.min(length, from + CHUNK_ACCESSES)));
      }
    },
    curve() {
      work(sampler.sample());
      const model = createFrequencyModel(sampler.groups(), accesses);
      const hitShare = whole.curve(model, accesses);
      const shares = quarters.map((part) => part.curve(model, accesses));
      return {
        pages: ids.count(),
        accesses: whole.accesses(),
        hitShare,
        error: (frames) => 2 * standardError(shares.map((share) => share(frames))),
      };
    },
  };
}

/** One sample: its distances, and the curve that they stand for. */
interface Part {
  readonly add: StackDistances['add'];
  accesses(): number;
  curve(model: FrequencyModel, accesses: number): (frames: number) => number;
}

function createPart(rate: number): Part {
  const distances = createStackDistances();
  let counts = new Uint32Array(1 << 10);
  let taken = 0;
  return {
    add(page, length, pageCount) {
      distances.add(page, length, pageCount);
      taken += length;
      if (pageCount > counts.length) counts = widened(counts, pageCount);
      for (let i = 0; i < length; i++) counts[page[i]]++;
    },
    accesses: () => taken,
    curve(model, accesses) {
      const hits = runningSum(distances.histogram());
      const groups = groupByCount(counts);
      const lacking = model.lacking(groups, rate);
      const sampleFrames = model.sampleFrames(groups);
      return (frames) => {
        const expected = between(hits, sampleFrames(frames)) / rate + lacking(frames);
        return accesses === 0 ? 0 : Math.min(1, Math.max(0, expected / accesses));
      };
    },
  };
}

/** The value of a column at a place between two entries. */
function between(column: Readonly<Float64Array>, place: number): number {
  const at = Math.min(column.length - 1, Math.floor(place));
  const next = Math.min(column.length - 1, at + 1);
  return column[at] + (column[next] - column[at]) * Math.min(1, place - at);
}

/** Of the mean of the values. */
function standardError(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(square / (values.length - 1) / values.length);
}

interface Sampler {
  /** Takes pages with ids below `pageCount` from now on. */
  makeRoom(pageCount: number): void;
  /** Counts the accesses to these pages, and adds those in the sample to those that wait. */
  take(page: Readonly<Uint32Array>): void;
  waiting(): number;
  /** The accesses that wait, which are at most `SAMPLE_MAX`: none do after it. Borrowed until the next call. */
  sample(): Uint32Array;
  /** All pages by their accesses; no access may wait. */
  groups(): CountGroups;
}

function createSampler(rate: number): Sampler {
  const { kernels, memory } = instantiateKernels(32);
  const chunk = Math.ceil(kernels.heapBase() / 16) * 16;
  const out = chunk + 4 * CHUNK_ACCESSES;
  const counts = out + 4 * SAMPLE_MAX;
  const threshold = Math.min(0xffff_ffff, Math.round(rate * 2 ** 32));
  let pageCount = 0;
  let pagesMax = 0;
  let waiting = 0;
  return {
    makeRoom(pages) {
      pageCount = Math.max(pageCount, pages);
      if (pageCount <= pagesMax) return;
      const pagesBefore = pagesMax;
      // Twice as much as is needed, so that it is needed seldom; in fours, which the carries are aligned to.
      pagesMax = 8 * Math.ceil(pageCount / 4);
      const short = counts + 5 * pagesMax - memory.buffer.byteLength;
      if (short > 0) memory.grow(Math.ceil(short / WASM_PAGE_BYTES));
      const bytes = new Uint8Array(memory.buffer, counts, 5 * pagesMax);
      bytes.copyWithin(pagesMax, pagesBefore, 5 * pagesBefore);
      bytes.fill(0, pagesBefore, pagesMax);
    },
    take(page) {
      new Uint32Array(memory.buffer, chunk, page.length).set(page);
      const to = out + 4 * waiting;
      const carries = counts + pagesMax;
      waiting += kernels.samplePages(chunk, page.length, threshold, to, counts, carries);
    },
    waiting: () => waiting,
    sample() {
      const taken = new Uint32Array(memory.buffer, out, waiting);
      waiting = 0;
      return taken;
    },
    groups() {
      // The accesses that waited have been worked on: their place is free.
      kernels.groupCounts(counts, counts + pagesMax, pageCount, out, KEYS);
      const [pages, accesses] = [0, 8 * KEYS].map((offset) =>
        new Float64Array(memory.buffer, out + offset, KEYS).slice(),
      );
      return { pages, accesses };
    },
  };
}

/** Sampled pages by dense ids, in the order of their first access. */
function createIds(): { of(page: number): number; count(): number } {
  let idOf = new Uint32Array(1 << 16);
  let count = 0;
  return {
    of(page) {
      // What is not written takes no memory.
      if (page >= idOf.length) idOf = widened(idOf, 4 * page);
      if (idOf[page] === 0) idOf[page] = ++count;
      return idOf[page] - 1;
    },
    count: () => count,
  };
}

function widened(column: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(Math.max(length, 2 * column.length));
  wider.set(column);
  return wider;
}
