// Stack distances of all accesses. `src/capacity-curve/` holds what must come out, in TypeScript.
//
// Positions are numbered by access; one is dead when its page is accessed again. The distinct pages accessed since
// position `at` are the live positions after it: all live ones less those up to `at`, which are at + 1 less the dead
// ones below `at`. So nothing is written for a position but when it dies, and every table starts as zeros.
import { countInBytes } from './byte-counts';
import { SCRATCH } from './state';

/** A table of dead positions: a bit each, and their numbers by 64, 1 Ki, 16 Ki, 256 Ki and 4 Mi positions. */
const WORD_SHIFT: u32 = 6;
const BLOCK_SHIFT: u32 = 10;
const REGION_SHIFT: u32 = 14;
const AREA_SHIFT: u32 = 18;
const WORLD_SHIFT: u32 = 22;

/**
 * Accesses that go through each step together: what loads and stores all over a table is a loop of its own, whose
 * accesses a processor overlaps.
 */
const BATCH: i32 = 1024;
/** Of these, those that are looked up before the first of them is marked: no load waits for a store just made. */
const FEW: usize = 4 * 16;
/** By access of a batch: the position that dies, and its distance. */
const DYING: usize = SCRATCH;
const DISTANCE: usize = SCRATCH + 4 * BATCH;

/** 64 bytes of ones, then 64 of zeros: what starts k bytes before the middle keeps the first k bytes of a vector. */
const MASKS: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
], 16);

/**
 * Takes `length` accesses at positions from `position` on, and counts each that is not the first of its page by its
 * distance: `counts[distance]` has the low 8 bits, `carries[distance]` the others. `live` is the number of pages
 * before, and the number after is returned. `last[page]` is the position of its last access plus 1.
 */
export function stackDistances(
  page: usize,
  length: i32,
  last: usize,
  counts: usize,
  carries: usize,
  bits: usize,
  words: usize,
  blocks: usize,
  regions: usize,
  areas: usize,
  worlds: usize,
  position: u32,
  live: u32,
): u32 {
  const end = page + 4 * <usize>length;
  while (page < end) {
    const batchEnd = min(end, page + 4 * BATCH);
    let dying: usize = 0;
    for (; page < batchEnd; page += 4) {
      const lastAt = last + 4 * <usize>load<u32>(page);
      const before = load<u32>(lastAt);
      store<u32>(lastAt, ++position);
      store<u32>(DYING + dying, before - 1);
      store<u32>(DISTANCE + dying, live - before);
      dying += 4 * <usize>(before != 0);
      live += <u32>(before == 0);
    }
    for (let from: usize = 0; from < dying; from += FEW) {
      const to = min(dying, from + FEW);
      for (let i = from; i < to; i += 4) {
        const at = load<u32>(DYING + i);
        const dead = deadBefore(at, bits, words, blocks, regions, areas, worlds);
        store<u32>(DISTANCE + i, load<u32>(DISTANCE + i) + dead + dyingBefore(at, from, i));
      }
      for (let i = from; i < to; i += 4) {
        markDead(load<u32>(DYING + i), bits, words, blocks, regions, areas, worlds);
      }
    }
    for (let i: usize = 0; i < dying; i += 4) {
      countInBytes(counts, carries, load<u32>(DISTANCE + i));
    };
  }
  return live;
}

/** Of the accesses of the batch from `from` to before `to`, those whose position lies below `at`. */
// @ts-ignore: decorator
@inline
function dyingBefore(at: u32, from: usize, to: usize): u32 {
  const here = i32x4.splat(at);
  const last = to & ~15;
  let sums = v128.and(i32x4.lt_u(v128.load(DYING + last), here), firstBytes(to & 15, 0));
  for (let i = from; i < last; i += 16) {
    sums = i32x4.add(sums, i32x4.lt_u(v128.load(DYING + i), here));
  }
  return 0 - sumOf(sums);
}

/** Dead positions below `at`. */
// @ts-ignore: decorator
@inline
function deadBefore(
  at: u32,
  bits: usize,
  words: usize,
  blocks: usize,
  regions: usize,
  areas: usize,
  worlds: usize,
): u32 {
  const word = load<u64>(bits + 8 * <usize>(at >> WORD_SHIFT));
  const inWord = <u32>popcnt(word & ((<u64>1 << <u64>(at & 63)) - 1));
  const wordsAt = words + 16 * <usize>(at >> BLOCK_SHIFT);
  const byWord = v128.and(v128.load(wordsAt), firstBytes((at >> WORD_SHIFT) & 15, 0));
  const blocksAt = blocks + 32 * <usize>(at >> REGION_SHIFT);
  const block = 2 * ((at >> BLOCK_SHIFT) & 15);
  const regionsAt = regions + 32 * <usize>(at >> AREA_SHIFT);
  const region = 2 * ((at >> REGION_SHIFT) & 15);
  // At most 128, 2 Ki and 32 Ki a lane.
  let sums16 = i16x8.extadd_pairwise_i8x16_u(byWord);
  sums16 = i16x8.add(sums16, v128.and(v128.load(blocksAt), firstBytes(block, 0)));
  sums16 = i16x8.add(sums16, v128.and(v128.load(blocksAt, 16), firstBytes(block, 16)));
  sums16 = i16x8.add(sums16, v128.and(v128.load(regionsAt), firstBytes(region, 0)));
  sums16 = i16x8.add(sums16, v128.and(v128.load(regionsAt, 16), firstBytes(region, 16)));
  const areasAt = areas + 64 * <usize>(at >> WORLD_SHIFT);
  const area = 4 * ((at >> AREA_SHIFT) & 15);
  let sums = i32x4.extadd_pairwise_i16x8_u(sums16);
  sums = i32x4.add(sums, v128.and(v128.load(areasAt), firstBytes(area, 0)));
  sums = i32x4.add(sums, v128.and(v128.load(areasAt, 16), firstBytes(area, 16)));
  sums = i32x4.add(sums, v128.and(v128.load(areasAt, 32), firstBytes(area, 32)));
  sums = i32x4.add(sums, v128.and(v128.load(areasAt, 48), firstBytes(area, 48)));
  let dead = inWord + sumOf(sums);
  const worldEnd = worlds + 4 * <usize>(at >> WORLD_SHIFT);
  for (let world = worlds; world < worldEnd; world += 4) dead += load<u32>(world);
  return dead;
}

/** Ones in those of 16 bytes, the first of which is byte `from` of a table, that are among the table's first `count`. */
// @ts-ignore: decorator
@inline
function firstBytes(count: u32, from: usize): v128 {
  return v128.load(MASKS + 64 - <usize>count + from);
}

// @ts-ignore: decorator
@inline
function sumOf(lanes: v128): u32 {
  const halves = i64x2.extract_lane(i32x4.add(lanes, i32x4.shuffle(lanes, lanes, 2, 3, 0, 1)), 0);
  return <u32>halves + <u32>(halves >> 32);
}

// @ts-ignore: decorator
@inline
function markDead(
  at: u32,
  bits: usize,
  words: usize,
  blocks: usize,
  regions: usize,
  areas: usize,
  worlds: usize,
): void {
  const wordAt = bits + 8 * <usize>(at >> WORD_SHIFT);
  store<u64>(wordAt, load<u64>(wordAt) | (<u64>1 << <u64>(at & 63)));
  const byWord = words + <usize>(at >> WORD_SHIFT);
  store<u8>(byWord, load<u8>(byWord) + 1);
  const byBlock = blocks + 2 * <usize>(at >> BLOCK_SHIFT);
  store<u16>(byBlock, load<u16>(byBlock) + 1);
  const byRegion = regions + 2 * <usize>(at >> REGION_SHIFT);
  store<u16>(byRegion, load<u16>(byRegion) + 1);
  const byArea = areas + 4 * <usize>(at >> AREA_SHIFT);
  store<u32>(byArea, load<u32>(byArea) + 1);
  const byWorld = worlds + 4 * <usize>(at >> WORLD_SHIFT);
  store<u32>(byWorld, load<u32>(byWorld) + 1);
}

/** Renumbers the live positions from 0 on, in their order. None is dead then: the tables are to be cleared. */
export function renumberPositions(
  last: usize,
  pageCount: i32,
  bits: usize,
  words: usize,
  blocks: usize,
  regions: usize,
  areas: usize,
  worlds: usize,
): void {
  const end = last + 4 * <usize>pageCount;
  for (; last < end; last += 4) {
    const position = load<u32>(last);
    if (position == 0) continue;
    const dead = deadBefore(position - 1, bits, words, blocks, regions, areas, worlds);
    store<u32>(last, position - dead);
  }
}
