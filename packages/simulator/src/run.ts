import { assert, AssertionError } from '@tierlab/core';
import type { RunRecord } from '@tierlab/core';
import { checkHooks, NO_NODE, PolicyError } from '@tierlab/policy';
import type { ExclusiveCache, HintFault, MigrationPolicy } from '@tierlab/policy';
import type { AccessBlock, TouchInterval } from '@tierlab/trace';
import { createAllocator } from './allocate.ts';
import { checkCapabilities, requireTouches } from './capabilities.ts';
import { checkBooks, checkPages } from './checks.ts';
import { createContext } from './context.ts';
import { createEngine } from './create-engine.ts';
import { chargeTask, initiatorIndex, payedBy } from './engine.ts';
import type { Engine } from './engine.ts';
import { createEpochs } from './epochs.ts';
import { SimulatorError } from './errors.ts';
import { createFirstTouch } from './first-touch.ts';
import type { FirstTouch } from './first-touch.ts';
import { pauseOf } from './kernels/replay.ts';
import { CLOCK_NS, THINK_NS, TRACE_TIME } from './kernels/span.ts';
import { checkMemorySystem } from './memory-system.ts';
import { createIntervals } from './meters.ts';
import { createMover } from './mover.ts';
import type { Mover } from './mover.ts';
import {
  changeFolioFlags,
  folioHead,
  PAGE_ACCESSED,
  PAGE_PROTECTED,
  PAGE_WRITE_WATCHED,
} from './pages.ts';
import type { PageTable } from './pages.ts';
import { makeRecord } from './record.ts';
import type { GivenManifest } from './record.ts';
import type { RunSetup } from './run-setup.ts';
import { createSamplers } from './samplers.ts';
import { createRecencyRun } from './shared/recency-run.ts';
import type { RecencyRun } from './shared/recency-run.ts';
import { createAheadMapper } from './shared/map-ahead.ts';
import { createSkipper } from './shared/skip.ts';
import type { Skipper } from './shared/skip.ts';
import { showBlock, showPages } from './show-columns.ts';
import { createTierCache } from './tier-cache.ts';
import type { TierCache } from './tier-cache.ts';
import type { TimedEvent } from './timeline.ts';
import { endWindow, takeCounts } from './traffic.ts';

/** More events than this at one time never end: a tick that asks for the next one without delay. */
const EVENTS_AT_ONCE_MAX = 10_000_000;

/** One policy on one machine, to be shown the blocks of a trace in order. */
export interface Run extends Skipper {
  accept(block: AccessBlock): void;
  /** Tells those that the run counts together with where these pages are. */
  tellPlaces(firstPage: number, endPage: number): void;
  finish(given: GivenManifest): RunRecord;
  /** The run as one of several that are caches in order of recency, where it is nothing else; before its first access. */
  readonly recency: RecencyRun | undefined;
}

/**
 * A run before its first access.
 *
 * @throws {SimulatorError} `SIM_BAD_MEMORY`, `SIM_BAD_CURVE`, `SIM_BAD_PLACEMENT`, `SIM_NO_TOUCHES`,
 * `SIM_NO_LOOKAHEAD`.
 * @throws {PolicyError} `POLICY_BAD_HOOKS`, `POLICY_SIGNAL_UNDECLARED`.
 */
export function createRun(setup: RunSetup): Run {
  checkMemorySystem(setup.memory);
  checkCapabilities(setup);
  const engine = createEngine(setup);
  const { pages, span, timeline, traffic } = engine;
  const { shared } = setup;
  const mover = createMover(engine);
  const samplers = createSamplers(engine);
  const allocator = createAllocator(engine);
  const firstTouch = createFirstTouch(engine, allocator, setup.interpreted ?? false);
  const context = createContext(engine, setup, mover, samplers);
  engine.hooks = checkHooks(setup.policy, setup.policy.create(context));
  const cache = createCache(engine, mover, firstTouch, setup);
  const loop = cache ?? firstTouch;
  const epochs = createEpochs(engine, setup.foresight?.nextEpoch, shared?.counts);
  const intervals = createIntervals(engine);
  const housekeeping = scheduleHousekeeping(engine, () => {
    intervals.close(engine.nowNs);
    checkBooks(engine, mover.queued);
    return intervals.endNs();
  });

  let block: AccessBlock;
  /** Records of the block before the next one to replay. */
  let cursor = 0;
  let eventNs = 0;
  /** Events that happened at `eventNs` before the last one. */
  let eventsNow = 0;
  /** The first access of the block that is to a page nobody told; Infinity if there is none. */
  let firstBad = Infinity;
  let sawTouches = false;

  const arrivalNs = (i: number): number => {
    const { time, registers, tickNs, includedNs } = span;
    const clockNs = registers[CLOCK_NS];
    if (time === undefined) return clockNs;
    return clockNs + pauseOf((time[i] - registers[TRACE_TIME]) * tickNs - includedNs);
  };

  /** Lets the time before access i pass. */
  const arrive = (i: number): void => {
    const { registers, time } = span;
    const nowNs = arrivalNs(i);
    registers[THINK_NS] += nowNs - registers[CLOCK_NS];
    registers[CLOCK_NS] = nowNs;
    if (time !== undefined) registers[TRACE_TIME] = time[i];
    engine.nowNs = nowNs;
  };

  const takeHintFault = createFaultTaker(engine);

  /**
   * Maps every page up to and including `page`: those before it were touched before it, and no
   * access of them has missed the caches yet.
   */
  const mapThrough = (page: number, thread: number, write: boolean): void => {
    for (let id = pages.count; id <= page; id++) {
      allocator.map(id, block.newPageNumber[id - block.newPageFirst], thread, write && id === page);
    }
  };

  /** The pages of an interval were touched; what was accessed in it has been replayed. */
  const touch = ({ page }: TouchInterval): void => {
    engine.nowNs = span.registers[CLOCK_NS];
    for (let k = 0; k < page.length; k++) {
      if (engine.tracksFlags) k = markTouched(pages, page, k);
      if (k === page.length) break;
      const id = page[k];
      if (id >= pages.count) mapThrough(id, 0, false);
      if (!engine.tracksFlags) continue;
      if (pages.flags[id] & PAGE_PROTECTED) takeHintFault(id, false, 0);
      pages.flags[id] |= PAGE_ACCESSED;
    }
  };

  /** Access i cannot simply be replayed: maps its page or takes its fault. */
  const stop = (i: number): void => {
    // The loop has just read its own columns; the block's are far from the CPU by now.
    const page = span.page[i];
    const write = span.write[i] === 1;
    const thread = span.thread?.[i] ?? span.soleThread ?? 0;
    arrive(i);
    if (page >= pages.count || pages.nodeOf[page] === NO_NODE) {
      mapThrough(page, thread, write);
    } else if (pages.flags[page] & PAGE_PROTECTED) {
      takeHintFault(page, write, thread);
    } else {
      const watched = write && (pages.flags[page] & PAGE_WRITE_WATCHED) !== 0;
      assert(watched, 'the kernel stopped for nothing');
      payedBy(engine, 'task', () => mover.written(page));
    }
  };

  const happen = (): void => {
    const event = timeline.take();
    assert(event.timeNs >= eventNs, 'an event came after a later one');
    eventsNow = event.timeNs === eventNs ? eventsNow + 1 : 0;
    if (eventsNow > EVENTS_AT_ONCE_MAX)
      throw new AssertionError(`clock: ${eventsNow} ticks at ${eventNs} ns: they call each other`);
    eventNs = event.timeNs;
    engine.nowNs = event.timeNs;
    event.happen();
  };

  /** Replays up to and not including access `to` of the block, with everything that happens meanwhile. */
  const replayTo = (to: number): void => {
    while (cursor < to) {
      if (cursor === firstBad)
        throw badPage(engine, engine.blockStart + cursor, block.page[cursor]);
      if (engine.tracksFlags !== (span.flags !== undefined)) showPages(engine);
      const deadlineNs = timeline.nextNs();
      const toSample = recordsFor(span.weight, cursor, to, samplers.accessesToNext());
      const end = Math.min(to, cursor + Math.min(toSample, epochs.accessesLeft()), firstBad);
      const reached = loop.replay(cursor, end, deadlineNs);
      if (reached > cursor) {
        const count = reached - cursor;
        engine.recordCount += count;
        engine.accessCount += standsFor(span.weight, cursor, reached);
        cursor = reached;
        engine.nowNs = span.registers[CLOCK_NS];
        samplers.replayed(reached - 1);
        epochs.replayed(count);
      }
      if (cache?.swap()) continue;
      if (reached < end) {
        if (arrivalNs(reached) < deadlineNs) stop(reached);
        else happen();
      }
    }
  };

  const askForBlock = (length: number): void => {
    engine.hooks.block?.({
      start: engine.blockStart,
      length,
      page: block.page,
      write: block.write,
      // Absent where it was not declared, which the policy's types know.
      nextUse: setup.foresight?.nextUse?.(engine.blockStart, length) as Float64Array,
      replayThrough(i) {
        if (i >= length || i + 1 < cursor) {
          throw new AssertionError(`replayThrough(${i}): access ${cursor} is next`);
        }
        replayTo(i + 1);
      },
    });
  };

  const begin = (next: AccessBlock): void => {
    block = next;
    engine.blockStart = engine.recordCount;
    cursor = 0;
    showBlock(engine, next, () => cache?.makeRoom());
    cache?.begin();
    firstBad = firstUnknownPage(engine, next);
  };

  const mapper = createAheadMapper(engine, allocator, epochs, {
    begin,
    arriveAt(to) {
      replayTo(to);
      arrive(to);
    },
  });
  const skipper = createSkipper(engine, firstTouch, epochs, mapper, {
    happen,
    housekeeping,
    intervals,
  });

  epochs.start();
  return {
    ...skipper,
    recency: createRecencyRun(engine, mover, firstTouch, cache, happen),
    tellPlaces(firstPage, endPage) {
      for (let page = firstPage; page < endPage; page++) engine.placed?.(page, pages.nodeOf[page]);
    },
    accept(next) {
      if (!mapper.takeBegun()) begin(next);
      if (next.length > 0) askForBlock(next.length);
      for (const interval of next.touches ?? []) {
        replayTo(Math.max(cursor, firstFrom(next, interval.endTime)));
        touch(interval);
      }
      replayTo(next.length);
      mapThrough(knownPages(next) - 1, 0, false);
      sawTouches ||= next.touches !== undefined;
      engine.moveJudge.endBlock(next.length);
    },
    finish(given) {
      if (!sawTouches) requireTouches(setup);
      cache?.settle();
      // On its own a run has counted its last block: moves from here on come after it.
      if (shared === undefined) engine.blockStart = engine.recordCount;
      mover.finish();
      engine.hooks.finish?.();
      takeCounts(traffic);
      intervals.close(span.registers[CLOCK_NS]);
      checkBooks(engine, 0);
      checkPages(engine, (node) => mover.shadowPages(node));
      const { policy, declaration, seed } = setup;
      // Moves after the last access.
      engine.moveJudge.endBlock(0);
      const settled = { intervals: intervals.all(), outcome: engine.moveJudge.outcome() };
      return makeRecord(engine, policy, declaration, seed, given, settled);
    },
  };
}

/** The cache that the policy declared in its hooks. */
function createCache(
  engine: Engine,
  mover: Mover,
  firstTouch: FirstTouch,
  { policy, settings, interpreted, shared }: RunSetup,
): TierCache | undefined {
  const { cache } = engine.hooks;
  if (cache === undefined) return undefined;
  if (settings.hugePages === 'always') {
    throw new SimulatorError(
      'SIM_BAD_SETTING',
      `${policy.name}: works on base pages only; run it with hugePages never`,
    );
  }
  checkCache(engine, policy, cache);
  const asksNothing =
    Object.keys(engine.hooks).length === 1 &&
    policy.signals.every((signal) => signal === 'accessStream') &&
    engine.timeline.size() === 0;
  return createTierCache(engine, mover, firstTouch, cache, {
    interpreted: interpreted ?? false,
    nodesLater: asksNothing && shared === undefined,
  });
}

const ORDERS: readonly ExclusiveCache['order'][] = ['recency', 'arrival', 'second-chance'];

function checkCache({ nodeAt }: Engine, policy: MigrationPolicy, cache: ExclusiveCache): void {
  const { order, pages, nodes } = cache;
  const areNodes = nodes?.length > 0 && nodes.every((id) => nodeAt[id] !== undefined);
  if (ORDERS.includes(order) && pages >= 0 && pages < Infinity && areNodes) return;
  throw new PolicyError(
    'POLICY_BAD_HOOKS',
    `${policy.name}: hook cache: expected an order of ${ORDERS.join(', ')}, a number of pages and nodes with memory, got ${JSON.stringify(cache)}`,
  );
}

/** Page ids below this are told by the end of the block. */
export function knownPages({ newPageFirst, newPageNumber }: AccessBlock): number {
  return newPageFirst + newPageNumber.length;
}

/** The first access of the block at or after `time`; the first one of all where it has no times. */
export function firstFrom({ time, length }: AccessBlock, fromTime: number): number {
  if (time === undefined) return 0;
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (time[middle] < fromTime) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Contention windows, and intervals whose `close` returns when to close the next one. */
function scheduleHousekeeping(engine: Engine, close: () => number): TimedEvent[] {
  const { timeline, settings, traffic } = engine;
  const windowNs = settings.contentionWindow;
  const events: TimedEvent[] = [];
  // Where no latency depends on load, nobody asks for the load.
  if (!traffic.steady) {
    const window = timeline.schedule(windowNs, () => {
      const endNs = Math.max(engine.nowNs, engine.span.registers[CLOCK_NS]);
      endWindow(traffic, endNs);
      timeline.reschedule(window, (Math.floor(endNs / windowNs) + 1) * windowNs);
    });
    events.push(window);
  }
  const interval = timeline.schedule(settings.intervalLength, () => {
    timeline.reschedule(interval, close());
  });
  return [...events, interval];
}

/** Takes hint faults with one object that every fault fills anew. */
function createFaultTaker(engine: Engine): (page: number, write: boolean, thread: number) => void {
  const { pages, memory } = engine;
  const fault: { -readonly [K in keyof HintFault]: HintFault[K] } = {
    page: 0,
    write: false,
    thread: 0,
    initiator: memory.initiators[0].id,
    timeNs: 0,
    protectedNs: 0,
  };
  return (page, write, thread) => {
    const head = folioHead(pages, page);
    changeFolioFlags(pages, head, 0, PAGE_PROTECTED);
    fault.page = page;
    fault.write = write;
    fault.thread = thread;
    fault.initiator = memory.initiators[initiatorIndex(engine, thread)].id;
    fault.timeNs = engine.nowNs;
    fault.protectedNs = pages.protectedNs![head];
    engine.events.pgfault++;
    engine.events.numa_hint_faults++;
    chargeTask(engine, 'faultNs', engine.costs.faultNs);
    const { payer } = engine;
    engine.payer = 'task';
    engine.hooks.hintFault?.(fault);
    engine.payer = payer;
  };
}

/** Sets the accessed bits of a list of pages from index `from` on, up to one that is not mapped or is protected; returns its index, or the list's length. */
function markTouched(
  { flags, count }: PageTable,
  list: Readonly<Uint32Array>,
  from: number,
): number {
  for (let k = from; k < list.length; k++) {
    const page = list[k];
    if (page >= count) return k;
    const bits = flags[page];
    if (bits & PAGE_PROTECTED) return k;
    flags[page] = bits | PAGE_ACCESSED;
  }
  return list.length;
}

/** Accesses that records `from` to `to` stand for. */
function standsFor(weight: Uint32Array | undefined, from: number, to: number): number {
  if (weight === undefined) return to - from;
  let sum = 0;
  for (let i = from; i < to; i++) sum += weight[i];
  return sum;
}

/** How many records from `from` on, up to `to`, it takes to stand for `accesses`; no fewer than 1. */
function recordsFor(
  weight: Uint32Array | undefined,
  from: number,
  to: number,
  accesses: number,
): number {
  if (weight === undefined || accesses === Infinity) return accesses;
  let sum = 0;
  let i = from;
  while (i < to && sum < accesses) sum += weight[i++];
  return Math.max(i - from, 1);
}

/** The first access of a block to a page that neither it nor a block before it told. */
function firstUnknownPage({ columns, span }: Engine, block: AccessBlock): number {
  const known = knownPages(block);
  const largest = columns.kernels.largestPage(span.page.byteOffset, block.length) >>> 0;
  if (block.length === 0 || largest < known) return Infinity;
  return block.page.findIndex((page) => page >= known);
}

function badPage(engine: Engine, access: number, page: number): SimulatorError {
  return new SimulatorError(
    'SIM_BAD_TRACE',
    `access ${access}: page ${page}, but ${engine.pages.count} pages are known: expected ids in the order of first touch`,
  );
}
