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
  /** What the promotion of the page in `frame` has yet to see of accesses until it has paid. */
  owed(frame: number): number;
  /** The date of the last move of the page in `frame`, 0 if it never moved. */
  moved(frame: number): number;
  /** Sets both. */
  setMove(frame: number, owed: number, date: number): void;
  /** Promoted pages that are not in the cache, as something else moved them. */
  readonly elsewhere: Map<number, Promotion>;
  /** Whether a page is in the cache. */
  holds(page: number): boolean;
  /** Takes an access to a page that is in the cache. */
  use(page: number): void;
  /** Takes a page that is not in the cache; returns the page that leaves for it, or -1. */
  admit(page: number): number;
  /** Puts a page into a frame that was never used; in order of recency, it becomes the first one. */
  include(page: number, owing: number, date: number): void;
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

/** Bit of what a frame owes: its page was used since the hand last came by. */
const REFERENCED: number = 2 ** 31;
export const DEMOTED: number = 2 ** 31;
/** Place of a page that is among {@link CacheFrames.elsewhere}. */
export const ELSEWHERE: number = 2 ** 32 - 1;

/** Entries of the log whose bits the compiled loop takes as one. */
const WORD = 64;
/**
 * A group of accesses of the compiled loop fits behind the uses of as many frames as fill half of the log; and a small
 * cache seldom has its stale entries dropped.
 */
const LOG_MIN = 128 * WORD;

/** Pointers of the columns, in `assembly/state.ts`. */
const FIRST_POINTER = 15;
const NEXT_POINTER = 26;

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
  const inRecency = orderName === 'recency';
  let place = new Uint32Array(0);
  /** Two values a frame: its page, and the date of its page's last move. What only misses need is apart from what hits need. */
  let residents = new Uint32Array(0);
  /**
   * By frame: what {@link CacheFrames.owed} says, and {@link REFERENCED}. In order of recency a second value follows: when
   * the frame was used last, which is that use's place in the log.
   */
  let owed = new Uint32Array(0);
  const owedFields = inRecency ? 2 : 1;
  /**
   * In order of recency: the frame of each use, a ring whose length is a power of two. An entry is stale once its
   * frame was used again; the first one that is not is of the frame unused longest.
   */
  let log = new Uint32Array(0);
  /** A bit for each entry of the log, clear where that is stale; all bits of a word are set when its first entry is written. */
  let live = new Uint8Array(0);
  const placeColumn = columns.add(Uint32Array, 0, (view) => (place = view));
  const residentsColumn = columns.add(Uint32Array, 0, (view) => (residents = view));
  const owedColumn = columns.add(Uint32Array, 0, (view) => (owed = view));
  const logColumn = columns.add(Uint32Array, 0, (view) => (log = view));
  const liveColumn = columns.add(Uint8Array, 0, (view) => (live = view));
  span.registers[CACHE_PAGES] = capacity;
  const elsewhere = new Map<number, Promotion>();

  const usedAt = (frame: number): number => owed[2 * frame + 1];

  /** The frames in the order of their last uses. */
  const framesByUse = (): Uint32Array => {
    const { registers } = span;
    const inOrder = new Uint32Array(registers[CACHE_SIZE]);
    let count = 0;
    for (let use = registers[LOG_START]; use !== registers[LOG_END]; use = (use + 1) >>> 0) {
      const frame = log[use & (log.length - 1)];
      if (usedAt(frame) === use) inOrder[count++] = frame;
    }
    return inOrder.subarray(0, count);
  };

  const writeLog = (inOrder: Uint32Array): void => {
    log.set(inOrder);
    inOrder.forEach((frame, use) => (owed[2 * frame + 1] = use));
    live.fill(0xff);
    span.registers[LOG_START] = 0;
    span.registers[LOG_END] = inOrder.length;
    span.registers[LOG_LENGTH] = log.length;
  };

  /** Writes a use of `frame` to the log; it is the first one where the frame is fresh. */
  const noteUse = (frame: number, fresh: boolean): void => {
    const { registers } = span;
    const mask = log.length - 1;
    const length = (registers[LOG_END] - registers[LOG_START]) >>> 0;
    if (length > mask - WORD) writeLog(framesByUse());
    if (!fresh) live[(usedAt(frame) & mask) >>> 3] &= ~(1 << (usedAt(frame) & 7));
    const use = registers[LOG_END];
    const at = use & mask;
    if (at % WORD === 0) live.fill(0xff, at / 8, (at + WORD) / 8);
    log[at] = frame;
    owed[2 * frame + 1] = use;
    registers[LOG_END] = (use + 1) >>> 0;
  };

  const recency: Order = {
    next() {
      const { registers } = span;
      for (;;) {
        const use = registers[LOG_START];
        const frame = log[use & (log.length - 1)];
        if (usedAt(frame) === use) return frame;
        registers[LOG_START] = (use + 1) >>> 0;
      }
    },
    come: noteUse,
    use: (frame) => noteUse(frame, false),
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

  const holds = (page: number): boolean => place[page] > 0 && place[page] < DEMOTED;
  const owedBy = (frame: number): number => owed[owedFields * frame] % REFERENCED;

  /** The page of a frame leaves the cache; whether it also moves is not known yet. */
  const leave = (frame: number): number => {
    const [page, date] = residents.subarray(2 * frame);
    const promoted = date > 0 && date < DEMOTED;
    if (promoted) elsewhere.set(page, { owed: owedBy(frame), date });
    place[page] = promoted ? ELSEWHERE : date;
    return page;
  };

  const fill = (frame: number, page: number, owing: number, date: number): void => {
    owed[owedFields * frame] = owing;
    residents[2 * frame] = page;
    residents[2 * frame + 1] = date;
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
    owed: owedBy,
    moved: (frame) => residents[2 * frame + 1],
    setMove(frame, owing, date) {
      owed[owedFields * frame] += owing - owedBy(frame);
      residents[2 * frame + 1] = date;
    },
    holds,
    use(page) {
      const frame = place[page] - 1;
      if (owedBy(frame) > 0) owed[owedFields * frame]--;
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
      const owing = Math.max(0, (promotion?.owed ?? 0) - 1);
      fill(frame, page, owing, promotion?.date ?? place[page]);
      order.come(frame, fresh);
      return victim;
    },
    include(page, owing, date) {
      const frame = span.registers[CACHE_SIZE]++;
      fill(frame, page, owing, date);
      order.come(frame, true);
    },
    makeRoom() {
      const known = pages.nodeOf.length;
      const wanted = Math.min(capacity, known);
      if (place.length < known) columns.lengthen([placeColumn], known);
      if (residents.length >= 2 * wanted) return;
      columns.lengthen([residentsColumn], 2 * wanted);
      columns.lengthen([owedColumn], owedFields * wanted);
      if (!inRecency) return;
      const inOrder = framesByUse();
      const logLength = Math.max(LOG_MIN, 2 ** Math.ceil(Math.log2(2 * wanted)));
      columns.lengthen([logColumn], logLength);
      columns.lengthen([liveColumn], logLength / 8);
      writeLog(inOrder);
    },
    point() {
      columns.point(FIRST_POINTER, [log, place, owed]);
      columns.point(NEXT_POINTER, [residents, live]);
    },
  };
}
