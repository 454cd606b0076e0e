import { OWED_MAX } from '../cache-slots.ts';
import type { Engine } from '../engine.ts';
import type { FirstTouch } from '../first-touch.ts';
import { CLOCK_NS, DEMOTED_THEN_PROMOTED, PROMOTED_THEN_DEMOTED, WASTED } from '../kernels/span.ts';
import { dateSteps } from '../move-judge.ts';
import type { DateSteps } from '../move-judge.ts';
import type { Mover } from '../mover.ts';
import { growPageTable } from '../pages.ts';
import type { TierCache } from '../tier-cache.ts';

/** A run whose policy is a cache in order of recency and nothing else, as one of several over a trace. */
export interface RecencyRun {
  /** Runs of one key may be in one group. */
  readonly key: string;
  /** What an access costs that hits, and what a miss costs more, reads and writes. */
  readonly hitNs: readonly [number, number];
  readonly extraNs: readonly [number, number];
  readonly faultNs: number;
  /** How moves are dated. */
  readonly steps: DateSteps;
  /** Pages that the cache holds. */
  readonly capacity: number;
  /** Pages that can be mapped without asking anybody. */
  readonly pagesMax: number;
  /** Accesses that pay for a promotion. */
  readonly due: number;
  /** When the next event is due. */
  nextNs(): number;
  /** Brings the books to where the run is. */
  settle(books: RecencyBooks): void;
  /** The next event happens. */
  happen(): void;
  /** The run goes on by itself, from where it was last settled. */
  leave(cached: RecencyState): void;
}

/** What has happened in a run since its start. */
export interface RecencyBooks {
  readonly clockNs: number;
  readonly accesses: number;
  readonly writes: number;
  readonly readMisses: number;
  readonly writeMisses: number;
  readonly pageCount: number;
}

/** The cache of a run, and what became of its moves. */
export interface RecencyState {
  /** Pages in the cache, the one used longest ago first. */
  readonly pages: readonly number[];
  /** The step in which a page last moved, plus 1, negative for a demotion; 0 if it never moved. */
  moved(page: number): number;
  /** Accesses that the promotion of a cached page has yet to see until it has paid. */
  owed(page: number): number;
  readonly comebacks: number;
  readonly returns: number;
  readonly wasted: number;
}

/** The run as one of a group; undefined where more can happen in it than hits, misses and closings of intervals. */
export function createRecencyRun(
  engine: Engine,
  mover: Mover,
  firstTouch: FirstTouch,
  cache: TierCache | undefined,
  happen: () => void,
): RecencyRun | undefined {
  const { memory, traffic, pages, span, settings, timeline } = engine;
  const { cache: spec } = engine.hooks;
  if (cache === undefined || spec === undefined || !isPlain(engine)) return undefined;
  const [inside, outside] = memory.nodes.toSorted((a, b) => a.tierRank - b.tierRank);
  const [near, far] = [inside.id, outside.id];
  const room = (node: typeof inside): number => node.capacityPages - node.watermarks.lowPages;
  if (spec.nodes.length !== 1 || spec.nodes[0] !== near) return undefined;
  if (spec.pages !== room(inside) || spec.pages < 1 || room(outside) < 0) return undefined;
  const due = mover.hitsDue(far, near, 1);
  if (due < 0 || due > OWED_MAX) return undefined;
  const { classCostNs } = traffic;
  const costs = (node: number): readonly [number, number] => [
    classCostNs[2 * node],
    classCostNs[2 * node + 1],
  ];
  const [hitNs, missNs] = [costs(near), costs(far)];
  let before: RecencyBooks = {
    clockNs: 0,
    accesses: 0,
    writes: 0,
    readMisses: 0,
    writeMisses: 0,
    pageCount: 0,
  };

  const bookPages = (from: number, to: number): void => {
    const nearPages = Math.min(to, spec.pages) - Math.min(from, spec.pages);
    if (nearPages > 0) firstTouch.book(near, nearPages);
    if (to - from > nearPages) firstTouch.book(far, to - from - nearPages);
  };

  return {
    key: [...hitNs, firstTouch.faultNs, settings.pingPongWindow].join(' '),
    hitNs,
    extraNs: [missNs[0] - hitNs[0], missNs[1] - hitNs[1]],
    faultNs: firstTouch.faultNs,
    steps: dateSteps(settings.pingPongWindow),
    capacity: spec.pages,
    pagesMax: spec.pages + room(outside),
    due,
    nextNs: () => timeline.nextNs(),
    happen,
    settle(books) {
      bookPages(before.pageCount, books.pageCount);
      const { classCount } = traffic;
      const readMisses = books.readMisses - before.readMisses;
      const writeMisses = books.writeMisses - before.writeMisses;
      const writes = books.writes - before.writes;
      const accesses = books.accesses - before.accesses;
      classCount[2 * near] += accesses - writes - readMisses;
      classCount[2 * near + 1] += writes - writeMisses;
      classCount[2 * far] += readMisses;
      classCount[2 * far + 1] += writeMisses;
      engine.recordCount += accesses;
      engine.accessCount += accesses;
      span.registers[CLOCK_NS] = books.clockNs;
      engine.nowNs = books.clockNs;
      const exchanges = readMisses + writeMisses;
      if (exchanges > 0) mover.exchanged(far, near, exchanges);
      before = books;
    },
    leave(cached) {
      const { pageCount } = before;
      growPageTable(pages, pageCount);
      cache.makeRoom();
      cache.dateFrom(before.clockNs);
      pages.nodeOf.fill(far, 0, pageCount);
      for (let page = 0; page < pageCount; page++) cache.exclude(page, cached.moved(page));
      for (const page of cached.pages) {
        pages.nodeOf[page] = near;
        cache.include(page, cached.owed(page), cached.moved(page));
      }
      const { registers } = span;
      registers[DEMOTED_THEN_PROMOTED] = cached.comebacks;
      registers[PROMOTED_THEN_DEMOTED] = cached.returns;
      registers[WASTED] = cached.wasted;
    },
  };
}

/** Nothing in the run depends on more than which of two nodes serves each access. */
function isPlain(engine: Engine): boolean {
  const { memory, settings, hooks, traffic, timeline, span } = engine;
  return (
    hooks.cache?.order === 'recency' &&
    Object.keys(hooks).length === 1 &&
    engine.relaxes.length === 0 &&
    memory.nodes.length === 2 &&
    memory.nodes[0].tierRank !== memory.nodes[1].tierRank &&
    memory.initiators.length === 1 &&
    traffic.steady &&
    timeline.size() === 1 &&
    settings.idleCores > 0 &&
    settings.hugePages === 'never' &&
    engine.processes === 1 &&
    engine.placement === undefined &&
    engine.watchedNumbers.size === 0 &&
    !engine.followsClock &&
    !engine.tracksFlags &&
    !span.openLoop
  );
}
