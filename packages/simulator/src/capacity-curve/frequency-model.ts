/** Pages, and accesses to them, by how often a page has been accessed; columns by {@link keyOf}. */
export interface CountGroups {
  readonly pages: Float64Array;
  readonly accesses: Float64Array;
}

/** Counts up to here have a key each, larger ones share one with those within a 32nd of an octave. */
const EXACT_KEYS = 64;
const KEYS_AN_OCTAVE = 32;
/** Keys that there are. */
export const KEYS: number = EXACT_KEYS + 26 * KEYS_AN_OCTAVE;

function keyOf(count: number): number {
  if (count < EXACT_KEYS) return count;
  const octave = 31 - Math.clz32(count);
  const part = Math.floor((count / 2 ** octave - 1) * KEYS_AN_OCTAVE);
  return EXACT_KEYS + (octave - 6) * KEYS_AN_OCTAVE + part;
}

/** A count that stands for those with this key. */
function countOf(key: number): number {
  if (key < EXACT_KEYS) return key;
  const octave = 6 + Math.floor((key - EXACT_KEYS) / KEYS_AN_OCTAVE);
  return 2 ** octave * (1 + (((key - EXACT_KEYS) % KEYS_AN_OCTAVE) + 0.5) / KEYS_AN_OCTAVE);
}

/** Groups pages by their counts. The kernel `groupCounts` does the same. */
export function groupByCount(counts: Readonly<Uint32Array>): CountGroups {
  const groups = { pages: new Float64Array(KEYS), accesses: new Float64Array(KEYS) };
  for (let i = 0; i < counts.length; i++) {
    const key = keyOf(counts[i]);
    groups.pages[key]++;
    groups.accesses[key] += counts[i];
  }
  groups.pages[0] = 0;
  return groups;
}

/** What an LRU cache does where each access is drawn anew, each page with its own frequency. */
export interface FrequencyModel {
  /**
   * Of a sample of the pages: while that many distinct pages of all are accessed, how many distinct
   * ones of the sample are.
   */
  sampleFrames(sample: CountGroups): (frames: number) => number;
  /** Hits of all pages minus those of a sample over its rate, by the size of the cache. */
  lacking(sample: CountGroups, rate: number): (frames: number) => number;
}

/** Sizes of cache for which the model is solved; it is straight between them. */
const SOLVED = 128;

/**
 * The model of a trace with these counts. A page of which n in N accesses are is in the cache with
 * probability 1 - exp(-n t / N), where t, the time that pages stay, is such that the cache is full.
 *
 * Source: Che, Tung, Wang, "Hierarchical Web Caching Systems: Modeling, Design and Experimental
 * Results", IEEE JSAC 20 (7), 2002.
 */
export function createFrequencyModel(all: CountGroups, accesses: number): FrequencyModel {
  const keys = Array.from(all.pages.keys()).filter((key) => all.pages[key] > 0);
  const counts = keys.map(countOf);
  // From caches of about one page to those in which even a page with one access stays.
  const residency = Array.from({ length: SOLVED }, (_, i) => {
    const rate = (60 * accesses) ** (i / (SOLVED - 1)) / accesses;
    return residencyOf(counts, rate);
  });
  /** The sum of a column of groups, each weighed with its residency, for every size of cache. */
  const weighed = (column: (key: number) => number): number[] => {
    const values = keys.map(column);
    return residency.map((shares) => {
      let sum = 0;
      for (let i = 0; i < values.length; i++) sum += shares[i] * values[i];
      return sum;
    });
  };
  const distinct = ({ pages }: CountGroups): number[] => weighed((key) => pages[key]);
  // The first access to a page is no hit.
  const hits = ({ pages, accesses: total }: CountGroups): number[] =>
    weighed((key) => total[key] - pages[key]);
  const framesAt = distinct(all);
  const allHits = hits(all);
  return {
    sampleFrames(sample) {
      const sampleAt = distinct(sample);
      return (frames) => interpolate(framesAt, sampleAt, frames);
    },
    lacking(sample, rate) {
      const lacks = hits(sample).map((value, i) => allHits[i] - value / rate);
      return (frames) => interpolate(framesAt, lacks, frames);
    },
  };
}

/** The probability, by count, that a page is accessed again in the time that pages stay. */
function residencyOf(counts: readonly number[], rate: number): Float64Array {
  const shares = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++) shares[i] = 1 - Math.exp(-counts[i] * rate);
  return shares;
}

/** The value at x of straight lines through points with ascending x; level beyond them, 0 at 0. */
function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const after = xs.findIndex((at) => at >= x);
  if (after < 0) return ys.at(-1)!;
  const [x0, y0] = after === 0 ? [0, 0] : [xs[after - 1], ys[after - 1]];
  if (xs[after] === x0) return ys[after];
  return y0 + ((ys[after] - y0) * (x - x0)) / (xs[after] - x0);
}
