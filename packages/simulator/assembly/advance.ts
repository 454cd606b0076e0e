// Many runs past one piece at once, and past the ends of their intervals. `src/shared/run-lines.ts` says what the lines hold.
import { largestPage } from './columns';
import { pageColumn, servedTable, writeColumn } from './state';
import { walkPiece } from './walk';

/** Runs of a pass, and the bytes of a line: a number of each of them. */
const RUNS: usize = 64;
const LINE: usize = 8 * RUNS;
/** Accesses that are summed at once: their sums fit 16 bits. */
const PART: i32 = 1024;
/** Bits of such a sum. */
const LEVELS: usize = 11;
/** In the buffer of a part: 64 sums of all accesses and 64 of writes, by levels; and what runs are served, as in the served table. */
const SUMS_BYTES: usize = 16 * LEVELS;

const CLOCK_NS: usize = 0;
const UNTIL_NS: usize = LINE;
const INTERVAL_NS: usize = 2 * LINE;
const OTHERS_NS: usize = 3 * LINE;
const LENGTH_NS: usize = 4 * LINE;
const FAULT_NS: usize = 5 * LINE;
const MAPS: usize = 6 * LINE;
const ACCESSES: usize = 7 * LINE;
const PAGES: usize = 8 * LINE;
const ROW_COUNT: usize = 9 * LINE;
const ROWS_MAX: usize = 10 * LINE;
/** What an access of each kind costs, and then how many the run was served. */
const KINDS: usize = 11 * LINE;

/** What a word counts as where the access is a read, and 16 bytes on, where it is a write: once among all, and once among the writes. */
const COUNTS_AS: usize = memory.data<u64>([~0, 0, ~0, ~0]);

let lines: usize = 0;
let rows: usize = 0;
let rowsMax: usize = 0;
let part: usize = 0;
let planes: usize = 0;
let planeCount: usize = 0;
/** What `walkPiece` is given and tells. */
let costs: usize = 0;
let walked: usize = 0;
let out: usize = 0;
let pieceFrom: i32 = 0;
let chunk: i32 = 0;
let lists: usize = 0;
let ends: usize = 0;

/** Where columns are; they hold until one of them moves. */
export function setAdvance(
  linesAt: usize,
  rowsAt: usize,
  rowsOfRun: i32,
  partAt: usize,
  planesAt: usize,
  planesOfRun: i32,
  costsAt: usize,
  walkedAt: usize,
  outAt: usize,
  listsAt: usize,
  endsAt: usize,
): void {
  lines = linesAt;
  rows = rowsAt;
  rowsMax = <usize>rowsOfRun;
  part = partAt;
  planes = planesAt;
  planeCount = <usize>planesOfRun;
  costs = costsAt;
  walked = walkedAt;
  out = outAt;
  lists = listsAt;
  ends = endsAt;
}

/**
 * Takes all runs past a piece, accesses `from` to `to`, with a row for each end of an interval; a run in which something else
 * happens, or for which there is no room for a row, comes to have no time left (`untilNs` is -Infinity), and its other lines mean nothing. The served table
 * comes to have the piece of all runs.
 *
 * Pages from `next` up to `end` are mapped at their first touch. Where the piece was counted in chunks of `chunkLength` accesses,
 * the served table has its sums already, and `reads` of its accesses are no writes; else `chunkLength` is 0. Returns the reads.
 */
export function advanceRuns(from: i32, to: i32, next: u32, end: u32, chunkLength: i32, reads: i32): i32 {
  pieceFrom = from;
  chunk = chunkLength;
  const served = servedTable();
  if (chunkLength > 0) {
    advance(from, to, reads, next, end - next, served);
    return reads;
  }
  const bytes = planeCount << 9;
  memory.fill(served, 0, bytes);
  const sums = part + SUMS_BYTES;
  let all: i32 = 0;
  for (let first = from; first < to; first += PART) {
    const last = min(to, first + PART);
    let mapped: u32 = 0;
    if (next < end) {
      const largest = largestPage(pageColumn() + (<usize>first << 2), last - first);
      if (largest >= next) mapped = largest + 1 - next;
    }
    for (let k: usize = 0; k < planeCount; k++) sumPart(<usize>load<u32>(planes + (k << 2)), first, last, sums + (k << 9));
    const readsOfPart = last - first - writesOf(first, last);
    advance(first, last, readsOfPart, next, mapped, sums);
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(served + at, i32x4.add(v128.load(served + at), v128.load(sums + at)));
    }
    all += readsOfPart;
    next += mapped;
  }
  return all;
}

/** The writes of accesses `from` to `to`. */
function writesOf(from: i32, to: i32): i32 {
  const write = writeColumn();
  let count = 0;
  let i = from;
  for (; i + 16 <= to; i += 16) count += popcnt(i8x16.bitmask(i16x8.shl(v128.load(write + <usize>i), 7)));
  for (; i < to; i++) count += <i32>load<u8>(write + <usize>i);
  return count;
}

/**
 * Counts for each of 64 runs the reads and then the writes of accesses `from` to `to` to pages whose word in `plane` has its bit; see `addWords` of `shared.ts`
 * for how.
 */
function sumPart(plane: usize, from: i32, to: i32, sums: usize): void {
  memory.fill(part, 0, SUMS_BYTES);
  let page = pageColumn() + (<usize>from << 2);
  let write = writeColumn() + <usize>from;
  let ones = i64x2.splat(0);
  let twos = ones;
  let fours = ones;
  let eights = ones;
  let eightsBefore = ones;
  let left = to - from;
  for (let isSecond = false; left >= 8; isSecond = !isSecond) {
    let x = counted(plane, page, write, 0);
    let y = counted(plane, page, write, 1);
    let u = v128.xor(ones, x);
    const twosA = v128.or(v128.and(ones, x), v128.and(u, y));
    ones = v128.xor(u, y);
    x = counted(plane, page, write, 2);
    y = counted(plane, page, write, 3);
    u = v128.xor(ones, x);
    const twosB = v128.or(v128.and(ones, x), v128.and(u, y));
    ones = v128.xor(u, y);
    u = v128.xor(twos, twosA);
    const foursA = v128.or(v128.and(twos, twosA), v128.and(u, twosB));
    twos = v128.xor(u, twosB);
    x = counted(plane, page, write, 4);
    y = counted(plane, page, write, 5);
    u = v128.xor(ones, x);
    const twosC = v128.or(v128.and(ones, x), v128.and(u, y));
    ones = v128.xor(u, y);
    x = counted(plane, page, write, 6);
    y = counted(plane, page, write, 7);
    u = v128.xor(ones, x);
    const twosD = v128.or(v128.and(ones, x), v128.and(u, y));
    ones = v128.xor(u, y);
    u = v128.xor(twos, twosC);
    const foursB = v128.or(v128.and(twos, twosC), v128.and(u, twosD));
    twos = v128.xor(u, twosD);
    u = v128.xor(fours, foursA);
    const eightsHere = v128.or(v128.and(fours, foursA), v128.and(u, foursB));
    fours = v128.xor(u, foursB);
    if (isSecond) {
      u = v128.xor(eights, eightsBefore);
      carry(v128.or(v128.and(eights, eightsBefore), v128.and(u, eightsHere)), 4);
      eights = v128.xor(u, eightsHere);
      eightsBefore = i64x2.splat(0);
    } else {
      eightsBefore = eightsHere;
    }
    page += 32;
    write += 8;
    left -= 8;
  }
  carry(ones, 0);
  carry(twos, 1);
  carry(fours, 2);
  carry(eights, 3);
  carry(eightsBefore, 3);
  for (; left > 0; left--) {
    carry(counted(plane, page, write, 0), 0);
    page += 4;
    write += 1;
  }
  storeSums(sums);
}

/** The word of the page of an access twice, the second time only where it is a write. */
// @ts-ignore: decorator
@inline
function counted(plane: usize, page: usize, write: usize, i: usize): v128 {
  const p = <usize>load<u32>(page + (i << 2));
  const w = <usize>load<u8>(write + i);
  return v128.and(v128.load64_splat(plane + (p << 3)), v128.load(COUNTS_AS + (w << 4)));
}

/** Adds a bit of 64 sums of either kind at a level, to the last one: where that could end sooner depends on words that are not there yet. */
// @ts-ignore: decorator
@inline
function carry(bits: v128, level: usize): void {
  for (let at = part + (level << 4); at < part + SUMS_BYTES; at += 16) {
    const before = v128.load(at);
    v128.store(at, v128.xor(before, bits));
    bits = v128.and(bits, before);
  }
}

/** Turns the sums by levels into those by run: reads, which are all but the writes, and writes. */
function storeSums(sums: usize): void {
  const ofRun = i16x8(1, 2, 4, 8, 16, 32, 64, 128);
  for (let runs: usize = 0; runs < 8; runs++) {
    let all = i16x8.splat(0);
    let writes = i16x8.splat(0);
    for (let level: usize = 0; level < LEVELS; level++) {
      const at = part + (level << 4) + runs;
      const bit = i16x8.splat(<i16>1 << <i16>level);
      const inAll = i16x8.eq(v128.and(i16x8.splat(<i16>load<u8>(at)), ofRun), ofRun);
      const inWrites = i16x8.eq(v128.and(i16x8.splat(<i16>load<u8>(at, 8)), ofRun), ofRun);
      all = v128.or(all, v128.and(inAll, bit));
      writes = v128.or(writes, v128.and(inWrites, bit));
    }
    const reads = i16x8.sub(all, writes);
    const at = sums + (runs << 5);
    v128.store(at, i32x4.extend_low_i16x8_u(reads));
    v128.store(at, i32x4.extend_high_i16x8_u(reads), 16);
    v128.store(at, i32x4.extend_low_i16x8_u(writes), 256);
    v128.store(at, i32x4.extend_high_i16x8_u(writes), 272);
  }
}

/** Takes all runs past accesses `from` to `to`, of which `reads` are no writes; `sums` has what the nodes but the first serve of them. */
function advance(from: i32, to: i32, reads: i32, next: u32, mapped: u32, sums: usize): void {
  const length = f64x2.splat(<f64>(to - from));
  const allReads = f64x2.splat(<f64>reads);
  const allWrites = f64x2.splat(<f64>(to - from - reads));
  const pages = f64x2.splat(<f64>mapped);
  const kinds: usize = 2 * planeCount + 2;
  const servedLines = lines + KINDS + kinds * LINE;
  for (let run: usize = 0; run < RUNS; run += 2) {
    const line = lines + (run << 3);
    let restReads = allReads;
    let restWrites = allWrites;
    const maps = f64x2.mul(pages, v128.load(line, MAPS));
    let endNs = f64x2.add(v128.load(line, CLOCK_NS), f64x2.mul(maps, v128.load(line, FAULT_NS)));
    for (let k: usize = 0; k < planeCount; k++) {
      const sumAt = sums + (k << 9) + (run << 2);
      const cost = line + KINDS + (k + 1) * 2 * LINE;
      const readsHere = f64x2.convert_low_i32x4_u(v128.load64_zero(sumAt));
      const writesHere = f64x2.convert_low_i32x4_u(v128.load64_zero(sumAt, 256));
      restReads = f64x2.sub(restReads, readsHere);
      restWrites = f64x2.sub(restWrites, writesHere);
      endNs = f64x2.add(endNs, f64x2.mul(readsHere, v128.load(cost)));
      endNs = f64x2.add(endNs, f64x2.mul(writesHere, v128.load(cost, LINE)));
    }
    endNs = f64x2.add(endNs, f64x2.mul(restReads, v128.load(line, KINDS)));
    endNs = f64x2.add(endNs, f64x2.mul(restWrites, v128.load(line, KINDS + LINE)));
    if (i64x2.all_true(f64x2.lt(endNs, v128.load(line, UNTIL_NS)))) {
      v128.store(line, endNs, CLOCK_NS);
      v128.store(line, f64x2.add(v128.load(line, ACCESSES), length), ACCESSES);
      v128.store(line, f64x2.add(v128.load(line, PAGES), maps), PAGES);
      const servedAt = servedLines + (run << 3);
      addTo(servedAt, restReads);
      addTo(servedAt + LINE, restWrites);
      for (let k: usize = 0; k < planeCount; k++) {
        const sumAt = sums + (k << 9) + (run << 2);
        const at = servedAt + (k + 1) * 2 * LINE;
        addTo(at, f64x2.convert_low_i32x4_u(v128.load64_zero(sumAt)));
        addTo(at + LINE, f64x2.convert_low_i32x4_u(v128.load64_zero(sumAt, 256)));
      }
    } else {
      advanceOne(run, f64x2.extract_lane(endNs, 0), from, to, reads, next, mapped, sums);
      advanceOne(run + 1, f64x2.extract_lane(endNs, 1), from, to, reads, next, mapped, sums);
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, counts: v128): void {
  v128.store(at, f64x2.add(v128.load(at), counts));
}

/** As {@link advance}, of one run, which is past the accesses at `endNs` if nothing happens. */
function advanceOne(
  run: usize,
  endNs: f64,
  from: i32,
  to: i32,
  reads: i32,
  next: u32,
  mapped: u32,
  sums: usize,
): void {
  const line = lines + (run << 3);
  if (load<f64>(line, UNTIL_NS) == -Infinity) return;
  if (endNs >= load<f64>(line, OTHERS_NS)) {
    store<f64>(line, -Infinity, UNTIL_NS);
    return;
  }
  const kinds: usize = 2 * planeCount + 2;
  const servedAt = line + KINDS + kinds * LINE;
  const faultNs = load<f64>(line, FAULT_NS);
  const maps = mapped > 0 && load<f64>(line, MAPS) != 0;
  const pagesEnd = next + mapped;
  let page = next;
  let i = from;
  // What of all the accesses is left, by kind; `walkPiece` is told what each costs.
  const left = out + 16;
  let rest: i32 = 0;
  let restWrites: i32 = 0;
  for (let kind: usize = 2; kind < kinds; kind++) {
    const count = load<u32>(sums + ((kind - 2) << 8) + (run << 2));
    store<u32>(left + (kind << 2), count);
    if (kind & 1) restWrites += count;
    else rest += count;
  }
  store<u32>(left, reads - rest);
  store<u32>(left, to - from - reads - restWrites, 4);
  for (let kind: usize = 0; kind < kinds; kind++) {
    store<f64>(costs + (kind << 3), load<f64>(line + KINDS + kind * LINE));
  }
  let clock = load<f64>(line, CLOCK_NS);
  while (endNs >= load<f64>(line, INTERVAL_NS)) {
    const reached = walkPiece(
      <i32>run,
      planes,
      <i32>planeCount,
      i,
      to,
      clock,
      load<f64>(line, INTERVAL_NS),
      maps ? page : 0xffffffff,
      faultNs,
      costs,
      walked,
      out,
      pieceFrom,
      chunk,
      lists,
      ends,
    );
    clock = load<f64>(out);
    for (let kind: usize = 0; kind < kinds; kind++) {
      const count = load<u32>(walked + (kind << 2));
      store<u32>(left + (kind << 2), load<u32>(left + (kind << 2)) - count);
      const at = servedAt + kind * LINE;
      store<f64>(at, load<f64>(at) + <f64>count);
    }
    store<f64>(line, load<f64>(line, ACCESSES) + <f64>(reached - i), ACCESSES);
    if (maps) {
      const reachedPage = <u32>load<f64>(out, 8);
      store<f64>(line, load<f64>(line, PAGES) + <f64>(reachedPage - page), PAGES);
      page = reachedPage;
    }
    i = reached;
    // What is due then happens before the next access.
    if (i == to) break;
    if (!endInterval(run, line, kinds, clock)) {
      store<f64>(line, -Infinity, UNTIL_NS);
      return;
    }
  }
  store<f64>(line, endNs, CLOCK_NS);
  if (i == to) return;
  for (let kind: usize = 0; kind < kinds; kind++) {
    const at = servedAt + kind * LINE;
    store<f64>(at, load<f64>(at) + <f64>load<u32>(left + (kind << 2)));
  }
  store<f64>(line, load<f64>(line, ACCESSES) + <f64>(to - i), ACCESSES);
  if (maps) store<f64>(line, load<f64>(line, PAGES) + <f64>(pagesEnd - page), PAGES);
}

/** Makes a row of what the run did until its interval ended, which it does not do again; false: there is no room for it, or the next one has ended as well. */
function endInterval(run: usize, line: usize, kinds: usize, clock: f64): bool {
  const count = load<f64>(line, ROW_COUNT);
  if (count >= load<f64>(line, ROWS_MAX)) return false;
  let row = rows + ((run * rowsMax + <usize>count) * (3 + kinds) << 3);
  store<f64>(row, clock);
  store<f64>(row, load<f64>(line, ACCESSES), 8);
  store<f64>(row, load<f64>(line, PAGES), 16);
  store<f64>(line, 0, ACCESSES);
  store<f64>(line, 0, PAGES);
  for (let kind: usize = 0; kind < kinds; kind++) {
    row += 8;
    const at = line + KINDS + (kinds + kind) * LINE;
    store<f64>(row, load<f64>(at), 16);
    store<f64>(at, 0);
  }
  store<f64>(line, count + 1, ROW_COUNT);
  const lengthNs = load<f64>(line, LENGTH_NS);
  const intervalNs = (floor(load<f64>(line, INTERVAL_NS) / lengthNs) + 1) * lengthNs;
  store<f64>(line, intervalNs, INTERVAL_NS);
  store<f64>(line, min(intervalNs, load<f64>(line, OTHERS_NS)), UNTIL_NS);
  return clock < intervalNs;
}
