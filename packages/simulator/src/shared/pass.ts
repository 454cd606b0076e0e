import type { MigrationPolicy } from '@tierlab/policy';
import type { AccessBlock, TouchInterval } from '@tierlab/trace';
import type { Run } from '../run.ts';
import { firstFrom, knownPages } from '../run.ts';
import { createLedger } from './ledger.ts';
import { createPieceLengths } from './piece-length.ts';
import { PIECE_MAX } from './count-columns.ts';
import type { SharedCounts } from './counts.ts';
import { createRunBooks } from './run-books.ts';
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
  let block: AccessBlock;
  let piece: AccessBlock;
  const together = holdTogether();
  const books = createRunBooks();
  const runs = makeRuns((index) => ({
    counts,
    piece: () => piece,
    together,
    book: (pingPongWindowNs) => books.of(index, pingPongWindowNs),
    search: (list, isOn, direct) => counts.rows.search(index, list, isOn, direct),
    placed: (page, nodeIndex) => counts.place(index, page, nodeIndex),
    swapped: (swaps, from, to) => counts.swap(index, swaps, from, to),
    setStop: (page, stops) => counts.touches?.setStop(index, page, stops),
  }));
  const all = [...runs.keys()];
  const lengths = createPieceLengths(runs.length);
  /** Records to the end of the epoch. */
  let left = epochAccesses;
  const ledger = createLedger(runs, counts);
  let skipped = 0;
  let replayed = 0;

  /** Everybody takes one piece, which is accesses `from` to `to` of the block that the counts show. */
  const take = (from: number, to: number, plain: boolean): void => {
    const { newPageFirst, newPageNumber } = piece;
    if (piece.weight !== undefined) counts.countWeighted(piece);
    else if (plain && counts.advances) counts.countToAdvance(from, to);
    else counts.count(from, to);
    if (to - from === left) counts.foldEpoch();
    const { touches } = counts;
    if (touches !== undefined) touches.piece++;
    const fresh = newPageNumber.length;
    const stopped = plain ? touches?.stopped() : undefined;
    if (fresh > 0) {
      const placed = runs.map((_, i) => ledger.placeNext(i, fresh));
      counts.placeAll(newPageFirst, fresh, placed);
      if (plain) mapAhead((i) => placed[i] < 0 && !hasBit(stopped, i));
    }
    const passed = { from, to, isLast: to - from === left, newPageFirst, newPages: fresh };
    const replaying = plain ? ledger.pass(passed, stopped) : all;
    for (const i of replaying) {
      ledger.settle(i);
      runs[i].accept(piece);
      runs[i].tellPlaces(newPageFirst, newPageFirst + fresh);
    }
    // Those who replay note their touches themselves, and must not see those of the piece that lie before them.
    if (replaying.length < runs.length) touches?.stamp(from, to);
    replayed += replaying.length;
    skipped += runs.length - replaying.length;
    counts.rows.knownPages = newPageFirst + fresh;
    // Policies hear of the epoch.
    if (to - from === left) ledger.settleAll();
  };

  /** Where to cut a piece from access `from` to `to`, so that no node of a run gets full in the midst of it. */
  const whereRoomEnds = (from: number, to: number, told: number): number => {
    if (counts.largestPage(from, to) < told) return to;
    const end = told + ledger.roomPages();
    if (counts.largestPage(from, to) < end) return to;
    const { page } = block;
    let at = from;
    while (page[at] < end) at++;
    // Pages that are told and not accessed may fill a node before the first access.
    return at > from ? at : to;
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
    accept(next) {
      block = next;
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
        let to = Math.min(from + lengths.pieceMax, from + left, from + PIECE_MAX, length);
        // Where the block tells no more pages, none of its accesses is to a new one.
        const maps = told < known;
        if (plain && maps) to = whereRoomEnds(from, to, told);
        const touches: TouchInterval[] = [];
        for (const interval of block.touches?.slice(nextTouches) ?? []) {
          if (to < length && firstFrom(block, interval.endTime) >= to) break;
          touches.push(interval);
        }
        nextTouches += touches.length;
        const seen = Math.max(
          told,
          maps ? counts.largestPage(from, to) + 1 : 0,
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
      lengths.learn(replayed / (skipped + replayed), counts.advances || counts.isDense());
    },
    end: () => ledger.settleAll(),
  };
}

function hasBit(bits: Readonly<Uint32Array> | undefined, run: number): boolean {
  return bits !== undefined && ((bits[run >>> 5] >>> (run & 31)) & 1) === 1;
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
