import { assert } from '@tierlab/core';
import type { NodeId } from '@tierlab/core';
import type { Moves, RefusalReason } from '@tierlab/policy';
import {
  chargeKernelThread,
  chargeSteps,
  chargeWork,
  countEvent,
  freePages,
  knownNode,
} from './engine.ts';
import type { Engine } from './engine.ts';
import { exchangePairs } from './exchange-pairs.ts';
import { collapseHugePage, splitHugePage } from './huge-pages.ts';
import { createMoveCosts } from './move-costs.ts';
import type { MoveCosts, MoveRoute } from './move-costs.ts';
import { SAME_TIER } from './move-judge.ts';
import {
  assertMapped,
  changeFlags,
  changeFolioFlags,
  eachOfFolio,
  folioHead,
  folioPages,
  PAGE_MOVING,
  PAGE_PROTECTED,
  PAGE_WRITE_WATCHED,
} from './pages.ts';
import { timeSteps } from './time.ts';
import { chargeCopies, chargeCopy } from './traffic.ts';

/** The mover: what policies ask of it, and what the engine tells it. */
export interface Mover extends Moves {
  /** A write to a watched page: aborts its transaction, discards its shadow. */
  written(page: number): void;
  /** Refuses what is still queued. */
  finish(): void;
  /** Books `count` exchanges of a page of one node and one of the other, done where they were decided. */
  exchanged(from: NodeId, to: NodeId, count: number): void;
  /** See `MoveCosts`. */
  readonly hitsDue: MoveCosts['hitsDue'];
  /** Pages of `node` that hold shadows. */
  shadowPages(node: number): number;
}

interface QueuedMove {
  readonly head: number;
  readonly target: NodeId;
  readonly transaction: boolean;
  readonly keepShadow: boolean;
}

/** The mover of a run. */
export function createMover(engine: Engine): Mover {
  const { pages, costs } = engine;
  const queue: QueuedMove[] = [];
  let queueStart = 0;
  let busy = false;
  /** Heads whose transaction saw no write so far. */
  const cleanTransactions = new Set<number>();
  /** Node of the shadow of a folio, by head, oldest first. */
  const shadows = new Map<number, NodeId>();
  const charged = !engine.relaxes.includes('moveCost');
  const { copyNs, workNs, hitsDue, routeOf } = createMoveCosts(engine, charged);

  const refuse = (reason: RefusalReason): false => {
    mover.lastRefusal = reason;
    engine.refusals.set(reason, (engine.refusals.get(reason) ?? 0) + 1);
    countEvent(engine, 'pgmigrate_fail', 1);
    return false;
  };

  const refusal = (head: number, from: number, target: NodeId): RefusalReason | undefined => {
    if (from === target) return 'same_node';
    if (pages.flags[head] & PAGE_MOVING) return 'numa_isolate';
    const { minPages } = knownNode(engine, target).watermarks;
    const count = folioPages(pages, head);
    return freePages(engine, target) - count < minPages ? 'dst_node_full' : undefined;
  };

  const settle = (page: number, target: NodeId): void => {
    pages.nodeOf[page] = target;
    engine.placed?.(page, target);
    // The kernel maps a migrated page anew with the protection of its mapping.
    // Source: Linux mm/migrate.c remove_migration_pte, 6.12.
    changeFlags(pages, page, 0, PAGE_PROTECTED | PAGE_MOVING);
  };

  const settleHuge = (head: number, target: NodeId): void =>
    eachOfFolio(pages, head, (page) => settle(page, target));

  /** Moves the books of a folio; `used` pages of the old node stay allocated for a shadow. */
  const relocate = (
    head: number,
    from: NodeId,
    target: NodeId,
    keepOld: boolean,
    newAllocated: boolean,
  ): void => {
    const count = folioPages(pages, head);
    if (!newAllocated) engine.usedPages[target] += count;
    if (!keepOld) engine.usedPages[from] -= count;
    engine.pagesOut[from] += count;
    engine.pagesIn[target] += count;
    if (count === 1) settle(head, target);
    else settleHuge(head, target);
    const route = routeOf(from, target);
    noteMove(engine, route, count);
    if (engine.watchedNumbers.size > 0) noteWatched(engine, head, from, target);
    if (route.pageHitsDue === SAME_TIER) return;
    const position = engine.recordCount - engine.blockStart;
    if (count === 1) engine.moveJudge.enter(position, head, engine.nowNs, route.pageHitsDue);
    else logHuge(position, head, hitsDue(from, target, count));
  };

  const logHuge = (position: number, head: number, due: number): void => {
    const { nowNs, moveJudge } = engine;
    eachOfFolio(pages, head, (page) => moveJudge.enter(position, page, nowNs, due));
  };

  const moveNow = (head: number, target: NodeId): boolean => {
    const from = pages.nodeOf[head] as NodeId;
    const problem = refusal(head, from, target);
    if (problem !== undefined) {
      refuse(problem);
      if (problem === 'dst_node_full') engine.hooks.pressure?.(target, 'low');
      return false;
    }
    const count = folioPages(pages, head);
    dropShadow(head);
    relocate(head, from, target, false, false);
    engine.movedRequests++;
    if (charged) {
      if (count === 1) chargeMoveSteps(routeOf(from, target).pageMoveNs);
      else chargeMove(workNs(count) + copyNs(from, target, count));
      chargeCopy(engine.traffic, from, target, count * engine.memory.pageBytes);
    }
    if (freePages(engine, target) < knownNode(engine, target).watermarks.lowPages) {
      engine.hooks.pressure?.(target, 'low');
    }
    return true;
  };

  const chargeMove = (ns: number): void => chargeMoveSteps(timeSteps(ns));

  const chargeMoveSteps = (steps: number): void => {
    engine.migrationNs += steps;
    chargeSteps(engine, 'moveNs', steps);
  };

  const shootdownSteps = timeSteps(costs.shootdownNs);
  const shootdown = (): void => {
    if (charged) chargeSteps(engine, 'moveNs', shootdownSteps);
  };

  const dropShadow = (head: number): void => {
    if (shadows.size === 0) return;
    const node = shadows.get(head);
    if (node === undefined) return;
    shadows.delete(head);
    engine.usedPages[node] -= folioPages(pages, head);
    changeFolioFlags(pages, head, 0, PAGE_WRITE_WATCHED);
  };

  const enqueue = (
    page: number,
    target: NodeId,
    transaction: boolean,
    keepShadow: boolean,
  ): boolean => {
    assertMapped(pages, page);
    knownNode(engine, target);
    engine.requests++;
    const head = folioHead(pages, page);
    if (pages.nodeOf[head] === target) return refuse('same_node');
    if (pages.flags[head] & PAGE_MOVING) return refuse('numa_isolate');
    if (mover.queued >= engine.settings.queueMax) return refuse('queue_full');
    changeFolioFlags(pages, head, PAGE_MOVING, 0);
    queue.push({ head, target, transaction, keepShadow });
    mover.queued++;
    if (transaction) engine.tracksFlags = true;
    if (!busy) startNext();
    return true;
  };

  const startNext = (): void => {
    if (queueStart === queue.length) {
      queue.length = 0;
      queueStart = 0;
      busy = false;
      return;
    }
    busy = true;
    const move = queue[queueStart];
    const count = folioPages(pages, move.head);
    const from = pages.nodeOf[move.head];
    if (move.transaction) {
      dropShadow(move.head);
      cleanTransactions.add(move.head);
      changeFolioFlags(pages, move.head, PAGE_WRITE_WATCHED, 0);
    }
    const moveNs = charged ? workNs(count) + copyNs(from, move.target, count) : 0;
    const timeNs = charged ? moveNs + costs.shootdownNs : 0;
    engine.timeline.schedule(engine.nowNs + timeNs, () => {
      queueStart++;
      mover.queued--;
      engine.migrationNs += timeSteps(moveNs);
      complete(move, from, timeNs);
      startNext();
    });
  };

  const complete = (move: QueuedMove, from: number, timeNs: number): void => {
    const { head, target } = move;
    const count = folioPages(pages, head);
    chargeKernelThread(engine, timeNs);
    if (charged) chargeCopy(engine.traffic, from, target, count * engine.memory.pageBytes);
    changeFolioFlags(pages, head, 0, PAGE_MOVING);
    const dirtied = move.transaction && !cleanTransactions.delete(head);
    if (move.transaction && !dirtied) changeFolioFlags(pages, head, 0, PAGE_WRITE_WATCHED);
    const at = pages.nodeOf[head] as NodeId;
    const problem = dirtied ? 'dirty' : refusal(head, at, target);
    if (problem === undefined) {
      dropShadow(head);
      relocate(head, at, target, move.keepShadow, false);
      engine.movedRequests++;
      if (move.keepShadow) {
        shadows.set(head, from as NodeId);
        changeFolioFlags(pages, head, PAGE_WRITE_WATCHED, 0);
      }
    } else refuse(problem);
    engine.hooks.moved?.(head, from as NodeId, target, problem);
  };

  const exchange = (page: number, other: number): boolean => {
    assertMapped(pages, page);
    assertMapped(pages, other);
    engine.requests++;
    const a = folioHead(pages, page);
    const b = folioHead(pages, other);
    const nodeA = pages.nodeOf[a] as NodeId;
    const nodeB = pages.nodeOf[b] as NodeId;
    const count = folioPages(pages, a);
    if (nodeA === nodeB) return refuse('same_node');
    if (count !== folioPages(pages, b)) return refuse('not_huge');
    if ((pages.flags[a] | pages.flags[b]) & PAGE_MOVING) return refuse('numa_isolate');
    dropShadow(a);
    dropShadow(b);
    relocate(a, nodeA, nodeB, false, false);
    relocate(b, nodeB, nodeA, false, false);
    engine.movedRequests++;
    if (charged) {
      const copies = copyNs(nodeA, nodeB, count) + copyNs(nodeB, nodeA, count);
      chargeMove(2 * workNs(count) + copies);
      chargeCopy(engine.traffic, nodeA, nodeB, count * engine.memory.pageBytes);
      chargeCopy(engine.traffic, nodeB, nodeA, count * engine.memory.pageBytes);
    }
    shootdown();
    return true;
  };

  const exchanged = (nodeA: NodeId, nodeB: NodeId, count: number): void => {
    engine.requests += count;
    engine.movedRequests += count;
    for (const [from, to] of [
      [nodeA, nodeB],
      [nodeB, nodeA],
    ]) {
      engine.pagesOut[from] += count;
      engine.pagesIn[to] += count;
      noteMove(engine, routeOf(from, to), count);
      if (charged) chargeCopies(engine.traffic, from, to, engine.memory.pageBytes, count);
    }
    if (!charged) return;
    const copies = copyNs(nodeA, nodeB, 1) + copyNs(nodeB, nodeA, 1);
    const moveNs = timeSteps(2 * workNs(1) + copies);
    engine.migrationNs += count * moveNs;
    chargeWork(engine, 'moveNs', count * (moveNs + timeSteps(costs.shootdownNs)));
  };

  /** What changes is kept in it, as an object with getters of its own is slow to call. */
  const mover: Mover & { queued: number; lastRefusal: RefusalReason } = {
    request(page, target) {
      assertMapped(pages, page);
      engine.requests++;
      const moved = moveNow(folioHead(pages, page), target);
      if (moved) shootdown();
      return moved;
    },
    requestBatch(batch, target) {
      let moved = 0;
      for (let i = 0; i < batch.length; i++) {
        assertMapped(pages, batch[i]);
        engine.requests++;
        if (moveNow(folioHead(pages, batch[i]), target)) moved++;
      }
      if (moved > 0) shootdown();
      return moved;
    },
    exchange,
    exchangeMany: (batch, others) =>
      exchangePairs(engine, batch, others, {
        exchange,
        exchanged,
        hitsDue,
        simple: shadows.size === 0 && engine.watchedNumbers.size === 0,
      }),
    exchanged,
    hitsDue,
    enqueue: (page, target) => enqueue(page, target, false, false),
    enqueueTransaction: (page, target, keepShadow) => enqueue(page, target, true, keepShadow),
    queued: 0,
    remapToShadow(page) {
      assertMapped(pages, page);
      engine.requests++;
      const head = folioHead(pages, page);
      const node = shadows.get(head);
      if (node === undefined) return refuse('no_shadow');
      if (pages.flags[head] & PAGE_MOVING) return refuse('numa_isolate');
      shadows.delete(head);
      changeFolioFlags(pages, head, 0, PAGE_WRITE_WATCHED);
      relocate(head, pages.nodeOf[head] as NodeId, node, false, true);
      engine.movedRequests++;
      if (charged) chargeMove(costs.movePageNs);
      shootdown();
      return true;
    },
    shadowNode(page) {
      assertMapped(pages, page);
      return shadows.get(folioHead(pages, page));
    },
    dropShadows(node, pageCount) {
      let dropped = 0;
      for (const [head, at] of shadows) {
        if (dropped >= pageCount) break;
        if (at !== node) continue;
        dropped += folioPages(pages, head);
        dropShadow(head);
      }
      return dropped;
    },
    splitHugePage(page) {
      assertMapped(pages, page);
      return splitHugePage(engine, page, dropShadow);
    },
    collapseHugePage(page) {
      assertMapped(pages, page);
      return collapseHugePage(engine, page, dropShadow);
    },
    written(page) {
      const head = folioHead(pages, page);
      if (shadows.has(head)) {
        dropShadow(head);
        chargeWork(engine, 'faultNs', costs.faultNs);
        engine.events.pgfault++;
      }
      cleanTransactions.delete(head);
      changeFolioFlags(pages, head, 0, PAGE_WRITE_WATCHED);
    },
    finish() {
      for (; queueStart < queue.length; queueStart++, mover.queued--) {
        changeFolioFlags(pages, queue[queueStart].head, 0, PAGE_MOVING | PAGE_WRITE_WATCHED);
        refuse('unfinished');
      }
    },
    shadowPages(node) {
      let held = 0;
      for (const [head, at] of shadows) if (at === node) held += folioPages(pages, head);
      return held;
    },
    lastRefusal: 'same_node',
  };
  return mover;
}

function noteMove(engine: Engine, route: MoveRoute, count: number): void {
  const { events } = engine;
  events.pgmigrate_success += count;
  if (route.promotes) engine.promotedPages += count;
  if (route.intoTopTier) events.pgpromote_success += count;
  if (!route.demotes) return;
  engine.demotedPages += count;
  if (engine.payer === 'task') events.pgdemote_direct += count;
  else events.pgdemote_kswapd += count;
}

function noteWatched(engine: Engine, head: number, from: NodeId, to: NodeId): void {
  eachOfFolio(engine.pages, head, (page) => {
    const pageNumber = engine.pages.pageNumber[page];
    if (!engine.watchedNumbers.has(pageNumber)) return;
    const why: unknown = engine.hooks.explain?.(page, from, to);
    assert(why === undefined || typeof why === 'string', `explain: a ${typeof why}, not a text`);
    engine.watched.push({
      timeNs: engine.nowNs,
      access: engine.accessCount,
      page,
      pageNumber,
      from,
      to,
      ...(why === undefined ? {} : { why }),
    });
  });
}
