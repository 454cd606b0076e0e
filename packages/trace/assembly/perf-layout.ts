// Where the fields of a line of perf script are. They are looked for once, and known again in the lines that have their
// blanks at the same places, as most have: then only the bytes that make a field what it is are asked again.
import { PERF_LAYOUTS } from './memory';
import { lastLanes, lastLanesOfHalves } from './text-numbers';

const BLANK: u32 = 32;
const HASH: u32 = 35;
const POINT: u32 = 46;
const SLASH: u32 = 47;
const COLON: u32 = 58;
const CLOSE: u32 = 93;
const BAR: u32 = 124;
/** Digits of seconds, threads and periods that are read here: two such numbers are read together. */
const DIGITS_MAX: usize = 8;
/** Digits of addresses and of data_src. */
const HEX_DIGITS_MAX: usize = 15;
const ALL: u64 = u64.MAX_VALUE;

/** The layout of a line: offsets from its first byte. */
@unmanaged
export class PerfLayout {
  /** Bit i stands for byte i of the line: those that are blanks, of those that are asked. */
  blank0: u64;
  blank1: u64;
  asked0: u64;
  asked1: u64;
  /** 1 where a line may be known by it. */
  known: u32;
  /** The time's point and colon, the event and its colon. */
  point: u32;
  colon: u32;
  event: u32;
  eventColon: u32;
  /** Where numbers end. */
  threadEnd: u32;
  periodEnd: u32;
  addressEnd: u32;
  sourceEnd: u32;
  /** Digits of the fraction of a second. */
  fraction: u32;
  hasThread: u32;
  hasSource: u32;
  /** The byte before the thread's number, and the last byte of `[CPU]`; the point where there is none. */
  threadMark: u32;
  threadMarkByte: u32;
  cpuMark: u32;
  cpuMarkByte: u32;
  /** The first byte of the name, and the last ones of its two words. */
  name: u32;
  nameEnd: u32;
  nameEnd2: u32;
  /** The words behind the address; the colon where there is none. */
  second: u32;
  third: u32;
}

const COUNT_LANES: usize = 144;
const TIME_LANES: usize = 160;
const ADDRESS_LANES: usize = 176;
const SOURCE_LANES: usize = 192;
const LAYOUT_BYTES_LOG2: usize = 8;

/** Lanes of thread and period, eight each. */
// @ts-ignore: decorator
@inline
export function countLanes(layout: PerfLayout): v128 {
  return v128.load(changetype<usize>(layout), COUNT_LANES);
}

/** Lanes of the seconds and of the last eight digits of their fraction. */
// @ts-ignore: decorator
@inline
export function timeLanes(layout: PerfLayout): v128 {
  return v128.load(changetype<usize>(layout), TIME_LANES);
}

// @ts-ignore: decorator
@inline
export function addressLanes(layout: PerfLayout): v128 {
  return v128.load(changetype<usize>(layout), ADDRESS_LANES);
}

// @ts-ignore: decorator
@inline
export function sourceLanes(layout: PerfLayout): v128 {
  return v128.load(changetype<usize>(layout), SOURCE_LANES);
}

/** The place of the layout of a line with these blanks, one of 64: the text of data_src comes later, mostly. */
// @ts-ignore: decorator
@inline
export function layoutOf(blank0: u64, blank1: u64): PerfLayout {
  const mixed = (blank0 ^ rotl<u64>(blank1 << 28, 11)) * 0x9e3779b97f4a7c15;
  return changetype<PerfLayout>(PERF_LAYOUTS + (<usize>(mixed >> 58) << LAYOUT_BYTES_LOG2));
}

/** Whether the line at `at` has this layout, given its blanks. */
// @ts-ignore: decorator
@inline
export function hasLayout(layout: PerfLayout, at: usize, blank0: u64, blank1: u64): bool {
  const others =
    ((blank0 ^ layout.blank0) & layout.asked0) | ((blank1 ^ layout.blank1) & layout.asked1);
  const odd =
    <u32>(others != 0) |
    (layout.known ^ 1) |
    (load<u8>(at + layout.point) ^ POINT) |
    (load<u8>(at + layout.colon) ^ COLON) |
    (load<u8>(at + layout.eventColon) ^ COLON) |
    (load<u8>(at + layout.threadMark) ^ layout.threadMarkByte) |
    (load<u8>(at + layout.cpuMark) ^ layout.cpuMarkByte) |
    <u32>(load<u8>(at + layout.name) == HASH) |
    <u32>(load<u8>(at + layout.nameEnd) == COLON) |
    <u32>(load<u8>(at + layout.nameEnd2) == COLON) |
    <u32>(load<u8>(at + layout.second) == BAR) |
    (<u32>(load<u8>(at + layout.third) == BAR) ^ layout.hasSource);
  return odd == 0;
}

// @ts-ignore: decorator
@inline
function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 48 < 10;
}

/** The first byte from `at` on that is no blank: the newline at the latest. */
function skipBlanks(at: usize): usize {
  while (load<u8>(at) == BLANK) at++;
  return at;
}

function wordEnd(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != BLANK) at++;
  return at;
}

function skipBlanksBack(from: usize, at: usize): usize {
  while (at > from && load<u8>(at - 1) == BLANK) at--;
  return at;
}

function wordStart(from: usize, at: usize): usize {
  while (at > from && load<u8>(at - 1) != BLANK) at--;
  return at;
}

/**
 * Finds the layout of the line from `at` to its newline at `end`, which has no other control character, given its
 * blanks; false where it is unusual. Whether its numbers are numbers is not asked.
 */
export function findLayout(
  layout: PerfLayout,
  at: usize,
  end: usize,
  blank0: u64,
  blank1: u64,
): bool {
  if (!fillLayout(layout, at, end)) {
    layout.known = 0;
    return false;
  }
  // Up to the text of data_src, or, where there is none, all of the line: nothing else follows the address.
  const isCut = layout.third != layout.colon;
  const last = <u64>layout.third;
  layout.asked0 = isCut && last < 63 ? ((<u64>2) << last) - 1 : ALL;
  layout.asked1 = !isCut ? ALL : last < 64 ? 0 : ((<u64>2) << (last - 64)) - 1;
  layout.blank0 = blank0;
  layout.blank1 = blank1;
  if (isCut ? last > 126 : end - at > 128) layout.known = 0;
  return true;
}

/** Fills what is no mask. */
function fillLayout(layout: PerfLayout, at: usize, end: usize): bool {
  layout.known = 0;
  const name = skipBlanks(at);
  if (load<u8>(name) == HASH) return false;
  layout.name = <u32>(name - at);
  const start = findTime(layout, at, end);
  if (start == 0) return false;
  const threadDigits = findThread(layout, at, start);
  if (threadDigits > DIGITS_MAX) return false;
  const periodDigits = findEvent(layout, at, end);
  if (periodDigits > DIGITS_MAX) return false;
  const point = at + layout.point;
  const fractionDigits = min<usize>(layout.fraction, DIGITS_MAX);
  const here = changetype<usize>(layout);
  v128.store(here, lastLanesOfHalves(threadDigits, periodDigits), COUNT_LANES);
  v128.store(here, lastLanesOfHalves(point - start, fractionDigits), TIME_LANES);
  return findAddress(layout, at, end);
}

/** Finds the time: its first digit, or 0. */
function findTime(layout: PerfLayout, at: usize, end: usize): usize {
  for (let colon = at; colon + 1 < end; colon++) {
    if (load<u8>(colon) != COLON || load<u8>(colon, 1) != BLANK) continue;
    const fraction: u32 = load<u8>(colon - 7) == POINT ? 6 : 9;
    const point = colon - fraction - 1;
    if (load<u8>(point) != POINT || point <= at) continue;
    layout.colon = <u32>(colon - at);
    layout.point = <u32>(point - at);
    layout.fraction = fraction;
    const start = wordStart(at, point);
    return start > at && point - start - 1 < DIGITS_MAX ? start : 0;
  }
  return 0;
}

/** Finds the thread before the time, which starts at `start`: its digits, or more than can be read. */
function findThread(layout: PerfLayout, at: usize, start: usize): usize {
  let thread = skipBlanksBack(at, start);
  layout.hasThread = <u32>(thread > at);
  layout.threadEnd = layout.colon;
  if (thread == at) return 0;
  layout.cpuMark = layout.point;
  layout.cpuMarkByte = POINT;
  if (load<u8>(thread - 1) == CLOSE) {
    layout.cpuMark = <u32>(thread - 1 - at);
    layout.cpuMarkByte = CLOSE;
    thread = skipBlanksBack(at, wordStart(at, thread));
  }
  let digit = thread;
  while (digit > at && isDigit(digit - 1)) digit--;
  if (digit == at || digit == thread) return DIGITS_MAX + 1;
  const mark = <u32>load<u8>(digit - 1);
  if (mark != BLANK && mark != SLASH) return DIGITS_MAX + 1;
  layout.threadEnd = <u32>(thread - at);
  layout.threadMark = <u32>(digit - 1 - at);
  layout.threadMarkByte = mark;

  // The name's words, as far as they are asked for a colon that could be the time's.
  let nameEnd = skipBlanksBack(at, wordStart(at, digit));
  layout.nameEnd = nameEnd > at ? <u32>(nameEnd - 1 - at) : layout.point;
  nameEnd = skipBlanksBack(at, wordStart(at, nameEnd));
  layout.nameEnd2 = nameEnd > at ? <u32>(nameEnd - 1 - at) : layout.point;
  layout.known = <u32>(skipBlanksBack(at, wordStart(at, nameEnd)) == at);
  return thread - digit;
}

/** Finds the event, and the period before it, if there is one: that one's digits, or more than can be read. */
function findEvent(layout: PerfLayout, at: usize, end: usize): usize {
  let event = skipBlanks(at + layout.colon + 1);
  let digits: usize = 0;
  while (isDigit(event + digits)) digits++;
  layout.periodEnd = layout.colon;
  if (digits != 0 && load<u8>(event + digits) == BLANK) {
    layout.periodEnd = <u32>(event + digits - at);
    event = skipBlanks(event + digits);
  } else {
    digits = 0;
  }
  let colon = event + 1;
  while (colon < end && (load<u8>(colon) != COLON || load<u8>(colon, 1) != BLANK)) colon++;
  if (colon >= end) return DIGITS_MAX + 1;
  layout.event = <u32>(event - at);
  layout.eventColon = <u32>(colon - at);
  if (wordEnd(event, end) != colon + 1) layout.known = 0;
  return digits;
}

/** Finds the address, and data_src, which text behind a bar follows. */
function findAddress(layout: PerfLayout, at: usize, end: usize): bool {
  const address = skipBlanks(at + layout.eventColon + 1);
  const addressEnd = wordEnd(address, end);
  if (addressEnd - address - 1 >= HEX_DIGITS_MAX) return false;
  const here = changetype<usize>(layout);
  layout.addressEnd = <u32>(addressEnd - at);
  v128.store(here, lastLanes(addressEnd - address), ADDRESS_LANES);
  layout.second = layout.colon;
  layout.third = layout.colon;
  layout.hasSource = 0;
  layout.sourceEnd = layout.addressEnd;
  v128.store(here, lastLanes(0), SOURCE_LANES);

  const second = skipBlanks(addressEnd);
  if (second == end) return true;
  if (load<u8>(second) == BAR) return false;
  layout.second = <u32>(second - at);
  const secondEnd = wordEnd(second, end);
  const third = skipBlanks(secondEnd);
  if (third == end) return true;
  layout.third = <u32>(third - at);
  if (load<u8>(third) != BAR) return true;
  layout.hasSource = 1;
  layout.sourceEnd = <u32>(secondEnd - at);
  v128.store(here, lastLanes(secondEnd - second), SOURCE_LANES);
  return secondEnd - second <= HEX_DIGITS_MAX;
}
