/** A count taken for a whole region of memory in one interval. */
export interface RegionCount {
  /** End of the interval, in ticks of the trace's clock; and its beginning, where the source says. */
  readonly time: number;
  readonly startTime?: number;
  /** First byte, and the byte after the last. */
  readonly start: number;
  readonly end: number;
  /** What each page of the region is given: the reads, and the writes, counted for it. */
  readonly readsOfPage: (page: number, pages: number) => number;
  readonly writesOfPage?: (page: number, pages: number) => number;
}
