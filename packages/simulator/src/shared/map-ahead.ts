import type { AccessBlock } from '@tierlab/trace';
import type { PageAllocator } from '../allocate.ts';
import type { Engine } from '../engine.ts';
import type { Epochs } from '../epochs.ts';
import { CLOCK_NS } from '../kernels/span.ts';
import { growPageTable } from '../pages.ts';
import { EXACT_NS } from '../time.ts';

/** Maps the new pages of a piece that takes an answer of the policy for each, before the accesses are replayed. */
export interface AheadMapper {
  /**
   * Maps all new pages of a piece, each as its first touch will, which is access `touchedAt[i]` of the i-th of them.
   * False: something may happen meanwhile, and none is mapped, or the policy wanted to know where the run is: the piece
   * has been replayed up to there, and the rest of it must be.
   */
  map(piece: AccessBlock, touchedAt: Readonly<Uint32Array>): boolean;
  /** Whether the piece to be replayed next has been begun by {@link map}; forgotten with the answer. */
  takeBegun(): boolean;
}

/** What replays the part of a piece that a policy wants to have behind it. */
export interface PieceWalk {
  begin(piece: AccessBlock): void;
  /** Replays up to access `to`, and lets the time before it pass. */
  arriveAt(to: number): void;
}

/**
 * Where a policy answers for a page without looking at the clock, the traffic or the pages' bits and without moving
 * anything, as nearly all do, its answer is the same before the accesses of the piece as among them. Where it does
 * any of that, the engine's `catchUp` has the accesses replayed that come before.
 */
export function createAheadMapper(
  engine: Engine,
  allocator: PageAllocator,
  epochs: Epochs,
  walk: PieceWalk,
): AheadMapper {
  const { pages, span, timeline, traffic } = engine;
  const nothing = engine.catchUp;
  let begun = false;

  /** Nothing but accesses and these first touches can happen in the piece, whatever serves them. */
  const isQuiet = ({ length, newPageNumber }: AccessBlock): boolean => {
    const mapNs = newPageNumber.length * engine.costs.faultNs;
    const endNs = span.registers[CLOCK_NS] + mapNs + length * traffic.costNsMax;
    return epochs.accessesLeft() >= length && endNs < timeline.nextNs() && endNs < EXACT_NS;
  };

  return {
    map(piece, touchedAt) {
      if (!isQuiet(piece)) return false;
      const { page, write, newPageFirst, newPageNumber } = piece;
      growPageTable(pages, newPageFirst + newPageNumber.length);
      /** What mapping pages had taken before the first of those that the same access maps. */
      let faultsNs = 0;
      for (let i = 0; i < newPageNumber.length; i++) {
        const id = newPageFirst + i;
        const at = touchedAt[i];
        if (i === 0 || at > touchedAt[i - 1]) faultsNs = engine.firstTouchNs;
        engine.catchUp = () => {
          engine.catchUp = nothing;
          begun = true;
          walk.begin(piece);
          walk.arriveAt(at);
          // The access arrived before its faults, which the clock may have by now.
          engine.nowNs -= engine.firstTouchNs - faultsNs;
        };
        allocator.map(id, newPageNumber[i], 0, page[at] === id && write[at] === 1);
        engine.placed?.(id, pages.nodeOf[id]);
        if (begun) return false;
      }
      engine.catchUp = nothing;
      return true;
    },
    takeBegun() {
      const was = begun;
      begun = false;
      return was;
    },
  };
}
