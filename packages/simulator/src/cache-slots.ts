import { NO_NODE } from '@tierlab/policy';
import type { ExclusiveCache } from '@tierlab/policy';
import { createCacheLog, GENERATIONS } from './cache-log.ts';
import type { Engine } from './engine.ts';
import { CACHE_HAND, CACHE_HOME, CACHE_PAGES, CACHE_SIZE, LOG_LENGTH } from './kernels/span.ts';

/**
 * The pages of a cache, and in which order they leave. A page stays in its slot, and the one that it leaves for takes
 * that; in order of recency there are no slots but a log of uses.
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
  /** Takes a page where there is room; in order of recency, as the one used last. */
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

// What a cache knows of a page is its standing, 32 bits. The lowest six: 0 where it is not in the cache; else, in order of
// recency, the generation of its last use, and in others PRESENT, with REFERENCED. The next eight: what a page owes that is
// in the cache; of one that is not, the node that it was demoted to. The other 18: the date of its last move, which was a
// demotion if the page is not in the cache. A standing of 0 is that of a page that never moved. Where this does not do,
// ODD, its last move has the date, what it owes, ASTRAY and DEMOTED. `assembly/cache-order.ts` has the same.
const PRESENT = 1;
/** Its page was used since the hand last came by. */
const REFERENCED = 0x20;
const LOW = 0x40;
/** Of the eight bits: its last move has what the page owes, which is more than fits here, or it is astray. */
const ODD = 255;
const OWED_HERE = 254;
const MOVED = 2 ** 14;
const DATE_BITS = 18;
/** A page in the cache, but not on the cache's one node. */
const ASTRAY: number = 2 ** 30;
export const DEMOTED: number = 2 ** 31;
/** Dates are below this, but for {@link DEMOTED}. */
export const DATE_END: number = 2 ** DATE_BITS;
/** No promotion owes more. */
export const OWED_MAX = 511;

/** The log has room for so many uses at least: a generation of as many as the compiled loop takes in a group. */
const LOG_MIN = 1024;

/** Pointers of the columns, in `assembly/state.ts`. */
const STANDING_POINTER = 16;
const RESIDENT_POINTER = 26;

/** The order in which pages leave. */
interface Order {
  /** The page that leaves next; that it leaves follows. */
  readonly next: () => number;
  /** A page comes, for one that just left or into a slot that was never used; returns what its standing has in the low bits. */
  readonly come: (page: number, isFirst: boolean) => number;
  /** A page is used with these low bits of its standing; returns the next ones. */
  readonly use: (page: number, low: number) => number;
}

/** A cache without pages; `assembly/cache-order.ts` has the same compiled. */
export function createCacheSlots(
  { columns, span, pages }: Pick<Engine, 'columns' | 'span' | 'pages'>,
  { order: orderName, pages: wantedPages, nodes }: ExclusiveCache,
): CacheSlots {
  const capacity = Math.min(Math.max(1, wantedPages), 2 ** 28);
  const inRecency = orderName === 'recency';
  const home = nodes.length === 1 ? nodes[0] : NO_NODE;
  const views = { standing: new Uint32Array(0), resident: new Uint32Array(0) };
  let lastMoves = new Uint32Array(0);
  const standingColumn = columns.add(Uint32Array, 0, (view) => (views.standing = view));
  const lastMoveColumn = columns.add(Uint32Array, 0, (view) => (lastMoves = view));
  const residentColumn = columns.add(Uint32Array, 0, (view) => (views.resident = view));
  const log = createCacheLog({ span }, views);
  span.registers[CACHE_PAGES] = capacity;
  span.registers[CACHE_HOME] = home;

  const lowOf = (page: number): number => views.standing[page] % LOW;
  const holds = (page: number): boolean => lowOf(page) > 0;
  /** What the page owes, or the node that it was demoted to. */
  const besideOf = (page: number): number => (views.standing[page] >>> 6) & 0xff;
  const isOdd = (page: number): boolean => besideOf(page) === ODD;
  const wasDemoted = (page: number): boolean =>
    isOdd(page) ? lastMoves[page] >= DEMOTED : views.standing[page] > 0 && !holds(page);
  const isAstray = (page: number): boolean => isOdd(page) && (lastMoves[page] & ASTRAY) !== 0;

  const recency: Order = {
    next: () => log.next(),
    come: (page) => log.note(page),
    use: (page) => log.note(page),
  };

  const arrival: Order = {
    next: () => views.resident[span.registers[CACHE_HAND]],
    come(page, isFirst) {
      const { registers } = span;
      const slot = isFirst ? registers[CACHE_SIZE] - 1 : registers[CACHE_HAND];
      if (!isFirst) registers[CACHE_HAND] = (slot + 1) % capacity;
      views.resident[slot] = page;
      return PRESENT;
    },
    use: (_page, low) => low,
  };

  const secondChance: Order = {
    next() {
      const { registers } = span;
      for (;;) {
        const page = views.resident[registers[CACHE_HAND]];
        if ((views.standing[page] & REFERENCED) === 0) return page;
        views.standing[page] -= REFERENCED;
        registers[CACHE_HAND] = (registers[CACHE_HAND] + 1) % capacity;
      }
    },
    come: arrival.come,
    use: (_page, low) => low | REFERENCED,
  };

  const order = { recency, arrival, 'second-chance': secondChance }[orderName];

  const lastMove = (page: number): Promotion => {
    if (isOdd(page)) {
      const move = lastMoves[page];
      const date = (move % DATE_END) + (move >= DEMOTED ? DEMOTED : 0);
      return { owed: (move >>> DATE_BITS) & OWED_MAX, date };
    }
    const date = Math.floor(views.standing[page] / MOVED);
    if (holds(page)) return { owed: besideOf(page), date };
    return { owed: 0, date: date === 0 ? 0 : date + DEMOTED };
  };

  const setMove: CacheSlots['setMove'] = (page, { owed, date }) => {
    const low = lowOf(page);
    const node = pages.nodeOf[page];
    const held = low > 0;
    if (held && node === home && owed <= OWED_HERE && date < DEMOTED) {
      views.standing[page] = low + owed * LOW + date * MOVED;
    } else if (!held && date >= DEMOTED && node !== NO_NODE) {
      views.standing[page] = node * LOW + (date - DEMOTED) * MOVED;
    } else if (!held && date === 0 && owed === 0) {
      views.standing[page] = 0;
    } else {
      const astray = held && node !== home;
      lastMoves[page] = date + owed * DATE_END + (astray ? ASTRAY : 0);
      views.standing[page] = low + ODD * LOW;
    }
  };

  /** Where a page is that the compiled loop exchanged. */
  const settlePage = (page: number): void => {
    if (holds(page)) {
      if (!isAstray(page) && home !== NO_NODE) pages.nodeOf[page] = home;
    } else if (wasDemoted(page) && !isOdd(page)) {
      pages.nodeOf[page] = besideOf(page);
    }
  };

  /** A page leaves the cache; whether it also moves is not known yet. */
  const leave = (page: number): void => {
    const move = lastMove(page);
    settlePage(page);
    views.standing[page] = 0;
    setMove(page, move);
  };

  const enter = (page: number, move: Promotion, isFirst: boolean): void => {
    views.standing[page] = order.come(page, isFirst);
    setMove(page, move);
  };

  const include: CacheSlots['include'] = (page, move) => {
    if (inRecency) log.makeRoom();
    span.registers[CACHE_SIZE]++;
    enter(page, move, true);
  };

  const point = (): void => {
    columns.point(STANDING_POINTER, [views.standing, lastMoves]);
    columns.point(RESIDENT_POINTER, [views.resident]);
  };

  return {
    lastMove,
    setMove,
    redate(steps) {
      point();
      columns.kernels.redatePages(pages.count, Math.min(steps, DATE_END));
    },
    holds,
    unpaid() {
      const { kernels } = columns;
      point();
      return kernels.owingPages(lastMoves.length);
    },
    moved(page) {
      if (holds(page) || wasDemoted(page)) setMove(page, lastMove(page));
    },
    settle: () => columns.kernels.settleNodes(pages.count),
    use(page) {
      if (inRecency) log.makeRoom();
      const { owed, date } = lastMove(page);
      const low = order.use(page, lowOf(page));
      views.standing[page] += low - lowOf(page);
      if (owed > 0) setMove(page, { owed: owed - 1, date });
    },
    admit(page) {
      const { owed, date } = lastMove(page);
      settlePage(page);
      // The access that brings the page here is its hit, too.
      const owing = { owed: Math.max(0, owed - 1), date };
      if (span.registers[CACHE_SIZE] < capacity) {
        include(page, owing);
        return -1;
      }
      if (inRecency) log.makeRoom();
      const victim = order.next();
      leave(victim);
      enter(page, owing, false);
      return victim;
    },
    include,
    makeRoom() {
      const known = pages.nodeOf.length;
      const wanted = Math.min(capacity, known);
      if (lastMoves.length < known) columns.lengthen([standingColumn, lastMoveColumn], known);
      if (!inRecency) {
        if (views.resident.length < wanted) columns.lengthen([residentColumn], wanted);
        return;
      }
      const length = logLength(wanted, known);
      if (span.registers[LOG_LENGTH] >= length) return;
      const inOrder = span.registers[LOG_LENGTH] === 0 ? new Uint32Array(0) : log.inOrder();
      columns.lengthen([residentColumn], length + GENERATIONS);
      log.begin(inOrder, length);
    },
    point,
  };
}

/**
 * Uses that are noted, of `slots` pages among `known`: so many that stale ones are seldom dropped, and their memory is
 * bounded. A full cache of 128 pages or more, which is replayed in groups, has more pages than a generation has uses: what
 * can leave is never all in the generation of the next use, which cannot be listed ahead.
 */
function logLength(slots: number, known: number): number {
  const uses = Math.max(LOG_MIN, Math.min(3 * slots, 2 * known));
  return 2 ** Math.ceil(Math.log2(uses));
}
