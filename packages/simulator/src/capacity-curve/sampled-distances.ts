import { instantiateKernels } from '../kernels.generated.ts';
import { createFrequencyModel, groupByCount } from './frequency-model.ts';
import type { FrequencyModel } from './frequency-model.ts';
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
  const renumbered = new Uint32Array(CHUNK_ACCESSES);
  const ofQuarter = Array.from({ length: QUARTERS }, () => new Uint32Array(CHUNK_ACCESSES));
  const counts = new Uint32Array(QUARTERS);
  let accesses = 0;
  return {
    add(page, length, pageCount) {
      accesses += length;
      sampler.makeRoom(pageCount);
      for (let from = 0; from < length; from += CHUNK_ACCESSES) {
        const taken = sampler.take(page, from, Math.min(length, from + CHUNK_ACCESSES));
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
      }
    },
    curve() {
      const model = createFrequencyModel(groupByCount(sampler.counts()), accesses);
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
  /** Counts the accesses from `from` to `to - 1` and returns those in the sample. Borrowed until the next call. */
  take(page: Readonly<Uint32Array>, from: number, to: number): Uint32Array;
  /** Accesses of each page. */
  counts(): Uint32Array;
}

function createSampler(rate: number): Sampler {
  const { kernels, memory } = instantiateKernels(32);
  const chunk = Math.ceil(kernels.heapBase() / 16) * 16;
  const out = chunk + 4 * CHUNK_ACCESSES;
  const counts = out + 4 * CHUNK_ACCESSES;
  const threshold = Math.min(0xffff_ffff, Math.round(rate * 2 ** 32));
  let pageCount = 0;
  return {
    makeRoom(pages) {
      pageCount = Math.max(pageCount, pages);
      const short = counts + 4 * pageCount - memory.buffer.byteLength;
      // Twice as much as is needed, so that it is needed seldom.
      if (short > 0) memory.grow(Math.ceil((short + 4 * pageCount) / WASM_PAGE_BYTES));
    },
    take(page, from, to) {
      new Uint32Array(memory.buffer, chunk, to - from).set(page.subarray(from, to));
      const count = kernels.samplePages(chunk, to - from, threshold, out, counts);
      return new Uint32Array(memory.buffer, out, count);
    },
    counts: () => new Uint32Array(memory.buffer, counts, pageCount),
  };
}

/** Sampled pages by dense ids, in the order of their first access. */
function createIds(): { of(page: number): number; count(): number } {
  let idOf = new Uint32Array(1 << 16);
  let count = 0;
  return {
    of(page) {
      if (page >= idOf.length) idOf = widened(idOf, page + 1);
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
