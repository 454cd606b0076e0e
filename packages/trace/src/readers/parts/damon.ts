import type { AccessTrace, SourceDeclaration } from '../../block.ts';
import type { TraceContent } from '../../source.ts';
import type { FormatOptions } from '../format.ts';
import { choosePageShift, regionBlocks } from './region-blocks.ts';
import type { RegionCount } from './region-count.ts';

/** One region of one DAMON snapshot: how many of the interval's samples found its page accessed. */
export interface DamonRegion {
  /** End of the aggregation interval in nanoseconds; and its beginning, where the record says. */
  readonly endTime: number;
  readonly startTime?: number;
  readonly start: number;
  readonly end: number;
  /** Samples that found an access; absent where DAMON did not know. */
  readonly accesses: number;
}

/**
 * The trace of a DAMON record: every page of a region is given the region's count, since DAMON
 * watches one page of each and takes it for all.
 *
 * Source: Linux Documentation/mm/damon/design.rst, "Region Based Sampling".
 */
export function damonTrace(
  content: TraceContent,
  options: FormatOptions,
  declaration: Pick<SourceDeclaration, 'format' | 'addressSpace'>,
  regions: (leftOut: Map<string, number>) => AsyncIterable<DamonRegion>,
): AccessTrace {
  const pageShift = choosePageShift(content.name, options);
  const leftOut = new Map<string, number>();
  return {
    declaration: {
      ...declaration,
      level: 'cpu',
      countedBy: 'region',
      clock: 'nanoseconds',
      clockHz: 1e9,
      pageShift,
      threads: false,
      writes: false,
    },
    leftOut,
    blocks() {
      leftOut.clear();
      return regionBlocks(content.name, counts(regions(leftOut)), pageShift, options);
    },
  };
}

async function* counts(regions: AsyncIterable<DamonRegion>): AsyncGenerator<RegionCount> {
  for await (const { startTime, endTime, start, end, accesses } of regions)
    yield {
      time: endTime,
      ...(startTime !== undefined && { startTime }),
      start,
      end,
      readsOfPage: () => accesses,
    };
}
