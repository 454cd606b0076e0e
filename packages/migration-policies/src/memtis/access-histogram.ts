import { widen } from '../cache/page-list.ts';

/** Bins of the histogram: 15 holds whatever is beyond. */
export const BINS = 16;

/**
 * Access counts of pages that halve at each cooling, and how many base pages have how many accesses.
 *
 * A page is cooled when it is next looked at, and is in no bin between a cooling and that moment.
 * Source: cosmoss-jigu/memtis, linux/mm/htmm_core.c: get_idx, check_base_cooling, update_base_page, __cooling.
 */
export interface AccessHistogram {
  /** A new page with `accesses`; it counts as `basePages` in its bin. */
  add(page: number, accesses: number, basePages: number): void;
  /** Adds `accesses` to those of a page that was added, and returns its bin. */
  count(page: number, accesses: number): number;
  /** The bin of a page, which is cooled now. */
  binOf(page: number): number;
  /** Halves every count, and empties the bins until pages are looked at again. */
  cool(): void;
  /** The lowest bin such that the pages of it and of those above are at most `basePages`, and how many they are. */
  hottest(basePages: number): { readonly bin: number; readonly pages: number };
}

export function createAccessHistogram(): AccessHistogram {
  let counts = new Uint32Array(1024);
  let cooledAt = new Uint32Array(1024);
  let sizes = new Uint32Array(1024);
  const bins = new Float64Array(BINS);
  let clock = 0;

  const binOfCount = (accesses: number): number =>
    Math.min(BINS - 1, 31 - Math.clz32(accesses + 1));

  const settle = (page: number): void => {
    const missed = clock - cooledAt[page];
    if (missed === 0) return;
    counts[page] >>>= Math.min(31, missed);
    cooledAt[page] = clock;
    bins[binOfCount(counts[page])] += sizes[page];
  };

  return {
    add(page, accesses, basePages) {
      if (page >= counts.length) {
        const length = Math.max(page + 1, counts.length * 2);
        counts = widen(counts, new Uint32Array(length));
        cooledAt = widen(cooledAt, new Uint32Array(length));
        sizes = widen(sizes, new Uint32Array(length));
      }
      counts[page] = accesses;
      cooledAt[page] = clock;
      sizes[page] = basePages;
      bins[binOfCount(accesses)] += basePages;
    },
    count(page, accesses) {
      settle(page);
      const before = binOfCount(counts[page]);
      counts[page] = Math.min(2 ** 31, counts[page] + accesses);
      const after = binOfCount(counts[page]);
      bins[before] -= sizes[page];
      bins[after] += sizes[page];
      return after;
    },
    binOf(page) {
      settle(page);
      return binOfCount(counts[page]);
    },
    cool() {
      bins.fill(0);
      clock++;
    },
    hottest(basePages) {
      let pages = 0;
      let bin = BINS - 1;
      while (bin >= 0 && pages + bins[bin] <= basePages) pages += bins[bin--];
      // As in the source, a last bin that alone is too much stays the threshold.
      return { bin: bin === BINS - 1 ? bin : bin + 1, pages };
    },
  };
}
