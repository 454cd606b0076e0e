import type { ExclusiveCache, NodeId } from '@tierlab/policy';
import { createCacheFrames, DEMOTED } from './cache-frames.ts';
import { freePages } from './engine.ts';
import type { Engine } from './engine.ts';
import type { FirstTouch } from './first-touch.ts';
import { createFrameJudge } from './frame-judge.ts';
import { replaySpan } from './kernels/replay.ts';
import {
  DATE_BASE,
  EXCHANGES,
  EXCHANGES_HERE,
  INCLUDED_NS,
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
  /** Replays up to `to`, and no further than to a miss that {@link swap} must settle. */
  replay(from: number, to: number, deadlineNs: number): number;
  /** Does what the last access replayed asked for; false: it asked for nothing. */
  swap(): boolean;
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
  interpreted: boolean,
): TierCache {
  const { columns, span, pages, memory } = engine;
  const { nodeSlots } = engine.traffic;
  const frames = createCacheFrames(engine, spec);
  // The loop in TypeScript leaves the judging to the log, which is another way to the same outcome.
  if (!interpreted) engine.moveJudge = createFrameJudge(engine, frames);
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
    hitsEnd = Math.max(hitsEnd, from);
    while (hitsEnd < to && frames.holds(page[hitsEnd])) hitsEnd++;
    const reached = replaySpan(span, from, Math.min(to, hitsEnd + 1), deadlineNs);
    for (let i = from; i < Math.min(reached, hitsEnd); i++) frames.use(page[i]);
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

  /** The date of a move in step `|moved| - 1`. */
  const dateOf = (moved: number): number => {
    if (moved === 0) return 0;
    return Math.max(1, Math.abs(moved) - span.registers[DATE_BASE]) + (moved < 0 ? DEMOTED : 0);
  };

  const roomiest = (): NodeId =>
    spec.nodes.reduce((best, id) => (freePages(engine, id) > freePages(engine, best) ? id : best));

  return {
    makeRoom: () => frames.makeRoom(),
    include: (page, owed, moved) => frames.include(page, owed, dateOf(moved)),
    exclude: (page, moved) => (frames.place[page] = dateOf(moved)),
    dateFrom(nowNs) {
      const { stepsPerNs, window } = dateSteps(engine.settings.pingPongWindow);
      span.registers[DATE_BASE] = Math.max(0, Math.floor(nowNs * stepsPerNs) - window - 1);
    },
    begin() {
      hitsEnd = 0;
      frames.point();
      columns.point(PAIR_POINTER, [tables.exchanges, tables.dues]);
      columns.point(INSIDE_POINTER, [tables.inside]);
    },
    replay(from, to, deadlineNs) {
      const plain = span.thread === undefined && span.weight === undefined && !engine.tracksFlags;
      return interpreted || !plain || span.accesses !== undefined || span.writes !== undefined
        ? interpret(from, to, deadlineNs)
        : compiled(from, to, deadlineNs);
    },
    swap() {
      if (missed < 0) return false;
      const page = missed;
      missed = -1;
      const victim = frames.admit(page);
      if (victim >= 0) mover.exchange(page, victim);
      else if (tables.inside[pages.nodeOf[page]] === 0) mover.request(page, roomiest());
      return true;
    },
  };
}
