/**
 * The parts of a `perf script` line up to the event, by byte: what the fields after it are depends on
 * the event. One object is filled anew for each line.
 *
 * Source: Linux tools/perf/builtin-script.c, perf_sample__fprintf_start, process_event, 6.6.
 */
export interface PerfLine {
  /** Thread id, -1 where there is none. */
  thread: number;
  /** Nanoseconds. */
  time: number;
  /** Accesses that the sample stands for, 0 where there is none. */
  period: number;
  /** The event's name without its colon. */
  eventFrom: number;
  eventTo: number;
  /** Where the fields after the event begin. */
  fieldsFrom: number;
}

export function createPerfLine(): PerfLine {
  return { thread: -1, time: 0, period: 0, eventFrom: 0, eventTo: 0, fieldsFrom: 0 };
}

const BLANK = 32;
const COLON = 58;
const POINT = 46;
const SLASH = 47;
const CLOSE = 93;

/** Reads the line of `bytes` from `from` to `to`, its newline; false where it is not a sample's. */
export function readPerfLine(line: PerfLine, bytes: Uint8Array, from: number, to: number): boolean {
  // The time is the first word of digits, a point, 6 or 9 digits and a colon: a program's name may hold anything.
  for (let colon = from; colon < to; colon++) {
    if (bytes[colon] !== COLON) continue;
    const point = timePoint(bytes, from, colon);
    if (point === 0) continue;
    let start = point;
    while (start > from && isDigit(bytes[start - 1])) start--;
    if (start === point || start === from || bytes[start - 1] !== BLANK) continue;
    if (colon + 1 >= to || bytes[colon + 1] !== BLANK) continue;
    line.time =
      digits(bytes, start, point) * 1e9 +
      digits(bytes, point + 1, colon) * (colon - point === 7 ? 1000 : 1);
    line.thread = threadBefore(bytes, from, start);
    return readEvent(line, bytes, colon + 1, to);
  }
  return false;
}

// Where the point of a time stands that ends at `colon`, or 0.
function timePoint(bytes: Uint8Array, from: number, colon: number): number {
  for (const point of [colon - 7, colon - 10]) {
    if (point <= from || bytes[point] !== POINT) continue;
    let at = point + 1;
    while (at < colon && isDigit(bytes[at])) at++;
    if (at === colon) return point;
  }
  return 0;
}

// `PID/TID [CPU]` or `TID [CPU]` before the time.
function threadBefore(bytes: Uint8Array, from: number, time: number): number {
  let at = skipBlanksBack(bytes, from, time);
  if (bytes[at - 1] === CLOSE) {
    while (at > from && bytes[at - 1] !== BLANK) at--;
    at = skipBlanksBack(bytes, from, at);
  }
  const end = at;
  while (at > from && isDigit(bytes[at - 1])) at--;
  const isWord = at === from || bytes[at - 1] === BLANK || bytes[at - 1] === SLASH;
  return at < end && isWord ? digits(bytes, at, end) : -1;
}

// A period, where there is one, and the event: the first word that ends in a colon before a blank.
function readEvent(line: PerfLine, bytes: Uint8Array, from: number, to: number): boolean {
  let at = skipBlanks(bytes, from, to);
  let end = at;
  while (end < to && isDigit(bytes[end])) end++;
  line.period = 0;
  if (end > at && bytes[end] === BLANK) {
    line.period = Math.min(digits(bytes, at, end), 0xffffffff);
    at = skipBlanks(bytes, end, to);
  }
  for (let colon = at + 1; colon < to; colon++) {
    if (bytes[colon] !== COLON) continue;
    if (colon + 1 < to && bytes[colon + 1] !== BLANK) continue;
    line.eventFrom = at;
    line.eventTo = colon;
    line.fieldsFrom = skipBlanks(bytes, colon + 1, to);
    return true;
  }
  return false;
}

/** The index of the first byte from `at` on that is no blank, at most `to`. */
export function skipBlanks(bytes: Uint8Array, at: number, to: number): number {
  while (at < to && (bytes[at] === BLANK || bytes[at] === 9 || bytes[at] === 13)) at++;
  return at;
}

/** The index of the first blank from `at` on, at most `to`. */
export function wordEnd(bytes: Uint8Array, at: number, to: number): number {
  while (at < to && bytes[at] > BLANK) at++;
  return at;
}

function skipBlanksBack(bytes: Uint8Array, from: number, at: number): number {
  while (at > from && bytes[at - 1] === BLANK) at--;
  return at;
}

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

function digits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + bytes[at] - 48;
  return value;
}
