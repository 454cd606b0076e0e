import type { ExclusiveCache } from '@tierlab/policy';
import type { Engine } from './engine.ts';
import { CACHE_HAND, CACHE_PAGES, CACHE_SIZE } from './kernels/span.ts';

/**
 * The frames of a cache: which page each holds, and in which order they are taken. A page that moves
 * in takes the frame of the one that leaves, so that what only cached pages need is by frame.
 */
export interface CacheFrames {
  /** Frames in use. */
  readonly size: number;
  /**
   * By page. In the cache: its frame, plus 1. Else 0 if it never moved, when it was last demoted, plus
   * 1 and negative, or {@link ELSEWHERE}.
   */
  readonly place: Float64Array;
  /**
   * By frame: accesses that the promotion of its page has yet to see until it has paid; the highest
   * bit is set if the page was used since the hand last came by.
   */
  readonly owed: Uint32Array;
  /** By frame: when its page last moved, plus 1, negative for a demotion; 0 if it never moved. */
  readonly movedNs: Float64Array;
  /** Promoted pages that are not in the cache, as something else moved them. */
  readonly elsewhere: Map<number, Promotion>;
  /** Takes an access to a page that is in the cache. */
  use(page: number): void;
  /** Takes a page that is not in the cache; returns the page that leaves for it, or -1. */
  admit(page: number): number;
  /** Puts a page into a frame that was never used; in order of recency, it becomes the first one. */
  include(page: number, owes: number, lastMovedNs: number): void;
  /** Makes room for as many pages as the page table has. */
  makeRoom(): void;
  /** Tells the compiled loop where the columns are. */
  point(): void;
}

/** A promotion as the frame of its page would hold it. */
export interface Promotion {
  readonly owed: number;
  readonly movedNs: number;
}

/** Place of a page that is among {@link CacheFrames.elsewhere}. */
export const ELSEWHERE: number = -Infinity;

export const REFERENCED: number = 2 ** 31;

/** Pointer of the first column, in `assembly/state.ts`. */
const FIRST_POINTER = 15;
const OWED_POINTER = 26;

/** The order of the frames. */
interface Order {
  /** The frame that is taken next. */
  readonly next: () => number;
  /** A page has come into `frame`, which is the one taken or the next one that was never used. */
  readonly come: (frame: number, fresh: boolean) => void;
  readonly use: (frame: number) => void;
}

/** Frames without pages; `assembly/cache.ts` has the same compiled. */
export function createCacheFrames(
  { columns, span, pages }: Pick<Engine, 'columns' | 'span' | 'pages'>,
  { order: orderName, pages: wantedPages }: ExclusiveCache,
): CacheFrames {
  const capacity = Math.min(Math.max(1, wantedPages), 2 ** 31);
  let place = new Float64Array(0);
  /** In order of recency, two values a frame: the frame used next after it, the one used last before it; a ring. */
  let links = new Uint32Array(0);
  let pageIn = new Uint32Array(0);
  let owed = new Uint32Array(0);
  let movedNs = new Float64Array(0);
  const placeColumn = columns.add(Float64Array, 0, (view) => (place = view));
  const linkColumn = columns.add(Uint32Array, 0, (view) => (links = view));
  const frameColumns = [
    columns.add(Uint32Array, 0, (view) => (pageIn = view)),
    columns.add(Uint32Array, 0, (view) => (owed = view)),
    columns.add(Float64Array, 0, (view) => (movedNs = view)),
  ];
  span.registers[CACHE_PAGES] = capacity;
  const elsewhere = new Map<number, Promotion>();

  const recency: Order = {
    next: () => links[2 * span.registers[CACHE_HAND]],
    come(frame, fresh) {
      if (fresh && frame > 0) linkFirst(links, frame, span.registers[CACHE_HAND]);
      span.registers[CACHE_HAND] = frame;
    },
    use(frame) {
      const first = span.registers[CACHE_HAND];
      if (frame === first) return;
      span.registers[CACHE_HAND] = frame;
      // The last one is beside the first one already.
      if (links[2 * frame + 1] === first) return;
      links[2 * links[2 * frame] + 1] = links[2 * frame + 1];
      links[2 * links[2 * frame + 1]] = links[2 * frame];
      linkFirst(links, frame, first);
    },
  };

  const arrival: Order = {
    next: () => span.registers[CACHE_HAND],
    come(frame, fresh) {
      if (!fresh) span.registers[CACHE_HAND] = (frame + 1) % capacity;
    },
    use: () => {},
  };

  const secondChance: Order = {
    next() {
      let hand = span.registers[CACHE_HAND];
      while (owed[hand] >= REFERENCED) {
        owed[hand] -= REFERENCED;
        hand = (hand + 1) % capacity;
      }
      return hand;
    },
    come: arrival.come,
    use(frame) {
      if (owed[frame] < REFERENCED) owed[frame] += REFERENCED;
    },
  };

  const order = { recency, arrival, 'second-chance': secondChance }[orderName];

  /** The page of a frame leaves the cache; whether it also moves is not known yet. */
  const leave = (frame: number): number => {
    const page = pageIn[frame];
    place[page] = movedNs[frame];
    if (movedNs[frame] > 0) {
      elsewhere.set(page, { owed: owed[frame], movedNs: movedNs[frame] });
      place[page] = ELSEWHERE;
    }
    return page;
  };

  return {
    elsewhere,
    get size() {
      return span.registers[CACHE_SIZE];
    },
    get place() {
      return place;
    },
    get owed() {
      return owed;
    },
    get movedNs() {
      return movedNs;
    },
    use(page) {
      const frame = place[page] - 1;
      if (owed[frame] % REFERENCED > 0) owed[frame]--;
      order.use(frame);
    },
    admit(page) {
      const { registers } = span;
      const fresh = registers[CACHE_SIZE] < capacity;
      const frame = fresh ? registers[CACHE_SIZE]++ : order.next();
      const victim = fresh ? -1 : leave(frame);
      const promotion = elsewhere.get(page);
      elsewhere.delete(page);
      // The access that brings the page here is its hit, too.
      owed[frame] = Math.max(0, (promotion?.owed ?? 0) - 1);
      movedNs[frame] = promotion?.movedNs ?? place[page];
      pageIn[frame] = page;
      place[page] = frame + 1;
      order.come(frame, fresh);
      return victim;
    },
    include(page, owes, lastMovedNs) {
      const frame = span.registers[CACHE_SIZE]++;
      owed[frame] = owes;
      movedNs[frame] = lastMovedNs;
      pageIn[frame] = page;
      place[page] = frame + 1;
      order.come(frame, true);
    },
    makeRoom() {
      const known = pages.nodeOf.length;
      const frames = Math.min(capacity, known);
      if (place.length < known) columns.lengthen([placeColumn], known);
      if (owed.length >= frames) return;
      columns.lengthen(frameColumns, frames);
      if (orderName === 'recency') columns.lengthen([linkColumn], 2 * frames);
    },
    point() {
      columns.point(FIRST_POINTER, [links, place, pageIn]);
      columns.point(OWED_POINTER, [owed, movedNs]);
    },
  };
}

/** Puts a frame into the ring between the last one and the first. */
function linkFirst(links: Uint32Array, frame: number, first: number): void {
  const last = links[2 * first];
  links[2 * frame] = last;
  links[2 * frame + 1] = first;
  links[2 * last + 1] = frame;
  links[2 * first] = frame;
}
