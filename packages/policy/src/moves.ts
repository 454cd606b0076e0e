import type { NodeId } from '@tierlab/core';

/**
 * Why the mover refused. The first four carry the names that TPP gave them in /proc/vmstat
 * (`pgmigrate_fail_*`); the others have no counterpart in a kernel.
 */
export type RefusalReason =
  /** The target's free pages would fall below its min watermark. */
  | 'dst_node_full'
  /** The page is being moved already. */
  | 'numa_isolate'
  /** A transactional copy saw a write before it was done. */
  | 'dirty'
  /** The policy's queue of asynchronous moves is full. */
  | 'queue_full'
  /** The page is on the target already. */
  | 'same_node'
  /** The page has no valid shadow. */
  | 'no_shadow'
  /** The page is not part of a huge page, or no huge page can be made there. */
  | 'not_huge'
  /** The run ended before the queue reached the request. */
  | 'unfinished';

/**
 * How a policy asks for moves; the mover decides, and a refusal is a value and a counter.
 *
 * A page of a huge page stands for the whole huge page, which moves whole. A page id that is not
 * mapped or a node that is not there is a mistake of the policy and throws.
 *
 * Who pays: a move asked for in `hintFault`, or in `pressure` for a failed allocation, is
 * synchronous, and the task that faulted waits for it. Everywhere else the policy's kernel thread
 * does the work; it takes memory bandwidth, and it takes the application's time only where the run
 * has no idle core for it.
 */
export interface Moves {
  /** Moves `page` to `target` now; false: refused, see {@link Moves.lastRefusal}. */
  request(page: number, target: NodeId): boolean;
  /** Moves pages to `target` in one batch with one TLB shootdown; returns how many of them moved. */
  requestBatch(pages: ArrayLike<number>, target: NodeId): number;
  /** Swaps the places of two pages of equal size, without a free page. */
  exchange(page: number, other: number): boolean;
  /** As {@link Moves.exchange} for each `pages[i]` and `others[i]` in turn; returns how many of these swapped places. */
  exchangeMany(pages: ArrayLike<number>, others: ArrayLike<number>): number;
  /**
   * Queues a move for the mover's thread, which copies one after the other at the pace of the
   * memory; the outcome comes as a `moved` hook.
   */
  enqueue(page: number, target: NodeId): boolean;
  /**
   * Queues a move that copies while the page stays mapped and fails with `dirty` when the page was
   * written meanwhile; with `keepShadow` the old copy stays until the next write to the page.
   */
  enqueueTransaction(page: number, target: NodeId, keepShadow: boolean): boolean;
  /** Moves requested and not yet done. */
  readonly queued: number;
  /** Remaps `page` to its shadow copy without copying. */
  remapToShadow(page: number): boolean;
  /** The node that holds a valid shadow of `page`. */
  shadowNode(page: number): NodeId | undefined;
  /** Frees up to `pageCount` shadow pages of `node`, oldest first; returns how many it freed. */
  dropShadows(node: NodeId, pageCount: number): number;
  /** Splits the huge page of `page` into base pages; those never touched become free. */
  splitHugePage(page: number): boolean;
  /** Makes one huge page of the aligned range around `page` where all of it is on one node and there is room. */
  collapseHugePage(page: number): boolean;
  /** Why the last request was refused. */
  readonly lastRefusal: RefusalReason;
}

/** `moves`, but a request for which `allow` says no is refused without being counted as asked. */
export function gateMoves(moves: Moves, allow: (page: number, target: NodeId) => boolean): Moves {
  return {
    request: (page, target) => allow(page, target) && moves.request(page, target),
    requestBatch: (pages, target) =>
      moves.requestBatch(
        Array.from(pages).filter((page) => allow(page, target)),
        target,
      ),
    exchange: (page, other) => moves.exchange(page, other),
    exchangeMany: (pages, others) => moves.exchangeMany(pages, others),
    enqueue: (page, target) => allow(page, target) && moves.enqueue(page, target),
    enqueueTransaction: (page, target, keepShadow) =>
      allow(page, target) && moves.enqueueTransaction(page, target, keepShadow),
    get queued() {
      return moves.queued;
    },
    remapToShadow: (page) => moves.remapToShadow(page),
    shadowNode: (page) => moves.shadowNode(page),
    dropShadows: (node, pageCount) => moves.dropShadows(node, pageCount),
    splitHugePage: (page) => moves.splitHugePage(page),
    collapseHugePage: (page) => moves.collapseHugePage(page),
    get lastRefusal() {
      return moves.lastRefusal;
    },
  };
}
