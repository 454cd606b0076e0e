// Lines of delimited columns, read by a plan; the plain scanner is src/text/scan-columns.ts.
import { appendAddress, appendPage, hasRoom, ScanState, threadId } from './scan-state';
import { bits64, newlineFrom } from './text-masks';
import { clearWrongDigit, readDecimal, readHex, wrongDigit } from './text-numbers';

/** How lines are read. Its fields in order are those that `encodePlan` of src/text/column-plan.ts writes. */
@unmanaged
class ColumnPlan {
  /** Ticks of the clock in one unit of the time column. */
  timeScale: f64;
  columns: u32;
  /** Addresses without 0x are hexadecimal. */
  isHex: u32;
  /** log2 of the bytes of one step of the address. */
  addressShift: u32;
  /** A fetch advances the clock. */
  fetchesAreClock: u32;
  /** A line may have more columns. */
  hasMore: u32;
  /** A word that is no token is a fetch. */
  otherWordsFetch: u32;
  /** The address is a page's number. */
  isObject: u32;
  /** Three bytes that end a column, beside blanks. */
  delimiter0: u8;
  delimiter1: u8;
  delimiter2: u8;
}

// Tables behind the fields.
/** u8 by column: what it holds. */
const KINDS: usize = 40;
/** u8 by byte: its class. */
const CLASSES: usize = 56;
/** u8 by byte: what the word of this letter alone means. */
const LETTERS: usize = 312;
/** 128 slots of u64 word, u32 meaning, for words of two to eight letters. */
const WORDS: usize = 568;
const WORD_SLOTS: u32 = 128;
/** As `wordSlot` of src/text/column-plan.ts: the multiplier of Fibonacci hashing. */
const WORD_HASH: u32 = 0x9e3779b1;

// Kinds of columns: CODE of src/text/scan-columns.ts.
const SKIP: u32 = 0;
const ADDR: u32 = 1;
const OP: u32 = 2;
const TIME: u32 = 3;
const DELTA: u32 = 4;
const TID: u32 = 5;
// And 6, a weight.

// Classes of bytes.
const BLANK: u32 = 1;
const SEPARATOR: u32 = 2;
const END: u32 = 4;
const COMMENT: u32 = 8;

// Meanings of words.
const WRITE: u32 = 1;
const FETCH: u32 = 2;
const UNKNOWN: u32 = 255;

const NEWLINE: u8 = 10;
const RETURN: u8 = 13;
const POINT: i8 = 46;
const NUMBER_LENGTH: usize = 16;
/** Digits of the largest time without a fraction: 64 bits hold it, and one conversion rounds it. */
const WHOLE_DIGITS: usize = 19;
/** Digits whose number and whose nanoseconds a double holds as the plain scanner computes them. */
const EXACT_DIGITS: usize = 15;

// @ts-ignore: decorator
@inline
function classOf(plan: usize, at: usize): u32 {
  return load<u8>(plan + load<u8>(at), CLASSES);
}

/** From so many columns on it is faster to find their words together. */
const COLUMNS_MANY: u32 = 4;

/** Where the columns' words of the line being read begin and end: two u32 each. */
const BOUNDS: usize = memory.data(16 * 8, 8);

// @ts-ignore: decorator
@inline
function setBounds(column: usize, from: usize, end: usize): void {
  store<u32>(BOUNDS + (column << 3), <u32>from);
  store<u32>(BOUNDS + (column << 3), <u32>end, 4);
}

// @ts-ignore: decorator
@inline
function isDelimiter(bytes: v128, delimiter0: v128, delimiter1: v128, delimiter2: v128): v128 {
  return v128.or(
    i8x16.eq(bytes, delimiter0),
    v128.or(i8x16.eq(bytes, delimiter1), i8x16.eq(bytes, delimiter2)),
  );
}

/**
 * Finds the words of the line at `at` where it is less than 64 bytes long, has no tab, and its columns are its words:
 * between two of them there are blanks or one delimiter with blanks around it. Gives its newline, or 0.
 *
 * Bit i of a mask stands for byte i of the line.
 */
// @ts-ignore: decorator
@inline
function splitShort(
  plan: usize,
  at: usize,
  columns: u32,
  hasMore: u32,
  delimiter0: v128,
  delimiter1: v128,
  delimiter2: v128,
): usize {
  const part0 = v128.load(at);
  const part1 = v128.load(at, 16);
  const part2 = v128.load(at, 32);
  const part3 = v128.load(at, 48);
  const lastControl = i8x16.splat(31);
  const controls = bits64(
    i8x16.le_u(part0, lastControl),
    i8x16.le_u(part1, lastControl),
    i8x16.le_u(part2, lastControl),
    i8x16.le_u(part3, lastControl),
  );
  const length = <usize>ctz(controls);
  if (controls == 0) return 0;
  const isReturn = <usize>(load<u8>(at + length) == RETURN);
  const newline = at + length + isReturn;
  if (load<u8>(newline) != NEWLINE) return 0;

  const blank = i8x16.splat(32);
  const line = (<u64>1 << <u64>length) - 1;
  const blanks =
    line &
    bits64(
      i8x16.eq(part0, blank),
      i8x16.eq(part1, blank),
      i8x16.eq(part2, blank),
      i8x16.eq(part3, blank),
    );
  // A delimiter that the plan has not is a blank.
  const delimiters =
    line &
    ~blanks &
    bits64(
      isDelimiter(part0, delimiter0, delimiter1, delimiter2),
      isDelimiter(part1, delimiter0, delimiter1, delimiter2),
      isDelimiter(part2, delimiter0, delimiter1, delimiter2),
      isDelimiter(part3, delimiter0, delimiter1, delimiter2),
    );
  const ends = blanks | delimiters | ~line;
  const afterEnd = (ends << 1) | 1;
  let starts = ~ends & afterEnd;
  let stops = ends & ~afterEnd;
  // A sum carries each delimiter over the blanks behind it. Only a word may come there, and first of all.
  const behind = ((delimiters << 1) + blanks) & ~blanks;
  if ((behind & ends) != 0 || (starts & (0 - starts)) > (delimiters & (0 - delimiters)) - 1) return 0;
  const words = <u32>popcnt(starts);
  if (words < columns || (words > columns && hasMore == 0)) return 0;
  if ((classOf(plan, at + <usize>ctz(starts)) & COMMENT) != 0) return 0;
  for (let column: usize = 0; column < <usize>columns; column++) {
    setBounds(column, at + <usize>ctz(starts), at + <usize>ctz(stops));
    starts &= starts - 1;
    stops &= stops - 1;
  }
  return newline;
}

/** Finds the columns of the line at `at`, a word and one separator after the other. Gives its newline, or 0. */
function splitLine(
  plan: usize,
  at: usize,
  columns: u32,
  hasMore: u32,
  delimiter0: v128,
  delimiter1: v128,
  delimiter2: v128,
): usize {
  let class_ = classOf(plan, at);
  while (class_ == BLANK) class_ = classOf(plan, ++at);
  if ((class_ & (COMMENT | END)) != 0) return 0;
  for (let column: usize = 0; column < <usize>columns; column++) {
    const from = at;
    at = wordEnd(from, delimiter0, delimiter1, delimiter2);
    setBounds(column, from, at);
    // One separator, with the blanks around it.
    class_ = classOf(plan, at);
    if (class_ == 0 || class_ == COMMENT) return 0;
    while ((class_ & BLANK) != 0) class_ = classOf(plan, ++at);
    if ((class_ & SEPARATOR) != 0) {
      class_ = classOf(plan, ++at);
      while ((class_ & BLANK) != 0) class_ = classOf(plan, ++at);
    }
  }
  if ((class_ & END) != 0) return at;
  return hasMore == 0 ? 0 : newlineFrom(at);
}

/** Where the word that begins at `at` ends: the first blank, control character or delimiter. */
// @ts-ignore: decorator
@inline
function wordEnd(at: usize, delimiter0: v128, delimiter1: v128, delimiter2: v128): usize {
  let mask = ends(at, delimiter0, delimiter1, delimiter2);
  while (mask == 0) mask = ends((at += 16), delimiter0, delimiter1, delimiter2);
  return at + ctz(mask);
}

// @ts-ignore: decorator
@inline
function ends(at: usize, delimiter0: v128, delimiter1: v128, delimiter2: v128): i32 {
  const bytes = v128.load(at);
  const isBlank = i8x16.le_u(bytes, i8x16.splat(32));
  return i8x16.bitmask(v128.or(isBlank, isDelimiter(bytes, delimiter0, delimiter1, delimiter2)));
}

/** What the word of `length` letters at `at` means, or UNKNOWN. */
// @ts-ignore: decorator
@inline
function meaningOf(plan: usize, at: usize, length: usize): u32 {
  if (length == 1) return load<u8>(plan + load<u8>(at), LETTERS);
  if (length - 2 > 6) return UNKNOWN;
  const word = load<u64>(at) & (<u64>-1 >> (<u64>(8 - length) << 3));
  let slot = ((<u32>word ^ <u32>(word >> 32)) * WORD_HASH) >> 25;
  let found = load<u64>(plan + (<usize>slot << 4), WORDS);
  while (found != word && found != 0) {
    slot = (slot + 1) & (WORD_SLOTS - 1);
    found = load<u64>(plan + (<usize>slot << 4), WORDS);
  }
  return found == 0 ? UNKNOWN : load<u32>(plan + (<usize>slot << 4), WORDS + 8);
}

/** A number in text: hexadecimal with a leading 0x or where `isHex`, else decimal. Sets `isUnusual` where it is none. */
// @ts-ignore: decorator
@inline
function readUnsigned(from: usize, end: usize, isHex: u32): u64 {
  const isPrefixed = (load<u16>(from) | 0x2000) == 0x7830 && end - from > 2;
  const length = isPrefixed ? end - from - 2 : end - from;
  if (length - 1 > NUMBER_LENGTH - 1) {
    isUnusual = true;
    return 0;
  }
  return isPrefixed || isHex ? readHex(end, length) : readDecimal(end, length);
}

/** Ticks of a time, `123` or `123.456`, as the plain scanner's `readFraction` and `ticks`. */
// @ts-ignore: decorator
@inline
function readTicks(from: usize, end: usize, scale: f64): f64 {
  const points = i8x16.bitmask(i8x16.eq(v128.load(from), i8x16.splat(POINT)));
  const point = points == 0 ? end : from + ctz(points);
  if (point >= end) {
    const length = end - from;
    if (length - 1 > WHOLE_DIGITS - 1) {
      isUnusual = true;
      return 0;
    }
    let number = readDecimal(end, min(length, NUMBER_LENGTH));
    if (length > NUMBER_LENGTH) {
      number += readDecimal(end - NUMBER_LENGTH, length - NUMBER_LENGTH) * 10000000000000000;
    }
    return <f64>number * scale;
  }
  const whole = point - from;
  const digits = end - point - 1;
  if (whole - 1 > EXACT_DIGITS - 1 || digits - 1 > EXACT_DIGITS - 1) {
    isUnusual = true;
    return 0;
  }
  const ticks = <f64>readDecimal(point, whole) * scale;
  const fraction = <f64>readDecimal(end, digits);
  if (fraction == 0) return ticks;
  let unit: f64 = 10;
  for (let i: usize = 1; i < digits; i++) unit *= 10;
  const part = (fraction / unit) * scale;
  return ticks + (scale == 1 ? part : round(part));
}

/** To the nearest integer, halves up, as Math.round. */
function round(value: f64): f64 {
  const below = floor(value);
  return value - below >= 0.5 ? below + 1 : below;
}

/** Whether the line being read has something that only the plain scanner reads. */
let isUnusual: bool = false;

/**
 * Reads lines from `at` on as the plan says, as long as there is room and they are as usual; returns where it stopped,
 * at the start of a line or at `to`.
 */
export function scanColumns(stateAt: usize, planAt: usize, at: usize, to: usize): usize {
  const state = changetype<ScanState>(stateAt);
  const plan = changetype<ColumnPlan>(planAt);
  const delimiter0 = i8x16.splat(<i8>plan.delimiter0);
  const delimiter1 = i8x16.splat(<i8>plan.delimiter1);
  const delimiter2 = i8x16.splat(<i8>plan.delimiter2);
  const kinds = planAt + KINDS;
  const columns = plan.columns;
  const hasMore = plan.hasMore;
  const isMany = columns >= COLUMNS_MANY;
  const isHex = plan.isHex;
  const scale = plan.timeScale;
  const addressShift = <u64>plan.addressShift;
  let time = state.time;
  let lines: u32 = 0;
  isUnusual = false;
  clearWrongDigit();
  while (at < to && hasRoom(state)) {
    let newline: usize = 0;
    if (isMany) newline = splitShort(planAt, at, columns, hasMore, delimiter0, delimiter1, delimiter2);
    if (newline == 0)
      newline = splitLine(planAt, at, columns, hasMore, delimiter0, delimiter1, delimiter2);
    if (newline == 0) break;

    let address: u64 = 0;
    let operation: u32 = 0;
    let weight: u32 = 1;
    let thread: i32 = 0;
    let lineTime = time;
    for (let column: usize = 0; column < <usize>columns; column++) {
      const kind = <u32>load<u8>(kinds + column);
      if (kind == SKIP) continue;
      const from = <usize>load<u32>(BOUNDS + (column << 3));
      const end = <usize>load<u32>(BOUNDS + (column << 3), 4);
      if (kind == ADDR) {
        address = readUnsigned(from, end, isHex);
      } else if (kind == OP) {
        operation = meaningOf(planAt, from, end - from);
        if (operation == UNKNOWN) {
          if (plan.otherWordsFetch == 0 || end == from) isUnusual = true;
          operation = FETCH;
        }
      } else if (kind == TIME) {
        lineTime = readTicks(from, end, scale);
      } else if (kind == DELTA) {
        lineTime += readTicks(from, end, scale);
      } else if (kind == TID) {
        thread = threadId(state, readUnsigned(from, end, 0));
        if (thread < 0) isUnusual = true;
      } else {
        const count = readUnsigned(from, end, 0);
        if (count > u32.MAX_VALUE) isUnusual = true;
        weight = <u32>count;
      }
    }
    if (isUnusual || wrongDigit) break;
    if (addressShift != 0) {
      if (address >> (64 - addressShift) != 0) break;
      address <<= addressShift;
    }

    if (operation == FETCH) {
      if (plan.fetchesAreClock != 0) lineTime += 1;
      state.fetches++;
    } else {
      state.time = lineTime;
      if (state.thread != 0) store<u16>(state.thread + (<usize>state.length << 1), <u16>thread);
      if (state.weight != 0) store<u32>(state.weight + (<usize>state.length << 2), weight);
      if (plan.isObject != 0) appendPage(state, address, operation & WRITE);
      else appendAddress(state, address, operation & WRITE);
    }
    time = lineTime;
    lines++;
    at = newline + 1;
  }
  state.time = time;
  state.lines += lines;
  return at;
}
