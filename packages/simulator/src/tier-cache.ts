import type { ExclusiveCache, NodeId } from '@tierlab/policy';
import { createCacheJudge } from './cache-judge.ts';
import { createCacheSlots, DEMOTED, OWED_MAX } from './cache-slots.ts';
import type { CacheSlots } from './cache-slots.ts';
import { freePages } from './engine.ts';
import type { Engine } from './engine.ts';
import type { FirstTouch } from './first-touch.ts';
import { replaySpan } from './kernels/replay.ts';
import {
  DATE_BASE,
  EXCHANGES,
  EXCHANGES_HERE,
  INCLUDED_NS,
  NODES_LATER,
  OPEN_LOOP,
  SWAP_PAGE,
  TICK_NS,
} from './kernels/span.ts';
import { dateSteps } from './move-judge.ts';
import type { Mover } from './mover.ts';

/** The cache that a policy declared, as the replay loop sees it. */
export interface TierCache {
  /** Makes room for the pages of a block; the page table has its room already. */
  makeRoom(): void;
  /** A new block is next. */
  begin(): void;
  /** A page is in the cache, used after all that are there: for a run that was not replayed so far. */
  include(page: number, owed: number, moved: number): void;
  /** A page is not in the cache. It was last demoted in step `-moved - 1`, or never where that is 0. */
  exclude(page: number, moved: number): void;
  /** The run goes on at `nowNs`: what moved before is told afterwards. */
  dateFrom(nowNs: number): void;
  /** Brings the nodes of all pages up to date. */
  settle(): void;
  /** Replays up to `to`, and no further than to a miss that {@link swap} must settle. */
  replay(from: number, to: number, deadlineNs: number): number;
  /** Does what the last access replayed asked for; false: it asked for nothing. */
  swap(): boolean;
}

/** How a cache is replayed. */
export interface CacheSetup {
  /** By the loop in TypeScript. */
  readonly interpreted: boolean;
  /** Nobody asks where pages are before the run ends or {@link TierCache.settle} is called. */
  readonly nodesLater: boolean;
}

/** Pointers of the tables by node, in `assembly/state.ts`. */
const PAIR_POINTER = 18;
const INSIDE_POINTER = 28;

/** Tables for the compiled loop. */
interface NodeTables {
  /** Exchanges not settled yet, by the node of the page that comes and that of the one that leaves. */
  exchanges: Uint32Array;
  /** What the mover says that a move between two nodes owes. */
  dues: Int32Array;
  /** 1 for the nodes of the cache. */
  inside: Uint8Array;
}

/** The cache `spec` of a run, on columns of its own. */
export function createTierCache(
  engine: Engine,
  mover: Mover,
  firstTouch: FirstTouch,
  spec: ExclusiveCache,
  { interpreted, nodesLater }: CacheSetup,
): TierCache {
  const { columns, span, pages, memory } = engine;
  const { nodeSlots } = engine.traffic;
  const slots = createCacheSlots(engine, spec);
  span.registers[NODES_LATER] = nodesLater && spec.nodes.length === 1 ? 1 : 0;
  /** The compiled loop has exchanged pages since the nodes were up to date. */
  let stale = false;
  followMoves(engine, slots);
  const tables = {} as NodeTables;
  columns.add(Uint32Array, nodeSlots * nodeSlots, (view) => (tables.exchanges = view));
  columns.add(Int32Array, nodeSlots * nodeSlots, (view) => (tables.dues = view));
  columns.add(Uint8Array, nodeSlots, (view) => (tables.inside = view));
  for (const id of spec.nodes) tables.inside[id] = 1;
  for (const from of memory.nodes) {
    for (const to of memory.nodes) {
      tables.dues[from.id * nodeSlots + to.id] = mover.hitsDue(from.id, to.id, 1);
    }
  }
  // A promotion that owes more than a slot can tell is left to the loop in TypeScript.
  const inTypeScript = interpreted || tables.dues.some((due) => due > OWED_MAX);
  // That loop leaves the judging to the log, which is another way to the same outcome.
  if (!inTypeScript) engine.moveJudge = createCacheJudge(engine, slots);
  const { kernels } = columns;
  const loops = {
    recency: [kernels.replayRecency, kernels.replayRecencyTimed],
    arrival: [kernels.replayArrival, kernels.replayArrivalTimed],
    'second-chance': [kernels.replaySecondChance, kernels.replaySecondChanceTimed],
  }[spec.order];

  /** Accesses of the block from the next one on up to here are hits. */
  let hitsEnd = 0;
  let missed = -1;

  const interpret = (from: number, to: number, deadlineNs: number): number => {
    const { page } = span;
    settle();
    hitsEnd = Math.max(hitsEnd, from);
    while (hitsEnd < to && slots.holds(page[hitsEnd])) hitsEnd++;
    const reached = replaySpan(span, from, Math.min(to, hitsEnd + 1), deadlineNs);
    for (let i = from; i < Math.min(reached, hitsEnd); i++) slots.use(page[i]);
    if (reached > hitsEnd) missed = page[hitsEnd++];
    return reached;
  };

  /** Exchanges are plain bookkeeping: nobody waits for them, and nobody is told of each. */
  const exchangesHere = (): boolean =>
    engine.settings.idleCores > 0 &&
    engine.watchedNumbers.size === 0 &&
    !engine.tracksFlags &&
    mover.queued === 0;

  const compiled = (from: number, to: number, deadlineNs: number): number => {
    const { registers } = span;
    registers[TICK_NS] = span.tickNs;
    registers[INCLUDED_NS] = span.includedNs;
    registers[OPEN_LOOP] = span.openLoop ? 1 : 0;
    registers[EXCHANGES_HERE] = exchangesHere() ? 1 : 0;
    registers[SWAP_PAGE] = -1;
    const reached = firstTouch.replayBy(
      loops[span.time === undefined ? 0 : 1],
      from,
      to,
      deadlineNs,
    );
    missed = registers[SWAP_PAGE];
    if (registers[EXCHANGES] > 0) settleExchanges();
    return reached;
  };

  const settleExchanges = (): void => {
    stale = span.registers[NODES_LATER] === 1;
    for (const from of memory.nodes) {
      for (const to of memory.nodes) {
        const pair = from.id * nodeSlots + to.id;
        const count = tables.exchanges[pair];
        if (count === 0) continue;
        tables.exchanges[pair] = 0;
        mover.exchanged(from.id, to.id, count);
      }
    }
  };

  const settle = (): void => {
    if (stale) slots.settle();
    stale = false;
  };

  /** The date of a move in step `|moved| - 1`. */
  const dateOf = (moved: number): number => {
    if (moved === 0) return 0;
    return Math.max(1, Math.abs(moved) - span.registers[DATE_BASE]) + (moved < 0 ? DEMOTED : 0);
  };

  const roomiest = (): NodeId =>
    spec.nodes.reduce((best, id) => (freePages(engine, id) > freePages(engine, best) ? id : best));

  return {
    makeRoom: () => slots.makeRoom(),
    include: (page, owed, moved) => slots.include(page, { owed, date: dateOf(moved) }),
    exclude: (page, moved) => moved < 0 && slots.setMove(page, { owed: 0, date: dateOf(moved) }),
    settle,
    dateFrom(nowNs) {
      const { stepsPerNs, window } = dateSteps(engine.settings.pingPongWindow);
      span.registers[DATE_BASE] = Math.max(0, Math.floor(nowNs * stepsPerNs) - window - 1);
    },
    begin() {
      hitsEnd = 0;
      slots.point();
      columns.point(PAIR_POINTER, [tables.exchanges, tables.dues]);
      columns.point(INSIDE_POINTER, [tables.inside]);
    },
    replay(from, to, deadlineNs) {
      const threads = span.thread !== undefined || span.soleThread !== undefined;
      const plain = !threads && span.weight === undefined && !engine.tracksFlags;
      return inTypeScript || !plain || span.accesses !== undefined || span.writes !== undefined
        ? interpret(from, to, deadlineNs)
        : compiled(from, to, deadlineNs);
    },
    swap() {
      if (missed < 0) return false;
      const page = missed;
      missed = -1;
      const victim = slots.admit(page);
      if (victim >= 0) mover.exchange(page, victim);
      else if (tables.inside[pages.nodeOf[page]] === 0) mover.request(page, roomiest());
      return true;
    },
  };
}

/** Tells the slots of each page that moves. */
function followMoves(engine: Engine, slots: CacheSlots): void {
  const { placed, swapped } = engine;
  engine.placed = (page, node) => {
    placed?.(page, node);
    slots.moved(page);
  };
  engine.swapped = (swaps, from, to) => {
    swapped?.(swaps, from, to);
    for (let i = swaps.from; i < swaps.to; i++) {
      slots.moved(swaps.pages[i]);
      slots.moved(swaps.others[i]);
    }
  };
}
