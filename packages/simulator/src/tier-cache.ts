import type { ExclusiveCache, NodeId } from '@tierlab/policy';
import { freePages } from './engine.ts';
import type { Engine } from './engine.ts';
import type { FirstTouch } from './first-touch.ts';
import { replaySpan } from './kernels/replay.ts';
import {
  CACHE_HAND,
  CACHE_PAGES,
  CACHE_SIZE,
  EXCHANGES,
  EXCHANGES_HERE,
  INCLUDED_NS,
  LOG_LENGTH,
  OPEN_LOOP,
  SWAP_PAGE,
  SWAP_VICTIM,
  TICK_NS,
} from './kernels/span.ts';
import type { MoveLog } from './move-log.ts';
import type { Mover } from './mover.ts';

/** The cache that a policy declared, as the replay loop sees it. */
export interface TierCache {
  /** Makes room for a block of this length; the page table has its room already. */
  makeRoom(length: number): void;
  /** A new block is next. */
  begin(): void;
  /** Replays up to `to`, and no further than to a miss that {@link swap} must settle. */
  replay(from: number, to: number, deadlineNs: number): number;
  /** Does what the last access replayed asked for; false: it asked for nothing. */
  swap(): boolean;
}

/** Columns of the cache; see `assembly/cache.ts` for what they hold. */
interface CacheViews {
  links: Uint32Array;
  cached: Uint8Array;
  frames: Uint32Array;
  pairs: Uint32Array;
  dues: Int32Array;
}

/** Pointer of the first column of a cache, in `assembly/state.ts`. */
const FIRST_POINTER = 15;

/** Which page leaves, and what an access does to the order. */
interface Replacement {
  /** Takes an access if it hits. */
  hit(page: number): boolean;
  /** Takes a page that is not in the cache; returns the page that leaves for it, or -1. */
  admit(page: number): number;
}

/** The cache `spec` of a run, on columns of its own. */
export function createTierCache(
  engine: Engine,
  mover: Mover,
  log: MoveLog,
  firstTouch: FirstTouch,
  spec: ExclusiveCache,
  interpreted: boolean,
): TierCache {
  const { columns, span, pages, traffic } = engine;
  const { kernels } = columns;
  const { nodeSlots } = traffic;
  const views = {} as CacheViews;
  const links = columns.add(Uint32Array, 0, (view) => (views.links = view));
  const cached = columns.add(Uint8Array, 0, (view) => (views.cached = view));
  const frames = columns.add(Uint32Array, 0, (view) => (views.frames = view));
  columns.add(Uint32Array, nodeSlots * nodeSlots, (view) => (views.pairs = view));
  columns.add(Int32Array, nodeSlots * nodeSlots, (view) => (views.dues = view));
  for (const from of engine.memory.nodes) {
    for (const to of engine.memory.nodes) {
      views.dues[from.id * nodeSlots + to.id] = mover.hitsDue(from.id, to.id);
    }
  }
  const isInside = new Uint8Array(256);
  for (const id of spec.nodes) isInside[id] = 1;
  const size = Math.max(1, spec.pages);
  const order = ORDERS[spec.order](views, span, size);
  const loop = {
    recency: kernels.replayRecency,
    arrival: kernels.replayArrival,
    'second-chance': kernels.replaySecondChance,
  }[spec.order];
  span.registers[CACHE_PAGES] = Math.min(size, 2 ** 31);

  /** Accesses of the block that the order has seen, in TypeScript. */
  let seen = 0;
  let swapPage = -1;
  let swapVictim = -1;

  const interpret = (from: number, to: number, deadlineNs: number): number => {
    seen = Math.max(seen, from);
    while (seen < to && order.hit(span.page[seen])) seen++;
    const reached = replaySpan(span, from, Math.min(to, seen + 1), deadlineNs);
    if (reached > seen) {
      swapPage = span.page[seen++];
      swapVictim = order.admit(swapPage);
    }
    return reached;
  };

  /** Exchanges are plain bookkeeping: nobody waits for them, and nobody is told of each. */
  const exchangesHere = (): boolean =>
    engine.settings.idleCores > 0 &&
    engine.watchedNumbers.size === 0 &&
    !engine.tracksFlags &&
    log.isShared();

  const compiled = (from: number, to: number, deadlineNs: number): number => {
    const { registers } = span;
    registers[TICK_NS] = span.tickNs;
    registers[INCLUDED_NS] = span.includedNs;
    registers[OPEN_LOOP] = span.openLoop && span.time !== undefined ? 1 : 0;
    registers[EXCHANGES_HERE] = exchangesHere() ? 1 : 0;
    registers[LOG_LENGTH] = log.length;
    registers[SWAP_PAGE] = -1;
    const reached = firstTouch.replayBy(loop, from, to, deadlineNs);
    swapPage = registers[SWAP_PAGE];
    swapVictim = registers[SWAP_VICTIM];
    if (registers[EXCHANGES] > 0) {
      log.length = registers[LOG_LENGTH];
      settleExchanges();
    }
    return reached;
  };

  const settleExchanges = (): void => {
    for (const from of engine.memory.nodes) {
      for (const to of engine.memory.nodes) {
        const pair = from.id * nodeSlots + to.id;
        const count = views.pairs[pair];
        if (count === 0) continue;
        views.pairs[pair] = 0;
        mover.exchanged(from.id, to.id, count);
      }
    }
  };

  const roomiest = (): NodeId =>
    spec.nodes.reduce((best, id) => (freePages(engine, id) > freePages(engine, best) ? id : best));

  return {
    makeRoom(length) {
      const known = pages.nodeOf.length;
      const wanted = spec.order === 'recency' ? [links] : [cached];
      const perPage = spec.order === 'recency' ? 2 * (known + 2) : known;
      if (wanted[0].length < perPage) columns.lengthen(wanted, perPage);
      if (spec.order !== 'recency' && frames.length < Math.min(size, known)) {
        columns.lengthen([frames], Math.min(size, known));
      }
      // An access causes one exchange at most: two entries.
      log.share(2 * length);
      if (spec.order === 'recency' && views.links[2] === 0) views.links.fill(1, 2, 4);
    },
    begin() {
      seen = 0;
      columns.point(FIRST_POINTER, [
        views.links,
        views.cached,
        views.frames,
        views.pairs,
        views.dues,
      ]);
    },
    replay(from, to, deadlineNs) {
      const plain = span.thread === undefined && span.weight === undefined && !engine.tracksFlags;
      return interpreted || !plain || span.accesses !== undefined || span.writes !== undefined
        ? interpret(from, to, deadlineNs)
        : compiled(from, to, deadlineNs);
    },
    swap() {
      if (swapPage < 0) return false;
      const page = swapPage;
      swapPage = -1;
      if (swapVictim >= 0) mover.exchange(page, swapVictim);
      else if (isInside[pages.nodeOf[page]] === 0) mover.request(page, roomiest());
      return true;
    },
  };
}

const ORDERS: Readonly<
  Record<
    ExclusiveCache['order'],
    (views: CacheViews, span: Engine['span'], pages: number) => Replacement
  >
> = {
  recency: createRecency,
  arrival: (views, span, pages) => createQueue(views, span, pages, false),
  'second-chance': (views, span, pages) => createQueue(views, span, pages, true),
};

/** The page that was not used for the longest time leaves: a list from the last use to the first. */
function createRecency(views: CacheViews, span: Engine['span'], pages: number): Replacement {
  const unlink = (entry: number): void => {
    const { links } = views;
    links[2 * links[2 * entry] + 1] = links[2 * entry + 1];
    links[2 * links[2 * entry + 1]] = links[2 * entry];
  };
  const linkAtHead = (entry: number): void => {
    const { links } = views;
    const first = links[3];
    links[2 * entry] = 1;
    links[2 * entry + 1] = first;
    links[2 * first] = entry;
    links[3] = entry;
  };
  return {
    hit(page) {
      const entry = page + 2;
      if (views.links[2 * entry] === 0) return false;
      unlink(entry);
      linkAtHead(entry);
      return true;
    },
    admit(page) {
      let victim = -1;
      if (span.registers[CACHE_SIZE] < pages) span.registers[CACHE_SIZE]++;
      else {
        const last = views.links[2];
        unlink(last);
        views.links.fill(0, 2 * last, 2 * last + 2);
        victim = last - 2;
      }
      linkAtHead(page + 2);
      return victim;
    },
  };
}

/** The page that came first leaves; with a second chance, the first one not used since the hand last came by. */
function createQueue(
  views: CacheViews,
  span: Engine['span'],
  pages: number,
  secondChance: boolean,
): Replacement {
  const [cachedOnly, referenced] = [1, 3];
  return {
    hit(page) {
      if (views.cached[page] === 0) return false;
      if (secondChance) views.cached[page] = referenced;
      return true;
    },
    admit(page) {
      const { cached, frames } = views;
      const { registers } = span;
      cached[page] = cachedOnly;
      const size = registers[CACHE_SIZE];
      if (size < pages) {
        frames[size] = page;
        registers[CACHE_SIZE]++;
        return -1;
      }
      let hand = registers[CACHE_HAND];
      while (cached[frames[hand]] === referenced) {
        cached[frames[hand]] = cachedOnly;
        hand = (hand + 1) % pages;
      }
      const victim = frames[hand];
      cached[victim] = 0;
      frames[hand] = page;
      registers[CACHE_HAND] = (hand + 1) % pages;
      return victim;
    },
  };
}
