// Lines of perf script; the plain scanner is src/readers/perf-script.ts with src/text/perf-line.ts.
import { appendAddress, hasRoom, ScanState, threadId } from './scan-state';
import { controlFrom, equal64 } from './text-masks';
import { clearWrongDigit, readDecimal, readDecimals, readHex, wrongDigit } from './text-numbers';

const NEWLINE: u32 = 10;
const BLANK: u32 = 32;
const HASH: u32 = 35;
const POINT: u32 = 46;
const SLASH: u32 = 47;
const COLON: i8 = 58;
const CLOSE: u32 = 93;
const BAR: u32 = 124;
/** Digits of seconds, threads and periods that are read here: two such numbers are read together. */
const DIGITS_MAX: u32 = 8;
const NO_THREAD: u64 = u64.MAX_VALUE;

// data_src, as src/text/data-source.ts has it.
const OP_LOAD_OR_STORE: u64 = 6;
const OP_STORE: u64 = 4;
const LEVEL_MEMORY: u64 = 0x380 << 5;
/** A bit for each mem_lvl_num that is memory: CXL 9, RAM 13, PMEM 14. */
const LEVEL_NUMBERS_MEMORY: u32 = (1 << 9) | (1 << 13) | (1 << 14);

// Positions in the line being read, set by the functions that find them.
/** The time's colon, its point and its first digit. */
let timeColon: usize = 0;
let timePoint: usize = 0;
let timeStart: usize = 0;
/** Behind the thread's number, and how many digits it has: none where the line has no thread. */
let threadEnd: usize = 0;
let threadDigits: usize = 0;

// @ts-ignore: decorator
@inline
function blanks(at: usize): u32 {
  return i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(<i8>BLANK)));
}

// @ts-ignore: decorator
@inline
function nonDigits(at: usize): u32 {
  return i8x16.bitmask(i8x16.gt_u(i8x16.sub(v128.load(at), i8x16.splat(48)), i8x16.splat(9)));
}

// @ts-ignore: decorator
@inline
function skipBlanks(at: usize): usize {
  let mask = blanks(at) ^ 0xffff;
  while (mask == 0) mask = blanks((at += 16)) ^ 0xffff;
  return at + ctz(mask);
}

/** The first bit of `mask` that is set, from `bit` on; 64 where none is. */
// @ts-ignore: decorator
@inline
function after(mask: u64, bit: usize): usize {
  return bit > 63 ? 64 : <usize>ctz(mask & (<u64>-1 << <u64>bit));
}

/** Finds the first word of digits, a point, 6 or 9 digits, a colon and a blank between `from` and `to`. */
// @ts-ignore: decorator
@inline
function findTime(from: usize, to: usize): bool {
  for (let chunk = from; chunk < to; chunk += 16) {
    let mask = i8x16.bitmask(i8x16.eq(v128.load(chunk), i8x16.splat(COLON)));
    while (mask != 0) {
      const colon = chunk + ctz(mask);
      mask &= mask - 1;
      if (colon + 1 >= to) return false;
      const point = load<u8>(colon - 7) == POINT ? colon - 7 : colon - 10;
      if (load<u8>(point) != POINT || load<u8>(colon, 1) != BLANK || point <= from) continue;
      const others = nonDigits(point - 16);
      if (others == 0) return false;
      const digits = clz(others) - 16;
      if (digits - 1 > DIGITS_MAX - 1) return false;
      timeStart = point - digits;
      timePoint = point;
      timeColon = colon;
      return timeStart > from && load<u8>(timeStart - 1) == BLANK;
    }
  }
  return false;
}

/** Finds the number of the thread before the time of the line that starts at `from`. */
// @ts-ignore: decorator
@inline
function findThread(from: usize): bool {
  // Bit i stands for the byte at `first + i`.
  const first = timeStart - 32;
  const blank = blanks(first) | (blanks(first + 16) << 16);
  const others = nonDigits(first) | (nonDigits(first + 16) << 16);
  if (~blank == 0) return false;
  let last: u32 = 31 - clz(~blank);
  threadEnd = timeStart;
  threadDigits = 0;
  if (first + last < from) return true;
  if (load<u8>(first + last) == CLOSE) {
    const before = blank & ((<u32>1 << last) - 1);
    if (before == 0) return false;
    const words = ~blank & ((<u32>1 << (31 - clz(before))) - 1);
    if (words == 0) return false;
    last = 31 - clz(words);
    if (first + last < from) return false;
  }
  const mask = others & ((<u32>2 << last) - 1);
  if (mask == 0) return false;
  const other: u32 = 31 - clz(mask);
  const digits = last - other;
  if (digits - 1 > DIGITS_MAX - 1 || first + other < from) return false;
  const before = load<u8>(first + other);
  threadEnd = first + last + 1;
  threadDigits = digits;
  return before == BLANK || before == SLASH;
}

/** Whether `store` stands in the event's name, in either case. */
function isStoreEvent(from: usize, to: usize): bool {
  for (; from + 5 <= to; from += 12) {
    const letters = v128.or(v128.load(from), i8x16.splat(32));
    let mask = i8x16.bitmask(i8x16.eq(letters, i8x16.splat(115)));
    mask &= i8x16.bitmask(i8x16.eq(letters, i8x16.splat(116))) >> 1;
    mask &= i8x16.bitmask(i8x16.eq(letters, i8x16.splat(111))) >> 2;
    mask &= i8x16.bitmask(i8x16.eq(letters, i8x16.splat(114))) >> 3;
    mask &= i8x16.bitmask(i8x16.eq(letters, i8x16.splat(101))) >> 4;
    if (mask != 0) return from + ctz(mask) + 5 <= to;
  }
  return false;
}

/** Nanoseconds of the time that was found, whose fraction has `digits`. */
// @ts-ignore: decorator
@inline
function timeOf(digits: usize): f64 {
  if (digits == 6) {
    const parts = readDecimals(timePoint, timePoint - timeStart, timeColon, digits);
    return <f64>(<u32>parts) * 1e9 + <f64>(<u32>(parts >> 32)) * 1000;
  }
  const seconds = readDecimal(timePoint, timePoint - timeStart);
  return <f64>seconds * 1e9 + <f64>readDecimal(timeColon, digits);
}

// @ts-ignore: decorator
@inline
function reachedMemory(source: u64): bool {
  const level = <u32>(source >> 33) & 15;
  return (source & LEVEL_MEMORY) != 0 || ((LEVEL_NUMBERS_MEMORY >> level) & 1) != 0;
}

/**
 * Reads lines from `at` on as long as there is room and they are as usual; returns where it stopped, at the start of a
 * line or at `to`. Keeps only what memory served where `memoryOnly` is set.
 */
export function scanPerf(stateAt: usize, memoryOnly: u32, at: usize, to: usize): usize {
  const state = changetype<ScanState>(stateAt);
  let lines: u32 = 0;
  // Where in its line each window began in the line before, and is tried first: a processor goes on from there while
  // it still looks for the colons.
  let periodAt: usize = 0;
  let addressAt: usize = 0;
  clearWrongDigit();
  while (at < to && hasRoom(state)) {
    const end = controlFrom(at);
    if (load<u8>(end) != NEWLINE || load<u8>(skipBlanks(at)) == HASH) break;
    if (!findTime(at, end)) break;
    const digits = timeColon - timePoint - 1;
    if (!findThread(at)) break;

    // A period, where there is one, and the event: in 64 bytes after the time. Bit i of a mask stands for byte i.
    let window = at + periodAt;
    if (window != timeColon + 1) {
      window = timeColon + 1;
      periodAt = window - at;
    }
    let blank = equal64(window, <i8>BLANK);
    let from = after(~blank, 0);
    let to = after(blank, from);
    const periodEnd = window + to;
    let periodDigits = to - from;
    if (periodDigits < 16 && (nonDigits(window + from) & ((1 << <u32>periodDigits) - 1)) == 0) {
      if (periodDigits > <usize>DIGITS_MAX) break;
      from = after(~blank, to);
    } else {
      periodDigits = 0;
    }
    const counts = readDecimals(threadEnd, threadDigits, periodEnd, periodDigits);
    const number = threadDigits == 0 ? NO_THREAD : counts & 0xffffffff;
    const period = max(1, <u32>(counts >> 32));
    // The event ends with the first colon that a blank follows.
    to = after(equal64(window, COLON) & (blank >> 1), from + 1);
    if (to >= 63 || window + to >= end) break;
    const eventFrom = window + from;
    const eventTo = window + to;

    // The address, and data_src, which a bar follows: in 64 bytes after the event.
    window = at + addressAt;
    if (window != eventTo + 1) {
      window = eventTo + 1;
      addressAt = window - at;
    }
    const length = end - window;
    blank = equal64(window, <i8>BLANK);
    if (length < 64) blank |= <u64>-1 << <u64>length;
    from = after(~blank, 0);
    to = after(blank, from);
    if (to >= 64 || to - from - 1 > 15) break;
    const address = readHex(window + to, to - from);
    let source: u64 = 0;
    let hasSource = false;
    from = after(~blank, to);
    if (from < 64) {
      if (load<u8>(window + from) == BAR) break;
      to = after(blank, from);
      const bar = after(~blank, to);
      if (bar < 64 && load<u8>(window + bar) == BAR) {
        if (to - from - 1 > 15) break;
        source = readHex(window + to, to - from);
        hasSource = true;
      } else if (bar >= 64 && length > 64) {
        break;
      }
    } else if (length > 64) {
      break;
    }
    const time = timeOf(digits);
    if (wrongDigit) break;
    if (address == 0) {
      state.withoutAddress++;
    } else if (hasSource && memoryOnly != 0 && !reachedMemory(source)) {
      state.servedByCache++;
    } else {
      const thread = threadId(state, number);
      if (thread < 0) break;
      const isStore =
        (source & OP_LOAD_OR_STORE) != 0 ? (source & OP_STORE) != 0 : isStoreEvent(eventFrom, eventTo);
      state.time = time;
      store<u16>(state.thread + (<usize>state.length << 1), <u16>thread);
      if (state.weight != 0) store<u32>(state.weight + (<usize>state.length << 2), period);
      appendAddress(state, address, <u32>isStore);
    }
    lines++;
    at = end + 1;
  }
  state.lines += lines;
  return at;
}
