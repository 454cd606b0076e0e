import type { NodeId } from '@tierlab/core';
import type { AccessBlock } from '@tierlab/trace';
import type { Engine } from '../engine.ts';
import type { Epochs } from '../epochs.ts';
import type { FirstTouch } from '../first-touch.ts';
import { CLOCK_NS } from '../kernels/span.ts';
import type { Intervals } from '../meters.ts';
import { growPageTable } from '../pages.ts';
import type { TimedEvent } from '../timeline.ts';
import type { AheadMapper } from './map-ahead.ts';

/** What a run says of its near future, by nodes as the memory has them in order. */
export interface Outlook {
  /** Everything that the run must know of accesses is counted for it. */
  followed: boolean;
  clockNs: number;
  /** When the next event is due. */
  nextNs: number;
  /** The same of the end of its interval alone, if that changes nothing else, and of all others; Infinity if there are none. */
  intervalNs: number;
  othersNs: number;
  /** How long intervals are, and how many may end before they get longer. */
  intervalLengthNs: number;
  intervalsLeft: number;
  /** What a first touch costs. */
  faultNs: number;
  /** Pages that it has mapped. */
  pageCount: number;
  /** Index of the node that the next pages are mapped on, and for how many it has room; 0 where that takes an answer for each. */
  roomIndex: number;
  roomPages: number;
  /** What a read costs and what a write costs, of each node. */
  readonly costNs: Float64Array;
}

/** What a run was taken past without replaying it: accesses, and first touches of pages that one node had room for. */
export interface Passed {
  accesses: number;
  /** Those of the last piece of it. */
  pieceAccesses: number;
  /** When it ended. */
  clockNs: number;
  pagesFirst: number;
  pages: number;
  roomIndex: number;
  /** Reads and writes of each node. */
  readonly served: Float64Array;
}

/** How a run gets past pieces in which nothing happens but accesses and plain first touches. */
export interface Skipper {
  look(into: Outlook): void;
  /** Maps the new pages of a piece before its accesses, where that takes an answer for each; see `AheadMapper`. */
  mapAhead(piece: AccessBlock, touchedAt: Readonly<Uint32Array>): boolean;
  /** Does to the run what replaying that would. */
  takePassed(passed: Passed): void;
  /** The run takes a piece in parts, between which only events of the engine's own happen. */
  readonly parts: PieceParts;
}

/** How a run takes a piece part by part. */
export interface PieceParts {
  /**
   * Whether nothing happens before this time but the engine's own events, which move no page; and until then an access
   * costs what it does now, where it matters.
   */
  areQuietUntil(endNs: number): boolean;
  begin(): void;
  /** As `takePassed`, of a part. */
  take(passed: Passed): void;
  /** Lets the event happen that is due. */
  happen(): void;
  /** The piece of this length has been taken. */
  end(length: number): void;
}

/** The skipper of a run of one process on one initiator, whose trace has no clock, threads or weights. */
export function createSkipper(
  engine: Engine,
  firstTouch: FirstTouch,
  epochs: Epochs,
  mapper: AheadMapper,
  events: {
    readonly happen: () => void;
    readonly housekeeping: readonly TimedEvent[];
    readonly intervals: Intervals;
  },
): Skipper {
  const { memory, pages, span, timeline, traffic } = engine;
  const ids = memory.nodes.map(({ id }) => id);
  const isFollowed = (): boolean =>
    !span.openLoop && (!engine.tracksFlags || pages.touches !== undefined);

  /** Windows of contention change what an access costs. */
  const lookForEvents = (into: Outlook): void => {
    const { housekeeping, intervals } = events;
    into.intervalNs = traffic.steady ? housekeeping[0].timeNs : Infinity;
    into.othersNs = traffic.steady ? timeline.nextNsBut(housekeeping) : into.nextNs;
    into.intervalLengthNs = intervals.lengthNs();
    into.intervalsLeft = intervals.left();
  };

  const take = ({
    accesses,
    clockNs,
    pagesFirst,
    pages: mapped,
    roomIndex,
    served,
  }: Passed): void => {
    span.registers[CLOCK_NS] = clockNs;
    engine.nowNs = clockNs;
    if (mapped > 0) {
      growPageTable(pages, pagesFirst + mapped);
      pages.nodeOf.fill(ids[roomIndex], pagesFirst, pagesFirst + mapped);
      firstTouch.book(ids[roomIndex], mapped);
    }
    const { classCount } = traffic;
    for (let i = 0; i < ids.length; i++) {
      classCount[2 * ids[i]] += served[2 * i];
      classCount[2 * ids[i] + 1] += served[2 * i + 1];
    }
    engine.recordCount += accesses;
    engine.accessCount += accesses;
    epochs.replayed(accesses);
  };

  return {
    look(into) {
      const room = firstTouch.room();
      into.followed = isFollowed();
      into.clockNs = span.registers[CLOCK_NS];
      into.nextNs = timeline.nextNs();
      lookForEvents(into);
      into.faultNs = firstTouch.faultNs;
      into.pageCount = pages.count;
      into.roomIndex = room === undefined ? -1 : ids.indexOf(room.id as NodeId);
      into.roomPages = room?.pages ?? 0;
      const { classCostNs } = traffic;
      for (let i = 0; i < ids.length; i++) {
        into.costNs[2 * i] = classCostNs[2 * ids[i]];
        into.costNs[2 * i + 1] = classCostNs[2 * ids[i] + 1];
      }
    },
    mapAhead: (piece, touchedAt) => isFollowed() && mapper.map(piece, touchedAt),
    takePassed(passed) {
      engine.blockStart = engine.recordCount + passed.accesses - passed.pieceAccesses;
      take(passed);
      engine.moveJudge.endBlock(passed.pieceAccesses);
    },
    parts: {
      areQuietUntil(endNs) {
        const othersNs = timeline.nextNsBut(events.housekeeping);
        return othersNs === Infinity || (traffic.steady && endNs < othersNs);
      },
      begin() {
        engine.blockStart = engine.recordCount;
      },
      take,
      happen: events.happen,
      end: (length) => engine.moveJudge.endBlock(length),
    },
  };
}
