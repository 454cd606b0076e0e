import type { TouchInterval } from '../../block.ts';

/** Gathers the pages that each snapshot of a source that counts found accessed. */
export interface RegionTouches {
  /** The regions that follow are of the interval that ends at `endTime`; where it began, if the source says. */
  begin(endTime: number, startTime: number | undefined): void;
  /** Notes that a page was found accessed in it. */
  touch(page: number): void;
  /** The intervals that have ended since the last call; `all` ends the last one too. */
  take(all?: boolean): TouchInterval[];
}

/** Pages gathered before they are handed on, in a part of their interval. */
const PART_PAGES = 1 << 18;

/**
 * A gatherer of touches. An interval whose beginning is not told begins where the one before it ended, and the first is
 * as long as the second; one that has no neighbour is a moment. A time that steps back belongs to the interval at hand.
 */
export function createRegionTouches(): RegionTouches {
  let ended: TouchInterval[] = [];
  /** Parts of the first interval, until the second tells how long it is. */
  let first: Uint32Array[] = [];
  let firstEnd = 0;
  let start: number | undefined;
  let end: number | undefined;
  let pages: number[] = [];

  const close = (): void => {
    if (pages.length === 0) return;
    const page = ascending(pages);
    pages = [];
    if (start !== undefined) ended.push({ startTime: start, endTime: end!, page });
    else first.push(page);
  };
  const endFirst = (startTime: number): void => {
    ended = [...first.map((page) => ({ startTime, endTime: firstEnd, page })), ...ended];
    first = [];
  };
  return {
    begin(endTime, startTime) {
      if (end !== undefined && endTime <= end) return;
      close();
      if (first.length > 0) endFirst(2 * firstEnd - endTime);
      start = startTime ?? end;
      if (end === undefined) firstEnd = endTime;
      end = endTime;
    },
    touch(page) {
      pages.push(page);
      if (pages.length >= PART_PAGES) close();
    },
    take(all = false) {
      if (all) {
        close();
        endFirst(firstEnd);
      }
      const taken = ended;
      ended = [];
      return taken;
    },
  };
}

function ascending(pages: readonly number[]): Uint32Array {
  const sorted = Uint32Array.from(pages).sort();
  return sorted.filter((page, i) => i === 0 || page !== sorted[i - 1]);
}
