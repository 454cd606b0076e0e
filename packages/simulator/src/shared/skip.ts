import { assert } from '@tierlab/core';
import type { NodeId } from '@tierlab/core';
import type { AccessBlock } from '@tierlab/trace';
import type { Engine } from '../engine.ts';
import type { Epochs } from '../epochs.ts';
import type { FirstTouch } from '../first-touch.ts';
import { CLOCK_NS } from '../kernels/span.ts';
import { growPageTable } from '../pages.ts';
import { EXACT_NS } from '../time.ts';
import { RUNS_PER_WORD } from './counts.ts';
import type { Served } from './counts.ts';
import type { AheadMapper } from './map-ahead.ts';

/** A part of a block, as a block of its own, and what many runs have counted of it together. */
export interface Piece {
  readonly block: AccessBlock;
  readonly served: Served;
}

/** How a run gets past a piece in which nothing happens but accesses and plain first touches. */
export interface Skipper {
  /** Index of the node that the next `count` pages are mapped on, all of them, whoever touches them; undefined if that is not known. */
  placeNext(count: number): number | undefined;
  /** Maps the new pages of a piece before its accesses, where {@link placeNext} does not know; see `AheadMapper`. */
  mapAhead(piece: AccessBlock, touchedAt: Readonly<Uint32Array>): void;
  /**
   * Whether nothing else than that can happen in the piece, where all its new pages are touched and mapped as
   * {@link placeNext} said or {@link mapAhead} did. Else it must be replayed.
   */
  maySkip(piece: Piece, run: number, placed: number | undefined): boolean;
  /** Does to the run what replaying the piece would, of which {@link maySkip} has just said that it may. */
  skip(piece: AccessBlock): void;
}

/** The skipper of a run of one process on one initiator, whose trace has no clock, threads or weights. */
export function createSkipper(
  engine: Engine,
  firstTouch: FirstTouch,
  epochs: Epochs,
  mapper: AheadMapper,
): Skipper {
  const { memory, pages, span, timeline, traffic } = engine;
  const ids = memory.nodes.map(({ id }) => id);
  const reads = new Float64Array(ids.length);
  const writes = new Float64Array(ids.length);
  /** The new pages of the next piece are mapped. */
  let mappedAhead = false;
  /** Of the piece that may be skipped: pages to map, the index of their node, and when it ends. */
  let mapped = 0;
  let mapNode: number | undefined;
  let endNs = 0;

  /** Everything that the run must know of accesses is counted for it. */
  const isFollowed = (): boolean =>
    !span.openLoop && (!engine.tracksFlags || pages.touches !== undefined);

  /** Accesses of a piece by the node that serves them. */
  const split = ({ served }: Piece, run: number): void => {
    [reads[0], writes[0]] = [served.reads, served.writes];
    for (let i = 1; i < ids.length; i++) {
      const at = 2 * (i - 1) * RUNS_PER_WORD + run;
      reads[i] = served.of[at];
      writes[i] = served.of[at + RUNS_PER_WORD];
      reads[0] -= reads[i];
      writes[0] -= writes[i];
    }
  };

  const accessNs = (): number => {
    const { classCostNs } = traffic;
    let ns = 0;
    for (let i = 0; i < ids.length; i++) {
      ns += reads[i] * classCostNs[2 * ids[i]] + writes[i] * classCostNs[2 * ids[i] + 1];
    }
    return ns;
  };

  return {
    placeNext(count) {
      const room = firstTouch.room();
      return room === undefined || room.pages < count ? undefined : ids.indexOf(room.id as NodeId);
    },
    mapAhead(piece, touchedAt) {
      if (isFollowed()) mappedAhead = mapper.map(piece, touchedAt);
    },
    maySkip(piece, run, placed) {
      const { length, newPageNumber } = piece.block;
      const ahead = mappedAhead;
      mappedAhead = false;
      mapped = ahead ? 0 : newPageNumber.length;
      if (!isFollowed() || epochs.accessesLeft() < length) return false;
      if (mapped > 0 && placed === undefined) return false;
      mapNode = placed;
      split(piece, run);
      endNs = span.registers[CLOCK_NS] + mapped * firstTouch.faultNs + accessNs();
      const quiet = endNs < timeline.nextNs() && endNs <= EXACT_NS;
      assert(quiet || !ahead, 'pages were mapped ahead of an event');
      return quiet;
    },
    skip({ length, newPageFirst, newPageNumber }) {
      if (mapNode !== undefined && mapped > 0) {
        growPageTable(pages, newPageFirst + mapped);
        pages.pageNumber.set(newPageNumber, newPageFirst);
        pages.nodeOf.fill(ids[mapNode], newPageFirst, newPageFirst + mapped);
        firstTouch.book(ids[mapNode], mapped);
      }
      const { classCount } = traffic;
      for (let i = 0; i < ids.length; i++) {
        classCount[2 * ids[i]] += reads[i];
        classCount[2 * ids[i] + 1] += writes[i];
      }
      span.registers[CLOCK_NS] = endNs;
      engine.nowNs = endNs;
      engine.blockStart = engine.recordCount;
      engine.recordCount += length;
      engine.accessCount += length;
      epochs.replayed(length);
      engine.moveJudge.endBlock(length);
    },
  };
}
