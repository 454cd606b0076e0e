import { NO_NODE } from '@tierlab/policy';
import type { ExclusiveCache } from '@tierlab/policy';
import type { Engine } from './engine.ts';
import {
  CACHE_HAND,
  CACHE_HOME,
  CACHE_PAGES,
  CACHE_SIZE,
  LOG_END,
  LOG_LENGTH,
  LOG_START,
} from './kernels/span.ts';

/**
 * The slots of a cache: which page each holds, and in which order they are left. A page stays in its slot, and the one
 * that it leaves for takes that; in order of recency a page moves to a new slot with each use.
 */
export interface CacheSlots {
  /** When a page last moved, and what that has yet to see of accesses until it has paid if it was a promotion. */
  lastMove(page: number): Promotion;
  /** Sets it. */
  setMove(page: number, move: Promotion): void;
  /** Takes so many steps off every date; those that come before the first one then are the first, which no window reaches. */
  redate(steps: number): void;
  /** Whether a page is in the cache. */
  holds(page: number): boolean;
  /** Promotions that have not paid yet, of pages that were not demoted since. */
  unpaid(): number;
  /** A page has moved. */
  moved(page: number): void;
  /** Brings the nodes of all pages up to date, where the compiled loop leaves that for later. */
  settle(): void;
  /** Takes an access to a page that is in the cache. */
  use(page: number): void;
  /** Takes a page that is not in the cache; returns the page that leaves for it, or -1. */
  admit(page: number): number;
  /** Puts a page into a slot that was never used; in order of recency, as the one used last. */
  include(page: number, standing: Promotion): void;
  /** Makes room for as many pages as the page table has. */
  makeRoom(): void;
  /** Tells the compiled loop where the columns are. */
  point(): void;
}

/** The last move of a page. */
export interface Promotion {
  readonly owed: number;
  /** The steps since `DATE_BASE`, from 1 on, with {@link DEMOTED} set if it was a demotion; 0 if the page never moved. */
  readonly date: number;
}

// The standing of a page in the cache as one number: from the lowest bits on what it owes, the date of its last move,
// REFERENCED and DEMOTED. `assembly/cache-order.ts` has the same.
const OWED_BITS = 9;
const DATE_BITS = 21;
/** Its page was used since the hand last came by. */
const REFERENCED: number = 2 ** 30;
export const DEMOTED: number = 2 ** 31;
/** Dates are below this, but for {@link DEMOTED}. */
export const DATE_END: number = 2 ** DATE_BITS;
/** No promotion owes more. */
export const OWED_MAX: number = 2 ** OWED_BITS - 1;

/** Bit of a place: its page is in the cache, but not on the cache's one node. */
const ASTRAY = 2 ** 30;
/** Place of a page that is not in the cache, but was promoted: something else moved it. */
const ELSEWHERE = 2 ** 32 - 1;

/** Uses whose bits the compiled loop takes as one. */
const WORD = 64;
/** The compiled loop's groups fit in, and a small cache seldom has its stale uses dropped. */
const LOG_MIN = 64 * WORD;

/** Pointers of the columns, in `assembly/state.ts`. */
const PLACE_POINTER = 16;
const RESIDENT_POINTER = 26;

/** The order of the slots. */
interface Order {
  /** The slot that is left next; that it is left follows. */
  readonly next: () => number;
  /** The slot for a page that comes; `left` is the one that was left for it, -1 is none. */
  readonly come: (left: number) => number;
  /** A page is used that was in `slot`; returns where it is now. */
  readonly use: (slot: number) => number;
}

/** Slots without pages; `assembly/cache-order.ts` has the same compiled. */
export function createCacheSlots(
  { columns, span, pages }: Pick<Engine, 'columns' | 'span' | 'pages'>,
  { order: orderName, pages: wantedPages, nodes }: ExclusiveCache,
): CacheSlots {
  const capacity = Math.min(Math.max(1, wantedPages), 2 ** 28);
  const inRecency = orderName === 'recency';
  const home = nodes.length === 1 ? nodes[0] : NO_NODE;
  /**
   * By page. In the cache: its slot, plus 1, and {@link ASTRAY}. Else 0 if it never moved, the date of its demotion with
   * its node in the bits above, or {@link ELSEWHERE}.
   */
  let place = new Uint32Array(0);
  /** By slot: its page. */
  let resident = new Uint32Array(0);
  /** By slot: the standing of its page. */
  let standing = new Uint32Array(0);
  /**
   * In order of recency slots are uses, of which a ring holds as many as some power of two. A bit for each is clear where
   * its page was used again: such a use is stale. All bits of a word are set when its first use is noted.
   */
  let live = new Uint8Array(0);
  const placeColumn = columns.add(Uint32Array, 0, (view) => (place = view));
  const residentColumn = columns.add(Uint32Array, 0, (view) => (resident = view));
  const standingColumn = columns.add(Uint32Array, 0, (view) => (standing = view));
  const liveColumn = columns.add(Uint8Array, 0, (view) => (live = view));
  span.registers[CACHE_PAGES] = capacity;
  span.registers[CACHE_HOME] = home;
  /** The last moves of pages whose place says no more. */
  const elsewhere = new Map<number, Promotion>();

  const isLive = (slot: number): boolean => ((live[slot >>> 3] >>> (slot & 7)) & 1) === 1;
  const holds = (page: number): boolean => place[page] > 0 && place[page] < DEMOTED;
  const wasDemoted = (page: number): boolean => place[page] >= DEMOTED && place[page] < ELSEWHERE;
  const setPlace = (page: number, slot: number): void => {
    place[page] = slot + 1 + (pages.nodeOf[page] === home ? 0 : ASTRAY);
  };
  const slotOf = (page: number): number => (place[page] % ASTRAY) - 1;

  /** The slots in the order of their last uses. */
  const slotsByUse = (): Uint32Array => {
    const { registers } = span;
    const inOrder = new Uint32Array(registers[CACHE_SIZE]);
    let count = 0;
    for (let use = registers[LOG_START]; use !== registers[LOG_END]; use = (use + 1) >>> 0) {
      const slot = use & (resident.length - 1);
      if (isLive(slot)) inOrder[count++] = slot;
    }
    return inOrder.subarray(0, count);
  };

  const slotsInUse = (): Uint32Array => {
    if (inRecency) return slotsByUse();
    return Uint32Array.from({ length: span.registers[CACHE_SIZE] }, (_, i) => i);
  };

  /** Pages and standings in the order of the last uses. */
  const readLog = (): readonly [Uint32Array, Uint32Array] => {
    const slots = slotsByUse();
    return [slots.map((slot) => resident[slot]), slots.map((slot) => standing[slot])];
  };

  const writeLog = ([inOrder, standings]: ReturnType<typeof readLog>): void => {
    resident.set(inOrder);
    standing.set(standings);
    inOrder.forEach((page, slot) => (place[page] = slot + 1 + (place[page] & ASTRAY)));
    live.fill(0xff);
    span.registers[LOG_START] = 0;
    span.registers[LOG_END] = inOrder.length;
    span.registers[LOG_LENGTH] = resident.length;
  };

  /** The slot of the next use. */
  const noteUse = (): number => {
    const { registers } = span;
    const slot = registers[LOG_END] & (resident.length - 1);
    if (slot % WORD === 0) live.fill(0xff, slot / 8, (slot + WORD) / 8);
    registers[LOG_END] = (registers[LOG_END] + 1) >>> 0;
    return slot;
  };

  const dropStale = (): void => {
    const { registers } = span;
    const length = (registers[LOG_END] - registers[LOG_START]) >>> 0;
    if (length > resident.length - 2 * WORD) writeLog(readLog());
  };

  const recency: Order = {
    next() {
      const { registers } = span;
      for (;;) {
        const slot = registers[LOG_START] & (resident.length - 1);
        registers[LOG_START] = (registers[LOG_START] + 1) >>> 0;
        if (isLive(slot)) return slot;
      }
    },
    come: noteUse,
    use(slot) {
      live[slot >>> 3] &= ~(1 << (slot & 7));
      return noteUse();
    },
  };

  const after = (slot: number): number => (slot + 1) % capacity;

  const arrival: Order = {
    next: () => span.registers[CACHE_HAND],
    come(left) {
      if (left < 0) return span.registers[CACHE_SIZE] - 1;
      span.registers[CACHE_HAND] = after(left);
      return left;
    },
    use: (slot) => slot,
  };

  const secondChance: Order = {
    next() {
      let hand = span.registers[CACHE_HAND];
      while (standing[hand] & REFERENCED) {
        standing[hand] -= REFERENCED;
        hand = after(hand);
      }
      return hand;
    },
    come: arrival.come,
    use(slot) {
      standing[slot] |= REFERENCED;
      return slot;
    },
  };

  const order = { recency, arrival, 'second-chance': secondChance }[orderName];

  const standingAt = (slot: number): Promotion => {
    const word = standing[slot];
    const date = (word >>> OWED_BITS) % DATE_END;
    return { owed: word & OWED_MAX, date: date + (word >= DEMOTED ? DEMOTED : 0) };
  };

  const wordOf = ({ owed, date }: Promotion): number =>
    owed + (date % DEMOTED) * 2 ** OWED_BITS + (date >= DEMOTED ? DEMOTED : 0);

  const lastMove = (page: number): Promotion => {
    if (holds(page)) return standingAt(slotOf(page));
    if (!wasDemoted(page)) return elsewhere.get(page) ?? { owed: 0, date: 0 };
    return { owed: 0, date: DEMOTED + (place[page] % DATE_END) };
  };

  const setMove: CacheSlots['setMove'] = (page, move) => {
    if (holds(page)) {
      const slot = slotOf(page);
      standing[slot] = wordOf(move) + (standing[slot] & REFERENCED);
      return;
    }
    elsewhere.delete(page);
    if (move.date >= DEMOTED) {
      place[page] = move.date + pages.nodeOf[page] * DATE_END;
    } else if (move.date > 0) {
      elsewhere.set(page, move);
      place[page] = ELSEWHERE;
    }
  };

  /** Where a page is that the compiled loop exchanged. */
  const settlePage = (page: number): void => {
    if (wasDemoted(page)) pages.nodeOf[page] = (place[page] / DATE_END) & 0xff;
    else if (holds(page) && place[page] < ASTRAY) pages.nodeOf[page] = home;
  };

  /** The page of a slot leaves the cache; whether it also moves is not known yet. */
  const leave = (slot: number): number => {
    const page = resident[slot];
    const move = standingAt(slot);
    settlePage(page);
    place[page] = 0;
    setMove(page, move);
    return page;
  };

  const enter = (slot: number, page: number, word: number): void => {
    standing[slot] = word;
    resident[slot] = page;
    setPlace(page, slot);
  };

  const include: CacheSlots['include'] = (page, promotion) => {
    dropStale();
    span.registers[CACHE_SIZE]++;
    enter(order.come(-1), page, wordOf(promotion));
  };

  return {
    lastMove,
    setMove,
    redate(steps) {
      const redated = ({ owed, date }: Promotion): Promotion => {
        const step = date % DEMOTED;
        return { owed, date: step === 0 ? 0 : date - step + Math.max(1, step - steps) };
      };
      for (let page = 0; page < place.length; page++) {
        if (place[page] === 0) continue;
        settlePage(page);
        setMove(page, redated(lastMove(page)));
      }
    },
    holds,
    unpaid() {
      let count = 0;
      for (const slot of slotsInUse()) if (standing[slot] & OWED_MAX) count++;
      for (const { owed } of elsewhere.values()) if (owed > 0) count++;
      return count;
    },
    moved(page) {
      if (holds(page)) setPlace(page, slotOf(page));
      else if (wasDemoted(page)) setMove(page, lastMove(page));
    },
    settle: () => columns.kernels.settleNodes(pages.count),
    use(page) {
      dropStale();
      const from = slotOf(page);
      if (standing[from] & OWED_MAX) standing[from]--;
      const slot = order.use(from);
      if (slot === from) return;
      resident[slot] = page;
      standing[slot] = standing[from];
      place[page] = slot + 1 + (place[page] & ASTRAY);
    },
    admit(page) {
      const { owed, date } = lastMove(page);
      elsewhere.delete(page);
      settlePage(page);
      // The access that brings the page here is its hit, too.
      const owing = { owed: Math.max(0, owed - 1), date };
      if (span.registers[CACHE_SIZE] < capacity) {
        include(page, owing);
        return -1;
      }
      dropStale();
      const left = order.next();
      const victim = leave(left);
      enter(order.come(left), page, wordOf(owing));
      return victim;
    },
    include,
    makeRoom() {
      const known = pages.nodeOf.length;
      const wanted = Math.min(capacity, known);
      if (place.length < known) columns.lengthen([placeColumn], known);
      if (!inRecency) {
        if (resident.length < wanted) columns.lengthen([residentColumn, standingColumn], wanted);
        return;
      }
      const length = logLength(wanted, known);
      if (resident.length >= length) return;
      const entries = readLog();
      columns.lengthen([residentColumn, standingColumn], length);
      columns.lengthen([liveColumn], length / 8);
      writeLog(entries);
    },
    point() {
      columns.point(PLACE_POINTER, [place, standing]);
      columns.point(RESIDENT_POINTER, [resident, live]);
    },
  };
}

/** Uses that are noted, of `slots` pages among `known`: so many that stale ones are seldom dropped, and their memory is bounded. */
function logLength(slots: number, known: number): number {
  const uses = Math.max(LOG_MIN, Math.min(3 * slots, 2 * known));
  return 2 ** Math.ceil(Math.log2(uses));
}
