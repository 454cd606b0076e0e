import type { PageSearch } from '@tierlab/policy';
import type { ColumnMemory } from '../kernels/column-memory.ts';

/** Pages of a list whose bits are turned at once. */
const PART_SHIFT = 12;
const PART_PAGES = 2 ** PART_SHIFT;
/** Words of 32 bits of a run's row of a part, and of the rows of all 64 runs. */
const ROW_WORDS = PART_PAGES / 32;
const PART_WORDS = 64 * ROW_WORDS;
/** Parts that there is room for at most. */
const PARTS_MAX = 1024;

/**
 * Where the pages of lists are in each of 64 runs. The planes have it by page, with a bit for each run; here it lies by run, with a bit for
 * each page of the list, so that a run passes 32 pages at a time. The first run that looks through a part of a
 * list has the bits turned for all of them, and they hold for the others until these move a page.
 */
export interface PageRows {
  /** In all runs, pages below this are where the planes say. */
  knownPages: number;
  /** Makes the room that was missing; columns move. */
  makeRoom(): void;
  /** Run `run` has moved a page. */
  moved(run: number): void;
  /**
   * A search of `list` in run `run` by where `direct` finds pages one by one. The nodes that count are those with a 1 at their
   * index in `isOn`.
   */
  search(
    run: number,
    list: Readonly<Uint32Array>,
    isOn: Readonly<Uint8Array>,
    direct: PageSearch,
  ): PageSearch;
}

/** The rows of a list that there are. */
interface ListRows {
  /** By part: where its words start, -1 where there are none. */
  readonly at: Int32Array;
  /** How many moves all runs had made when they were turned, 0 where the planes did not know all pages; and for which run they were. */
  readonly turnedAt: Float64Array;
  readonly turnedFor: Int32Array;
  /** Rows of another generation were given up. */
  generation: number;
}

/** No rows yet; `planeAt` tells where a plane starts now. There is room from the start or, where that is not `expected`, when it was missed once. */
export function createPageRows(
  memory: ColumnMemory,
  planes: number,
  planeAt: (plane: number) => number,
  expected: boolean,
): PageRows {
  const { kernels } = memory;
  let words = new Uint32Array(0) as Uint32Array;
  let part = new Uint32Array(0) as Uint32Array;
  const wordColumn = memory.add(Uint32Array, 0, (view) => (words = view));
  const partColumn = memory.add(Uint32Array, 0, (view) => (part = view));
  const ofList = new WeakMap<Readonly<Uint32Array>, ListRows>();
  /** Moves of all runs, and the last one of each. */
  let moves = 1;
  const lastMove = new Float64Array(64);
  let used = 0;
  let missing = expected;
  let generation = 0;

  /** Room for the words of a part in all planes, -1 if there is none; where the rows of others are there, these are given up. */
  const reserve = (): number => {
    const needed = planes * PART_WORDS;
    if (used + needed > words.length) {
      missing = true;
      if (words.length < needed) return -1;
      used = 0;
      generation++;
    }
    used += needed;
    return used - needed;
  };

  const rowsOf = (list: Readonly<Uint32Array>): ListRows => {
    let held = ofList.get(list);
    if (held === undefined) {
      const parts = Math.ceil(list.length / PART_PAGES);
      held = {
        at: new Int32Array(parts).fill(-1),
        turnedAt: new Float64Array(parts),
        turnedFor: new Int32Array(parts).fill(-1),
        generation,
      };
      ofList.set(list, held);
    }
    return held;
  };

  const turn = (
    list: Readonly<Uint32Array>,
    held: ListRows,
    index: number,
    run: number,
  ): boolean => {
    if (held.generation !== generation || held.at[index] < 0) {
      const at = reserve();
      if (at < 0) return false;
      // The room may be that of rows that were given up.
      if (held.generation !== generation) {
        held.at.fill(-1);
        held.turnedAt.fill(0);
        held.turnedFor.fill(-1);
      }
      held.generation = generation;
      held.at[index] = at;
    }
    const first = index * PART_PAGES;
    const count = Math.min(PART_PAGES, list.length - first);
    part.set(list.subarray(first, first + count));
    held.turnedFor[index] = run;
    const isKnown = kernels.largestPage(part.byteOffset, count) >>> 0 < rows.knownPages;
    held.turnedAt[index] = isKnown ? moves : 0;
    if (!isKnown) return false;
    for (let plane = 0; plane < planes; plane++) {
      const at = words.byteOffset + 4 * (held.at[index] + plane * PART_WORDS);
      kernels.turnWords(planeAt(plane), part.byteOffset, count, at, 4 * ROW_WORDS);
    }
    return true;
  };

  /** Where the rows of a part start that hold for the run; -1 where it must look itself. */
  const find = (
    list: Readonly<Uint32Array>,
    held: ListRows,
    index: number,
    run: number,
  ): number => {
    if (held.generation === generation && held.turnedAt[index] > lastMove[run]) {
      return held.at[index];
    }
    // A run that moves pages as it goes looks itself, or it would have a part turned for each.
    if (held.generation === generation && held.turnedFor[index] === run) return -1;
    return turn(list, held, index, run) ? held.at[index] : -1;
  };

  // `knownPages` is told by the others.
  const rows: PageRows = {
    knownPages: 0,
    makeRoom() {
      const parts = Math.min(PARTS_MAX, Math.ceil((2 * rows.knownPages) / PART_PAGES));
      if (!missing || words.length >= parts * planes * PART_WORDS) return;
      // Pages are about to be more.
      const length = Math.min(PARTS_MAX, 2 * parts) * planes * PART_WORDS;
      memory.lengthen([wordColumn], length);
      memory.lengthen([partColumn], PART_PAGES);
    },
    moved(run) {
      lastMove[run] = moves++;
    },
    search(run, list, isOn, direct) {
      if (planes === 0) return direct;
      const held = rowsOf(list);
      /** The planes whose nodes make the difference, and whether they count or all others do. */
      const wanted: number[] = [];
      for (let plane = 0; plane < planes; plane++) {
        if (isOn[plane + 1] !== isOn[0]) wanted.push(plane * PART_WORDS + run * ROW_WORDS);
      }
      const others = isOn[0] === 1 ? -1 : 0;

      const next = (
        from: number,
        end: number,
        on: boolean,
        among: Readonly<Uint32Array> | undefined,
      ): number => {
        let i = from;
        while (i < end) {
          const index = i >>> PART_SHIFT;
          const stop = Math.min(end, (index + 1) * PART_PAGES);
          const at = find(list, held, index, run);
          if (at >= 0) i = nextBit(words, at, wanted, on ? others : ~others, i, stop, among);
          else i = on ? direct.nextOn(i, stop, among) : direct.nextElsewhere(i, stop, among);
          if (i < stop) return i;
        }
        return end;
      };
      return {
        nextOn: (from, end, among) => next(from, end, true, among),
        nextElsewhere: (from, end, among) => next(from, end, false, among),
      };
    },
  };
  return rows;
}

/**
 * Index from `from` on, below `end`, of the first page of a part whose bit is 1 in one of the rows, or 0 in all where `flip` is -1, and 1 in
 * `among`, where that is given.
 */
function nextBit(
  words: Uint32Array,
  at: number,
  rowsAt: readonly number[],
  flip: number,
  from: number,
  end: number,
  among: Readonly<Uint32Array> | undefined,
): number {
  let first = from & ~31;
  let mask = -1 << (from & 31);
  for (;;) {
    const word = at + ((first & (PART_PAGES - 1)) >>> 5);
    let bits = 0;
    for (let k = 0; k < rowsAt.length; k++) bits |= words[word + rowsAt[k]];
    bits = (bits ^ flip) & mask;
    if (among !== undefined) bits &= among[first >>> 5];
    if (bits !== 0) return Math.min(end, first + 31 - Math.clz32(bits & -bits));
    first += 32;
    if (first >= end) return end;
    mask = -1;
  }
}
