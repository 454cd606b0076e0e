import type { NodeId } from '@tierlab/core';
import type { PageAllocator } from './allocate.ts';
import { freePages, initiatorIndex } from './engine.ts';
import type { Engine } from './engine.ts';
import { compiledReplay } from './kernels/compiled.ts';
import { replaySpan } from './kernels/replay.ts';
import {
  CLOCK_NS,
  COST_NS_MAX,
  MAP_COST_NS,
  MAP_NODE,
  MAP_PAGES,
  PAGE_COUNT,
} from './kernels/span.ts';
import { timeSteps } from './time.ts';

/** The replay loop of a run, with the first touches that it can settle itself. */
export interface FirstTouch {
  /** What a fault that maps a page costs the clock, in time steps. */
  readonly faultNs: number;
  /** The node that the next pages are mapped on and how many it has room for; undefined where that takes an answer for each page. */
  room(): { readonly id: number; readonly pages: number } | undefined;
  /** Enters in the books that the next `count` pages were mapped on this node until now, and tells the policy. */
  book(id: number, count: number): void;
  /** `replaySpan`, for accesses `from` to `to`; the books hold the pages that it mapped. */
  replay(from: number, to: number, deadlineNs: number): number;
  /** As {@link replay}, by another compiled loop. */
  replayBy(
    loop: (from: number, to: number, deadlineNs: number) => number,
    from: number,
    to: number,
    deadlineNs: number,
  ): number;
}

/**
 * A first touch that nobody wants to be asked about or told of at once maps a base page on the first node of
 * the zone list that has room: the compiled loop does that itself, while the node's room lasts.
 */
export function createFirstTouch(
  engine: Engine,
  { zoneLists }: PageAllocator,
  interpreted: boolean,
): FirstTouch {
  const { span, pages, traffic, columns } = engine;
  const replay = compiledReplay(columns);
  const faultNs = timeSteps(engine.costs.faultNs);

  const mark = engine.relaxes.includes('watermarks') ? 'minPages' : 'lowPages';
  /** Pages of each node that first touches leave free. */
  const keptPages = engine.nodeAt.map((node) => node?.watermarks[mark] ?? 0);

  /** Where the policy has made its hooks: whether it leaves first touches to the loop. */
  const leavesTouches = (): boolean => {
    const { hooks } = engine;
    if (hooks.allocate !== undefined) return false;
    if (hooks.mapped !== undefined && hooks.mappedMany === undefined) return false;
    if (engine.placement !== undefined) return false;
    return pages.headOf === undefined && engine.processes === 1;
  };
  let plain: boolean | undefined;
  const isPlain = (): boolean =>
    (plain ??= leavesTouches()) &&
    (span.thread === undefined || engine.memory.initiators.length === 1);

  /** The nodes that pages are mapped on, first come first; found when the policy has made its hooks. */
  let order: readonly NodeId[] | undefined;
  const mapOrder = (): readonly NodeId[] => {
    const list = zoneLists[initiatorIndex(engine, 0)];
    return [...(engine.hooks.cache?.nodes ?? []), ...list];
  };

  const roomOf = (id: number): number => freePages(engine, id) - keptPages[id];
  /** The node that the next page is mapped on; undefined where that takes an answer. */
  const nextNode = (): NodeId | undefined => {
    if (!isPlain()) return undefined;
    for (const id of (order ??= mapOrder())) if (roomOf(id) >= 1) return id;
    return undefined;
  };

  const allow = (): void => {
    const { registers } = span;
    registers[PAGE_COUNT] = pages.count;
    registers[COST_NS_MAX] = traffic.costNsMax;
    registers[MAP_PAGES] = 0;
    const id = nextNode();
    if (id === undefined) return;
    registers[MAP_NODE] = id;
    registers[MAP_PAGES] = Math.min(roomOf(id), 2 ** 31);
    registers[MAP_COST_NS] = span.openLoop ? 0 : faultNs;
  };

  const book = (id: number, count: number): void => {
    pages.count += count;
    engine.usedPages[id] += count;
    engine.time.faultNs += count * faultNs;
    engine.firstTouchNs += count * faultNs;
    engine.events.pgfault += count;
    engine.nowNs = span.registers[CLOCK_NS];
    engine.hooks.mappedMany?.(pages.count - count, pages.count);
  };

  const settle = (): void => {
    const { registers } = span;
    // As an integer: the count of pages, which every request compares with, would become a float with it.
    const mapped = (registers[PAGE_COUNT] >>> 0) - pages.count;
    if (mapped > 0) book(registers[MAP_NODE], mapped);
  };

  const replayBy: FirstTouch['replayBy'] = (loop, from, to, deadlineNs) => {
    allow();
    const reached = loop(from, to, deadlineNs);
    settle();
    return reached;
  };

  const loop = (from: number, to: number, deadlineNs: number): number =>
    replay(span, from, to, deadlineNs);
  return {
    faultNs,
    room() {
      const id = nextNode();
      return id === undefined ? undefined : { id, pages: roomOf(id) };
    },
    book,
    replayBy,
    replay: (from, to, deadlineNs) =>
      interpreted ? replaySpan(span, from, to, deadlineNs) : replayBy(loop, from, to, deadlineNs),
  };
}
