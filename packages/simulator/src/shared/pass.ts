import type { MigrationPolicy } from '@tierlab/policy';
import type { AccessBlock, TouchInterval } from '@tierlab/trace';
import type { Run } from '../run.ts';
import { firstFrom, knownPages } from '../run.ts';
import { createLedger } from './ledger.ts';
import { createPieceLengths } from './piece-length.ts';
import type { SharedCounts } from './counts.ts';
import type { SharedRun } from './shared-run.ts';

/** Shows the blocks of a trace to many runs, each of which replays only what others cannot count for it. */
export interface SharedPass {
  accept(block: AccessBlock): void;
  /** The trace has ended. */
  end(): void;
}

/**
 * A pass of the runs, at most 64, that `makeRuns` makes of what each is given, whose epochs are of `epochAccesses` and whose policies see accesses in epochs or not at all.
 *
 * The trace is cut into pieces. What each run serves from which node in a piece is counted for all runs at
 * once. Where that leaves a run before its next event it is past the piece with a few sums; where only events of the
 * engine's own come, which end an interval or a contention window, it walks up to each (`walkThrough`); else
 * it replays the piece as a block. In any case its record is that of a replay of its own: sums of
 * time are exact in any order, and whatever depends on the order of accesses is an event.
 */
export function createSharedPass(
  makeRuns: (shareOf: (index: number) => SharedRun) => readonly Run[],
  counts: SharedCounts,
  epochAccesses: number,
  followsClock: boolean,
): SharedPass {
  let piece: AccessBlock;
  const together = holdTogether();
  const runs = makeRuns((index) => ({
    counts,
    piece: () => piece,
    together,
    placed: (page, nodeIndex) => counts.place(index, page, nodeIndex),
    setStop: (page, stops) => counts.touches?.setStop(index, page, stops),
  }));
  const lengths = createPieceLengths(runs.length);
  /** Records to the end of the epoch. */
  let left = epochAccesses;
  const ledger = createLedger(runs, counts);
  let skipped = 0;
  let replayed = 0;

  /** Everybody takes one piece, which is accesses `from` to `to` of the block that the counts show. */
  const take = (from: number, to: number, plain: boolean): void => {
    const { newPageFirst, newPageNumber } = piece;
    if (piece.weight === undefined) counts.count(from, to);
    else counts.countWeighted(piece);
    const { touches } = counts;
    if (touches !== undefined) touches.piece++;
    const fresh = newPageNumber.length;
    const stopped = plain ? touches?.stopped() : undefined;
    const isStopped = (i: number): boolean =>
      stopped !== undefined && ((stopped[i >>> 5] >>> (i & 31)) & 1) === 1;
    if (fresh > 0) {
      const placed = runs.map((_, i) => ledger.placeNext(i, fresh));
      counts.placeAll(newPageFirst, fresh, placed);
      if (plain) mapAhead((i) => placed[i] < 0 && !isStopped(i));
    }
    const passed = plain
      ? {
          from,
          to,
          isLast: to - from === left,
          newPageFirst,
          newPages: fresh,
          served: counts.serve(),
        }
      : undefined;
    let replaying = 0;
    runs.forEach((run, i) => {
      if (passed !== undefined && !isStopped(i) && ledger.pass(i, passed)) return;
      replaying++;
      ledger.settle(i);
      run.accept(piece);
      run.tellPlaces(newPageFirst, newPageFirst + fresh);
    });
    // Those who replay note their touches themselves, and must not see those of the piece that lie before them.
    if (replaying < runs.length) touches?.stamp(from, to);
    replayed += replaying;
    skipped += runs.length - replaying;
    // Policies hear of the epoch.
    if (to - from === left) ledger.settleAll();
  };

  /** Has those of the runs that `wanted` says map the new pages of the piece one by one. */
  const mapAhead = (wanted: (run: number) => boolean): void => {
    let touchedAt: Uint32Array | undefined;
    runs.forEach((run, i) => {
      if (!wanted(i)) return;
      ledger.settle(i);
      if (run.mapAhead(piece, (touchedAt ??= firstTouches(piece)))) ledger.mapped(i);
    });
  };

  return {
    accept(block) {
      const { length } = block;
      const known = knownPages(block);
      counts.show(block, known);
      if (counts.largestPage(0, length) >= known) {
        // Who replays that says what is wrong with it.
        ledger.settleAll();
        for (const run of runs) run.accept(block);
        return;
      }
      const plain =
        block.thread === undefined &&
        block.weight === undefined &&
        block.touches === undefined &&
        (block.time === undefined || !followsClock);
      skipped = 0;
      replayed = 0;
      let nextTouches = 0;
      let told = block.newPageFirst;
      let from = 0;
      do {
        const to = Math.min(from + lengths.pieceMax, from + left, length);
        const touches: TouchInterval[] = [];
        for (const interval of block.touches?.slice(nextTouches) ?? []) {
          if (to < length && firstFrom(block, interval.endTime) >= to) break;
          touches.push(interval);
        }
        nextTouches += touches.length;
        const seen = Math.max(
          told,
          counts.largestPage(from, to) + 1,
          // Ascending.
          ...touches.map(({ page }) => (page.at(-1) ?? -1) + 1),
        );
        const end = to === length ? known : seen;
        piece = pieceOf(block, from, to, told, end, touches);
        take(from, to, plain && end === seen);
        told = end;
        left -= to - from;
        if (left === 0) {
          counts.clearEpoch();
          left = epochAccesses;
        }
        from = to;
      } while (from < length);
      lengths.learn(replayed / (skipped + replayed));
    },
    end: () => ledger.settleAll(),
  };
}

/** For each page that the piece tells, the access that first touches it or one told after it. */
function firstTouches({ page, newPageFirst, newPageNumber }: AccessBlock): Uint32Array {
  let at = 0;
  return Uint32Array.from(newPageNumber, (_, i) => {
    while (page[at] < newPageFirst + i) at++;
    return at;
  });
}

/** Accesses `from` to `to` of a block as a block, which tells the pages `firstPage` to `endPage`. */
function pieceOf(
  block: AccessBlock,
  from: number,
  to: number,
  firstPage: number,
  endPage: number,
  touches: readonly TouchInterval[],
): AccessBlock {
  const { page, write, time, thread, weight, newPageFirst, newPageNumber } = block;
  return {
    length: to - from,
    page: page.subarray(from, to),
    write: write.subarray(from, to),
    newPageFirst: firstPage,
    newPageNumber: newPageNumber.subarray(firstPage - newPageFirst, endPage - newPageFirst),
    ...(time && { time: time.subarray(from, to) }),
    ...(thread && { thread: thread.subarray(from, to) }),
    ...(weight && { weight: weight.subarray(from, to) }),
    ...(block.touches && { touches }),
  };
}

function holdTogether(): SharedRun['together'] {
  const held = new Map<MigrationPolicy, Map<string, unknown>>();
  return <T>(policy: MigrationPolicy, key: string, make: () => T): T => {
    const ofPolicy = held.get(policy) ?? new Map<string, unknown>();
    held.set(policy, ofPolicy);
    if (!ofPolicy.has(key)) ofPolicy.set(key, make());
    // Made under this key by this policy, which knows what it is.
    return ofPolicy.get(key) as T;
  };
}
