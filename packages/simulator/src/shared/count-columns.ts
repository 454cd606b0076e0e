import type { ColumnMemory } from '../kernels/column-memory.ts';
import { longerColumns } from '../pages.ts';

/** Runs that one word of a plane has bits for. */
export const RUNS_PER_WORD = 64;
/** Lists of pages of each kind, by the bits of their counts; see `takePiece` of `assembly/shared.ts`. */
const LEVELS = 16;
/** Accesses that are counted at once, at most: what 16 bits hold. */
export const PIECE_MAX = 32_768;
/** Numbers that 64 sums of a part take by levels of bits; see `assembly/advance.ts`. */
const PART_LEVELS = 4 * 11;
/** Accesses of a chunk, where a piece is counted in chunks: where it has this many accesses a page. */
export const CHUNK = 256;
export const CHUNKED_SHARE = 4;

/** What runs want counted. */
export interface WantedCounts {
  readonly accesses: boolean;
  readonly writes: boolean;
  readonly touches: boolean;
  /** What an access costs never changes in any of them. */
  readonly steady: boolean;
}

/** The columns of what runs count together, as `SharedCounts` and the kernels know them. */
export interface CountColumns {
  readonly views: CountViews;
  /** Makes room for a block of so many accesses to pages below `pageCount`; columns move. */
  reserve(length: number, pageCount: number): void;
}

/** Each column where it is now. */
interface CountViews {
  page: Uint32Array;
  write: Uint8Array;
  /** The pages of the piece, and how often it reads and writes each. */
  distinct: Uint32Array;
  pieceCounts: Uint32Array;
  /** The pages of each chunk with their counts, and where the list of each ends. */
  chunks: Uint32Array;
  chunkEnds: Uint32Array;
  lists: Uint32Array;
  listEnds: Uint32Array;
  served: Uint32Array;
  /** Accesses before the running epoch, or all of them where it is not counted. */
  tally: Uint32Array;
  spare: Uint32Array;
  accesses: Uint32Array | undefined;
  writes: Uint32Array | undefined;
  touched: Uint32Array | undefined;
  /** Addresses of the planes, and what a walk needs and tells. */
  planeTable: Uint32Array;
  walked: Uint32Array;
  costNs: Float64Array;
  walkEnd: Float64Array;
  /** What a compiled loop notes while it takes the runs past a part of a piece. */
  part: Uint32Array;
  touchedIn: Uint32Array;
  writtenIn: Uint32Array;
  stops: Uint32Array;
  stopped: Uint32Array;
  readonly planes: Uint32Array[];
}

/** Columns for no accesses and no pages yet. */
export function createCountColumns(
  memory: ColumnMemory,
  planes: number,
  wanted: WantedCounts,
): CountColumns {
  const none = new Uint32Array(0);
  const views: CountViews = {
    page: none,
    write: new Uint8Array(0),
    distinct: none,
    pieceCounts: none,
    chunks: none,
    chunkEnds: none,
    lists: none,
    listEnds: none,
    served: none,
    tally: none,
    spare: none,
    accesses: undefined,
    writes: undefined,
    touched: undefined,
    planeTable: none,
    walked: none,
    costNs: new Float64Array(0),
    walkEnd: new Float64Array(0),
    part: none,
    touchedIn: none,
    writtenIn: none,
    stops: none,
    stopped: none,
    planes: Array.from({ length: planes }, () => none),
  };
  const blockColumns = [
    memory.add(Uint32Array, 0, (view) => (views.page = view)),
    memory.add(Uint8Array, 0, (view) => (views.write = view)),
    memory.add(Uint32Array, 0, (view) => (views.distinct = view)),
  ];
  memory.add(Uint32Array, Math.max(planes, 1) * 2 * RUNS_PER_WORD, (view) => (views.served = view));
  memory.add(Uint32Array, planes, (view) => (views.planeTable = view));
  memory.add(Uint32Array, 2 * planes + 2, (view) => (views.walked = view));
  memory.add(Float64Array, 2 * planes + 2, (view) => (views.costNs = view));
  memory.add(Float64Array, 2 + planes + 1, (view) => (views.walkEnd = view));
  memory.add(Uint32Array, PART_LEVELS + 2 * planes * RUNS_PER_WORD, (view) => (views.part = view));
  const lists = memory.add(Uint32Array, 0, (view) => (views.lists = view));
  memory.add(Uint32Array, 2 * LEVELS, (view) => (views.listEnds = view));
  memory.add(Uint32Array, PIECE_MAX / CHUNK, (view) => (views.chunkEnds = view));
  const chunks = memory.add(Uint32Array, 0, (view) => (views.chunks = view));
  // Those that every pass writes to come first: what is behind a column that moves takes its place, used or not.
  const planeColumns = views.planes.map((_, k) =>
    memory.add(Uint32Array, 0, (view) => (views.planes[k] = view)),
  );
  const pageColumns = [memory.add(Uint32Array, 0, (view) => (views.pieceCounts = view))];
  if (wanted.accesses) {
    pageColumns.push(memory.add(Uint32Array, 0, (view) => (views.accesses = view)));
  }
  if (wanted.writes) {
    pageColumns.push(memory.add(Uint32Array, 0, (view) => (views.writes = view)));
  }
  if (wanted.accesses || wanted.writes) {
    pageColumns.push(memory.add(Uint32Array, 0, (view) => (views.touched = view)));
  }
  if (wanted.touches) {
    pageColumns.push(
      memory.add(Uint32Array, 0, (view) => (views.touchedIn = view)),
      memory.add(Uint32Array, 0, (view) => (views.writtenIn = view)),
    );
    planeColumns.push(memory.add(Uint32Array, 0, (view) => (views.stops = view)));
    memory.add(Uint32Array, 2, (view) => (views.stopped = view));
  }
  pageColumns.push(
    memory.add(Uint32Array, 0, (view) => (views.tally = view)),
    memory.add(Uint32Array, 0, (view) => (views.spare = view)),
  );
  return {
    views,
    reserve(length, pageCount) {
      if (views.page.length < length) {
        const room = 2 ** Math.ceil(Math.log2(length));
        memory.lengthen(blockColumns, room);
        // A list of level k has room for 1 / 2^k of the accesses, and there are two kinds.
        memory.lengthen([lists], 4 * room);
        memory.lengthen([chunks], 2 * room);
      }
      if (views.tally.length <= pageCount) {
        const capacity = longerColumns(views.tally.length, pageCount);
        memory.lengthen(pageColumns, capacity);
        memory.lengthen(planeColumns, 2 * capacity);
      }
    },
  };
}
