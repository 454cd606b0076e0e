import type { Engine } from './engine.ts';
import { CACHE_SIZE, LOG_END, LOG_LENGTH, LOG_LISTED, LOG_START } from './kernels/span.ts';

/**
 * The order of recency: a ring of uses, each the number of its page. The ring has {@link GENERATIONS} generations, and a
 * page knows the one of its last use. When the oldest generation is all that can be left next it is listed: those of its
 * uses that are the last of their pages move to its end, and their pages are marked. A listed use is stale where its
 * page's generation is another one since. `assembly/cache-log.ts` has the same compiled.
 */
export interface CacheLog {
  /** The page that was used longest ago, which leaves. */
  next(): number;
  /** Notes a use of a page; returns its generation. */
  note(page: number): number;
  /** The pages in the cache, the one used longest ago first. */
  inOrder(): Uint32Array;
  /** Begins anew with these pages in a ring of `length` uses. */
  begin(inOrder: Uint32Array, length: number): void;
  /** Drops the uses of pages that were used again, where the next one has no room. */
  makeRoom(): void;
}

/** The columns that the log shares with the rest of its cache. */
export interface LogColumns {
  /** By use its page; behind the ring, by generation, the first use of it that is listed. */
  resident: Uint32Array;
  /** By page; the low bits are its generation, counted from 1, with {@link LISTED}; 0 where it is not in the cache. */
  standing: Uint32Array;
}

/** Words behind the ring, too. */
export const GENERATIONS = 16;
const GENERATION_MASK = 0x3f;
const LISTED = 0x20;

/** The log of a cache without pages. */
export function createCacheLog({ span }: Pick<Engine, 'span'>, columns: LogColumns): CacheLog {
  const lengthNow = (): number => span.registers[LOG_LENGTH];
  const usesOfGeneration = (): number => lengthNow() / GENERATIONS;
  const slotOf = (use: number): number => use % lengthNow();
  const generationOf = (use: number): number => Math.floor(slotOf(use) / usesOfGeneration()) + 1;
  const generationOfPage = (page: number): number => columns.standing[page] & GENERATION_MASK;
  const setGeneration = (page: number, generation: number): void => {
    columns.standing[page] += generation - generationOfPage(page);
  };
  /** Where the first listed use of a generation is told. */
  const topOf = (use: number): number => lengthNow() + generationOf(use) - 1;

  /** Lists the oldest generation that is not listed yet; returns the first use of it that is. */
  const listNext = (): number => {
    const { registers } = span;
    const first = registers[LOG_LISTED];
    const rest = usesOfGeneration() - (first % usesOfGeneration());
    const count = Math.min(rest, (registers[LOG_END] - first) >>> 0);
    const generation = generationOf(first);
    let kept = count;
    for (let k = count - 1; k >= 0; k--) {
      const page = columns.resident[slotOf(first + k)];
      if (generationOfPage(page) !== generation) continue;
      setGeneration(page, generation + LISTED);
      columns.resident[slotOf(first + --kept)] = page;
    }
    columns.resident[topOf(first)] = (first + kept) >>> 0;
    registers[LOG_LISTED] = (first + count) >>> 0;
    return (first + kept) >>> 0;
  };

  const inOrder = (): Uint32Array => {
    const { registers } = span;
    const { resident, standing } = columns;
    const mask = registers[LOG_LENGTH] - 1;
    const pages = new Uint32Array(registers[CACHE_SIZE]);
    const seen = new Uint8Array(standing.length);
    let left = pages.length;
    for (let use = registers[LOG_END]; left > 0;) {
      use = (use - 1) >>> 0;
      const page = resident[use & mask];
      if (generationOfPage(page) === 0 || seen[page] === 1) continue;
      seen[page] = 1;
      pages[--left] = page;
    }
    return pages;
  };

  const begin: CacheLog['begin'] = (pages, length) => {
    const { registers } = span;
    registers[LOG_LENGTH] = length;
    const uses = usesOfGeneration();
    const end = Math.ceil(pages.length / uses) * uses;
    registers[LOG_START] = end - pages.length;
    registers[LOG_LISTED] = end;
    registers[LOG_END] = end;
    const { resident, standing } = columns;
    for (let use = 0; use < length; use += uses) resident[topOf(use)] = use;
    resident.set(pages, end - pages.length);
    for (let use = end - pages.length; use < end; use++) {
      const page = resident[use];
      const generation = Math.floor(use / uses) + 1;
      standing[page] = (standing[page] & ~GENERATION_MASK) | generation | LISTED;
    }
  };

  /** The first listed use from `from` on; lists the next generation where there is none. */
  const nextListed = (from: number): number => {
    const { registers } = span;
    let use = from;
    while (use === registers[LOG_LISTED] || use % usesOfGeneration() === 0) {
      const first = use;
      use = first === registers[LOG_LISTED] ? listNext() : columns.resident[topOf(first)];
      const isNone = use === registers[LOG_LISTED] || use % usesOfGeneration() === 0;
      if (use === first || !isNone) break;
    }
    return use;
  };

  return {
    next() {
      for (let use = span.registers[LOG_START]; ;) {
        use = nextListed(use);
        const page = columns.resident[slotOf(use)];
        const wanted = generationOf(use) + LISTED;
        use = (use + 1) >>> 0;
        span.registers[LOG_START] = use;
        if (generationOfPage(page) === wanted) return page;
      }
    },
    note(page) {
      const { registers } = span;
      const use = registers[LOG_END];
      columns.resident[slotOf(use)] = page;
      registers[LOG_END] = (use + 1) >>> 0;
      return generationOf(use);
    },
    inOrder,
    begin,
    makeRoom() {
      const { registers } = span;
      const first = registers[LOG_START] - (registers[LOG_START] % usesOfGeneration());
      if ((registers[LOG_END] + 1 - first) >>> 0 > lengthNow()) begin(inOrder(), lengthNow());
    },
  };
}
