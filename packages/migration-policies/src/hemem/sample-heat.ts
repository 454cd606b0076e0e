import { widen } from '../cache/page-list.ts';

/** When a page is hot, and when counts are halved. */
export interface HeatThresholds {
  readonly hot_read_threshold: number;
  readonly hot_write_threshold: number;
  readonly cooling_threshold: number;
}

/** Sampled loads and stores of each page, which halve once for every tick of a common clock. */
export interface SampleHeat {
  /** Counts a sample; whether the page is hot by its counts as they stand. */
  add(page: number, write: boolean): boolean;
  /** Brings the counts of `page` up to the clock, which ticks where the count just sampled is past the threshold. */
  settle(page: number, write: boolean): void;
  /** Whether `page` is hot by the counts that it would have if they were up to the clock. */
  isHot(page: number): boolean;
  clock(): number;
  show(page: number): string;
}

export function createSampleHeat(thresholds: HeatThresholds): SampleHeat {
  const { hot_read_threshold, hot_write_threshold, cooling_threshold } = thresholds;
  let reads = new Uint32Array(1024);
  let writes = new Uint32Array(1024);
  let settledAt = new Uint32Array(1024);
  let clock = 0;
  const makeRoom = (page: number): void => {
    const length = Math.max(page + 1, reads.length * 2);
    reads = widen(reads, new Uint32Array(length));
    writes = widen(writes, new Uint32Array(length));
    settledAt = widen(settledAt, new Uint32Array(length));
  };
  const isHotWith = (readCount: number, writeCount: number): boolean =>
    readCount >= hot_read_threshold || writeCount >= hot_write_threshold;
  /** A shift by 32 and more would be a shift by less. */
  const missedTicks = (page: number): number => Math.min(31, clock - settledAt[page]);
  return {
    add(page, write) {
      if (page >= reads.length) makeRoom(page);
      (write ? writes : reads)[page]++;
      return isHotWith(reads[page], writes[page]);
    },
    settle(page, write) {
      const ticks = missedTicks(page);
      reads[page] >>>= ticks;
      writes[page] >>>= ticks;
      settledAt[page] = clock;
      if ((write ? writes : reads)[page] > cooling_threshold) clock++;
    },
    isHot(page) {
      if (page >= reads.length) return false;
      const ticks = missedTicks(page);
      return isHotWith(reads[page] >>> ticks, writes[page] >>> ticks);
    },
    clock: () => clock,
    show: (page) => `${reads[page]} sampled loads and ${writes[page]} stores`,
  };
}
