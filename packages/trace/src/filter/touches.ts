import type { TouchInterval } from '../block.ts';

/** Gathers the pages that each interval of `interval` ticks touches. */
export interface TouchCollector {
  /** Notes an access to a page; gives the interval that it closes, if it is the first of another. */
  touch(page: number, time: number): TouchInterval | undefined;
  /** The interval at hand, if anything was touched in it. */
  end(): TouchInterval | undefined;
}

/**
 * A collector that shows pages by the ids of `idOf`; an `interval` of 0 gathers nothing.
 * An interval without any touch is not told.
 */
export function createTouchCollector(
  interval: number,
  idOf: (page: number) => number,
): TouchCollector {
  // Number plus one of the last interval that touched a page.
  let lastOf = new Uint32Array(1024);
  let ids: number[] = [];
  let current = -1;
  let endTime = -Infinity;
  const close = (): TouchInterval | undefined => {
    if (ids.length === 0) return undefined;
    const page = Uint32Array.from(ids).sort();
    ids = [];
    return { startTime: current * interval, endTime: (current + 1) * interval, page };
  };
  return {
    touch(page, time) {
      if (interval === 0) return undefined;
      let closed: TouchInterval | undefined;
      if (time >= endTime) {
        closed = close();
        current = Math.floor(time / interval);
        endTime = (current + 1) * interval;
      }
      if (page >= lastOf.length) {
        const grown = new Uint32Array(2 * (page + 1));
        grown.set(lastOf);
        lastOf = grown;
      }
      if (lastOf[page] !== current + 1) {
        lastOf[page] = current + 1;
        ids.push(idOf(page));
      }
      return closed;
    },
    end: close,
  };
}
