/**
 * A block of memory accesses as columns: what every reader yields and every consumer takes.
 *
 * The columns are borrowed until the next block is asked for, and may be longer than `length`;
 * only the first `length` entries are valid.
 */
export interface AccessBlock {
  /** Accesses in this block, at most {@link BLOCK_ACCESSES}. */
  readonly length: number;
  /** Dense page id, numbered from 0 in the order of first touch; length `length`. */
  readonly page: Uint32Array;
  /** 1 where the access writes, else 0. */
  readonly write: Uint8Array;
  /** Absolute time in ticks of the declared clock, never decreasing; absent where the source has no clock. */
  readonly time?: Float64Array;
  /** 64-byte line inside the page, 0 to 63. */
  readonly line?: Uint8Array;
  /** Dense thread id, numbered from 0 in the order of appearance. */
  readonly thread?: Uint16Array;
  /**
   * Accesses that this record stands for, where the source is sampled or counted; 0 says that the
   * page exists and no access to it is known. Absent: 1 each.
   */
  readonly weight?: Uint32Array;
  /**
   * Where the source is a histogram, the interval that this block counts: `page[i]` had `weight[i]` accesses at
   * unknown moments of it. `time`, if present, is `startTime` throughout.
   */
  readonly interval?: Interval;
  /** Id of the first page that appears for the first time in this block, in an access or in `touches`. */
  readonly newPageFirst: number;
  /**
   * Page number (address >> pageShift) of page `newPageFirst + i`; its length is the number of new
   * pages. Exact to 2^53; an object id beyond it is rounded here, while ids keep such objects apart.
   */
  readonly newPageNumber: Float64Array;
  /** Pages touched before the cache, by interval, where the source keeps them beside the misses. */
  readonly touches?: readonly TouchInterval[];
}

/** The interval [`startTime`, `endTime`) of the declared clock. */
export interface Interval {
  readonly startTime: number;
  readonly endTime: number;
}

/** The pages touched in an interval, each once and in ascending order. */
export interface TouchInterval extends Interval {
  readonly page: Uint32Array;
}

/** Accesses in a full block. */
export const BLOCK_ACCESSES = 65_536;

/** What a source carries, so that a report can say what its numbers stand on. */
export interface SourceDeclaration {
  /** Name of the format in the registry, e.g. `lackey`. */
  readonly format: string;
  /** `cpu`: every load and store. `memory`: what missed the last-level cache. */
  readonly level: 'cpu' | 'memory';
  /** Events per record where the source is sampled; absent where it is whole. */
  readonly samplePeriod?: number;
  /**
   * `page`: each record is a count of one page in one interval. `region`: the count was taken for a
   * region and each of its pages is given it. Absent: each record is an access.
   */
  readonly countedBy?: 'page' | 'region';
  readonly addressSpace: 'virtual' | 'physical' | 'object';
  /** Processes, the page numbers of number k from k times `PROCESS_STRIDE` on; absent: one. */
  readonly processes?: number;
  readonly clock: 'instructions' | 'nanoseconds' | 'cycles' | 'accesses';
  /** Ticks per second, where known. */
  readonly clockHz?: number;
  /** log2 of the page size in bytes. */
  readonly pageShift: number;
  readonly threads: boolean;
  readonly writes: boolean;
}

/** A trace: its declaration, and its blocks in order. A trace is streamed, never held. */
export interface AccessTrace {
  readonly declaration: SourceDeclaration;
  /**
   * What the source holds and the blocks do not, by reason, e.g. `sample without an address`: a
   * count that is whole once the blocks have been read. Absent where nothing is left out.
   */
  readonly leftOut?: ReadonlyMap<string, number>;
  /** What else its file says of it, by name: program, host, filter, whatever its maker wrote. */
  readonly about?: Readonly<Record<string, unknown>>;
  blocks(): AsyncIterable<AccessBlock>;
}
