import { assert } from '@tierlab/core';

/** One level of a cache: a power of two of sets, LRU within each. */
export interface CacheLevel {
  readonly sizeBytes: number;
  readonly ways: number;
}

/** What memory sees: a line that is read, or written back. `line` is the name that the access gave it. */
export interface MemorySink {
  fill(line: number): void;
  writeBack(line: number): void;
}

/**
 * A hierarchy of set-associative caches of 64-byte lines: LRU, write-back, write-allocate.
 *
 * A miss takes the line from the level below; the dirty line that falls out is written back to it, and allocated
 * there without a read. So a store that misses is a read of memory first, and a write when it is evicted.
 * `recorder/recorder.c` is the same model.
 */
export interface CacheHierarchy {
  /** Accesses `line`, whose set is chosen by `place`; both below 2^52. The same line has the same place. */
  access(line: number, place: number, write: number): void;
}

export const LINE_BYTES = 64;

/** Largest last level and smallest: a filter of every program's traffic, whatever its footprint. */
const LAST_LEVEL_MIN = 256 << 10;
const LAST_LEVEL_WAYS = 16;

/**
 * The levels that stand for a server's caches at a scaled-down footprint: a first level of 32 KiB, and a last level of
 * a 64th of the footprint, rounded up to a power of two, 256 KiB at least.
 */
export function defaultLevels(footprintBytes: number): readonly CacheLevel[] {
  const wanted = Math.max(LAST_LEVEL_MIN, footprintBytes / 64);
  return [
    { sizeBytes: 32 << 10, ways: 8 },
    { sizeBytes: 2 ** Math.ceil(Math.log2(wanted)), ways: LAST_LEVEL_WAYS },
  ];
}

/** What is wrong with levels, or nothing. */
export function levelsProblem(levels: readonly CacheLevel[]): string | undefined {
  if (levels.length < 1 || levels.length > 3)
    return `a hierarchy has one to three levels, got ${levels.length}`;
  for (const { sizeBytes, ways } of levels) {
    const sets = sizeBytes / LINE_BYTES / ways;
    if (!Number.isInteger(Math.log2(sets)) || !Number.isInteger(ways) || ways < 1)
      return `${sizeBytes} bytes in ${ways} ways are ${sets} sets, which is not a power of two`;
  }
  return undefined;
}

export function createHierarchy(levels: readonly CacheLevel[], sink: MemorySink): CacheHierarchy {
  assert(levelsProblem(levels) === undefined, 'the levels were checked');
  let below: LowerLevel = {
    read: (line) => sink.fill(line),
    writeBack: (line) => sink.writeBack(line),
  };
  for (const level of levels.slice(1).reverse()) below = lowerLevel(level, below);
  const first = createCache(levels[0]);
  return {
    access(line, place, write) {
      if (touchLine(first, line, place, write)) return;
      if (first.victim >= 0) below.writeBack(first.victim, first.victimPlace);
      below.read(line, place);
    },
  };
}

interface LowerLevel {
  read(line: number, place: number): void;
  writeBack(line: number, place: number): void;
}

function lowerLevel(level: CacheLevel, below: LowerLevel): LowerLevel {
  const cache = createCache(level);
  return {
    read(line, place) {
      if (touchLine(cache, line, place, 0)) return;
      if (cache.victim >= 0) below.writeBack(cache.victim, cache.victimPlace);
      below.read(line, place);
    },
    writeBack(line, place) {
      if (touchLine(cache, line, place, 1)) return;
      if (cache.victim >= 0) below.writeBack(cache.victim, cache.victimPlace);
    },
  };
}

interface Cache {
  readonly ways: number;
  readonly sets: number;
  /** By set, most recent way first: line * 2, and 1 more where it is dirty; -1 where the way is free. */
  readonly lines: Float64Array;
  readonly places: Float64Array;
  /** The dirty line that the last miss evicted; -1 where it evicted none. */
  victim: number;
  victimPlace: number;
}

function createCache({ sizeBytes, ways }: CacheLevel): Cache {
  const entries = sizeBytes / LINE_BYTES;
  return {
    ways,
    sets: entries / ways,
    lines: new Float64Array(entries).fill(-1),
    places: new Float64Array(entries),
    victim: -1,
    victimPlace: 0,
  };
}

/** Moves `line` to the front of its set, and makes it dirty where `write` is 1. Gives whether it was there. */
function touchLine(cache: Cache, line: number, place: number, write: number): boolean {
  const { lines, places, ways } = cache;
  const start = (place % cache.sets) * ways;
  const clean = line * 2;
  const first = lines[start];
  if (first === clean || first === clean + 1) {
    if (write === 1) lines[start] = clean + 1;
    return true;
  }
  let way = 1;
  while (way < ways && lines[start + way] !== clean && lines[start + way] !== clean + 1) way++;
  const isHit = way < ways;
  const last = isHit ? start + way : start + ways - 1;
  const found = lines[last];
  cache.victim = -1;
  if (!isHit && found >= 0 && found % 2 === 1) {
    cache.victim = (found - 1) / 2;
    cache.victimPlace = places[last];
  }
  for (let to = last; to > start; to--) {
    lines[to] = lines[to - 1];
    places[to] = places[to - 1];
  }
  lines[start] = isHit && found % 2 === 1 ? clean + 1 : clean + write;
  places[start] = place;
  return isHit;
}
