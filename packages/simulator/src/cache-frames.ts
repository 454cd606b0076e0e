import type { ExclusiveCache } from '@tierlab/policy';
import type { Engine } from './engine.ts';
import {
  CACHE_HAND,
  CACHE_PAGES,
  CACHE_SIZE,
  LOG_END,
  LOG_LENGTH,
  LOG_START,
} from './kernels/span.ts';

/**
 * The frames of a cache: which page each holds, and in which order they are taken. A page that moves
 * in takes the frame of the one that leaves, so that what only cached pages need is by frame.
 */
export interface CacheFrames {
  /** Frames in use. */
  readonly size: number;
  /**
   * By page. In the cache: its frame, plus 1. Else 0 if it never moved, the date of its demotion, or {@link ELSEWHERE}.
   *
   * A date is the steps since `DATE_BASE`, from 1 on, with {@link DEMOTED} set if it is of a demotion.
   */
  readonly place: Uint32Array;
  /** Four values a frame, by `FRAME_*`. */
  readonly frames: Uint32Array;
  /** Promoted pages that are not in the cache, as something else moved them. */
  readonly elsewhere: Map<number, Promotion>;
  /** Whether a page is in the cache. */
  holds(page: number): boolean;
  /** Takes an access to a page that is in the cache. */
  use(page: number): void;
  /** Takes a page that is not in the cache; returns the page that leaves for it, or -1. */
  admit(page: number): number;
  /** Puts a page into a frame that was never used; in order of recency, it becomes the first one. */
  include(page: number, owed: number, date: number): void;
  /** Makes room for as many pages as the page table has. */
  makeRoom(): void;
  /** Tells the compiled loop where the columns are. */
  point(): void;
}

/** A promotion as the frame of its page would hold it. */
export interface Promotion {
  readonly owed: number;
  readonly date: number;
}

/** In order of recency, when the frame was used last: the use's place in the log of uses. */
const FRAME_USED_AT = 0;
/**
 * Accesses that the promotion of its page has yet to see until it has paid, and {@link REFERENCED}.
 */
export const FRAME_OWED = 1;
const FRAME_PAGE = 2;
/** Date of its page's last move, 0 if it never moved. */
export const FRAME_MOVED = 3;
export const FRAME_FIELDS = 4;

/** Its page was used since the hand last came by. */
export const REFERENCED: number = 2 ** 31;
export const DEMOTED: number = 2 ** 31;
/** Place of a page that is among {@link CacheFrames.elsewhere}. */
export const ELSEWHERE: number = 2 ** 32 - 1;

/** A group of accesses of the compiled loop fits behind the uses of as many frames as fill half of the log. */
const LOG_MIN = 128;

/** Pointer of the first column, in `assembly/state.ts`. */
const FIRST_POINTER = 15;

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
  const capacity = Math.min(Math.max(1, wantedPages), 2 ** 31 - 2);
  let place = new Uint32Array(0);
  let frames = new Uint32Array(0);
  /**
   * In order of recency: the frame of each use, a ring whose length is a power of two. An entry is stale once its
   * frame was used again; the first one that is not is of the frame unused longest.
   */
  let log = new Uint32Array(0);
  const placeColumn = columns.add(Uint32Array, 0, (view) => (place = view));
  const frameColumn = columns.add(Uint32Array, 0, (view) => (frames = view));
  const logColumn = columns.add(Uint32Array, 0, (view) => (log = view));
  span.registers[CACHE_PAGES] = capacity;
  const elsewhere = new Map<number, Promotion>();

  /** The frames in the order of their last uses. */
  const framesByUse = (): Uint32Array => {
    const { registers } = span;
    const live = new Uint32Array(registers[CACHE_SIZE]);
    let count = 0;
    for (let use = registers[LOG_START]; use !== registers[LOG_END]; use = (use + 1) >>> 0) {
      const frame = log[use & (log.length - 1)];
      if (frames[FRAME_FIELDS * frame + FRAME_USED_AT] === use) live[count++] = frame;
    }
    return live.subarray(0, count);
  };

  const writeLog = (inOrder: Uint32Array): void => {
    log.set(inOrder);
    inOrder.forEach((frame, use) => (frames[FRAME_FIELDS * frame + FRAME_USED_AT] = use));
    span.registers[LOG_START] = 0;
    span.registers[LOG_END] = inOrder.length;
    span.registers[LOG_LENGTH] = log.length;
  };

  const noteUse = (frame: number): void => {
    const { registers } = span;
    if ((registers[LOG_END] - registers[LOG_START]) >>> 0 === log.length) writeLog(framesByUse());
    const use = registers[LOG_END];
    log[use & (log.length - 1)] = frame;
    frames[FRAME_FIELDS * frame + FRAME_USED_AT] = use;
    registers[LOG_END] = (use + 1) >>> 0;
  };

  const recency: Order = {
    next() {
      const { registers } = span;
      for (;;) {
        const use = registers[LOG_START];
        const frame = log[use & (log.length - 1)];
        if (frames[FRAME_FIELDS * frame + FRAME_USED_AT] === use) return frame;
        registers[LOG_START] = (use + 1) >>> 0;
      }
    },
    come: noteUse,
    use: noteUse,
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
      while (frames[FRAME_FIELDS * hand + FRAME_OWED] >= REFERENCED) {
        frames[FRAME_FIELDS * hand + FRAME_OWED] -= REFERENCED;
        hand = (hand + 1) % capacity;
      }
      return hand;
    },
    come: arrival.come,
    use(frame) {
      const at = FRAME_FIELDS * frame + FRAME_OWED;
      if (frames[at] < REFERENCED) frames[at] += REFERENCED;
    },
  };

  const order = { recency, arrival, 'second-chance': secondChance }[orderName];

  const holds = (page: number): boolean => place[page] > 0 && place[page] < DEMOTED;

  /** The page of a frame leaves the cache; whether it also moves is not known yet. */
  const leave = (frame: number): number => {
    const at = FRAME_FIELDS * frame;
    const page = frames[at + FRAME_PAGE];
    const date = frames[at + FRAME_MOVED];
    const promoted = date > 0 && date < DEMOTED;
    if (promoted) elsewhere.set(page, { owed: frames[at + FRAME_OWED] % REFERENCED, date });
    place[page] = promoted ? ELSEWHERE : date;
    return page;
  };

  const fill = (frame: number, page: number, owed: number, date: number): void => {
    const at = FRAME_FIELDS * frame;
    frames[at + FRAME_OWED] = owed;
    frames[at + FRAME_PAGE] = page;
    frames[at + FRAME_MOVED] = date;
    place[page] = frame + 1;
  };

  return {
    elsewhere,
    get size() {
      return span.registers[CACHE_SIZE];
    },
    get place() {
      return place;
    },
    get frames() {
      return frames;
    },
    holds,
    use(page) {
      const frame = place[page] - 1;
      const at = FRAME_FIELDS * frame + FRAME_OWED;
      if (frames[at] % REFERENCED > 0) frames[at]--;
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
      const owed = Math.max(0, (promotion?.owed ?? 0) - 1);
      fill(frame, page, owed, promotion?.date ?? place[page]);
      order.come(frame, fresh);
      return victim;
    },
    include(page, owed, date) {
      const frame = span.registers[CACHE_SIZE]++;
      fill(frame, page, owed, date);
      order.come(frame, true);
    },
    makeRoom() {
      const known = pages.nodeOf.length;
      const wanted = Math.min(capacity, known);
      if (place.length < known) columns.lengthen([placeColumn], known);
      if (frames.length >= FRAME_FIELDS * wanted) return;
      columns.lengthen([frameColumn], FRAME_FIELDS * wanted);
      if (orderName !== 'recency') return;
      const inOrder = framesByUse();
      columns.lengthen([logColumn], Math.max(LOG_MIN, 2 ** Math.ceil(Math.log2(2 * wanted))));
      writeLog(inOrder);
    },
    point() {
      columns.point(FIRST_POINTER, [log, place, frames]);
    },
  };
}
