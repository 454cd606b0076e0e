import type { Interval } from '../../block.ts';
import type { RegionCount } from './region-count.ts';

/** A region with the interval that it was counted in, the same object for all regions of one. */
export interface CountedRegion {
  readonly region: RegionCount;
  readonly interval: Interval;
}

/** Regions of a first interval that are kept until the second tells how long it was. */
const REGIONS_KEPT = 1 << 18;

/**
 * The regions with their intervals, which follow one another without overlap.
 *
 * An interval whose beginning is not told begins where the one before it ended, and the first is as long as the second; one
 * that has no neighbour is a moment. A time that steps back belongs to the interval at hand.
 */
export async function* inIntervals(
  regions: AsyncIterable<RegionCount>,
): AsyncGenerator<CountedRegion> {
  let interval: Interval | undefined;
  /** Regions of the first interval as long as nothing says when it began, and when it ended. */
  let first: RegionCount[] = [];
  let firstEnd = 0;
  for await (const region of regions) {
    const { time: endTime, startTime } = region;
    if (interval === undefined && startTime === undefined) {
      if (first.length === 0) firstEnd = endTime;
      if (endTime <= firstEnd && first.length < REGIONS_KEPT) {
        first.push(region);
        continue;
      }
    }
    if (first.length > 0) {
      const length = Math.max(0, endTime - firstEnd);
      interval = { startTime: Math.max(0, firstEnd - length), endTime: firstEnd };
      for (const kept of first) yield { region: kept, interval };
      first = [];
    }
    if (interval === undefined || endTime > interval.endTime) {
      const before: number = interval?.endTime ?? -Infinity;
      interval = { startTime: Math.max(startTime ?? before, before), endTime };
    }
    yield { region, interval };
  }
  const moment = { startTime: firstEnd, endTime: firstEnd };
  for (const kept of first) yield { region: kept, interval: moment };
}
