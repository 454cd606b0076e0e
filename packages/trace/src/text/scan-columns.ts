import { appendAddress, appendPage, type Columns } from '../columns.ts';
import { leaveOut, lineEnd, type LineTally, refuseLine } from '../scan.ts';
import type { ColumnKind, TextLayout } from './layout.ts';
import {
  createReadNumber,
  readFraction,
  type ReadNumber,
  readPrefixedHex,
  readUnsigned,
} from './numbers.ts';
import type { LineScanner } from './scan-lines.ts';
import { threadId, type ThreadTable } from './threads.ts';
import { createTokenTable, type TokenTable, tokenClass } from './tokens.ts';

/** What a layout says of bytes and words, as tables. */
export interface LayoutTables {
  /** By byte, its class between columns; 0 where it is part of a word. */
  readonly separators: Uint8Array;
  readonly comments: readonly Uint8Array[];
  /** By byte: 1 where a comment begins with it. */
  readonly startsComment: Uint8Array;
  /** {@link READ}, {@link WRITE} or {@link FETCH} by word. */
  readonly tokens: TokenTable;
}

/** The tables of `layout`. */
export function layoutTables(layout: TextLayout): LayoutTables {
  const startsComment = new Uint8Array(256);
  for (const comment of layout.comments) startsComment[comment.charCodeAt(0)] = 1;
  return {
    separators: separatorTable(layout.delimiters),
    comments: layout.comments.map((text) => Buffer.from(text, 'latin1')),
    startsComment,
    tokens: createTokenTable([
      [layout.readTokens, READ],
      [layout.writeTokens, WRITE],
      [layout.fetchTokens, FETCH],
    ]),
  };
}

/** A scanner of lines laid out as `layout`, appending to `columns`. */
export function createColumnScanner(
  layout: TextLayout,
  tables: LayoutTables,
  tally: LineTally,
  columns: Columns,
  threads: ThreadTable,
): LineScanner {
  const line: LineState = {
    layout,
    tally,
    columns,
    threads,
    kinds: Uint8Array.from(layout.columns, (kind) => CODE[kind]),
    ...tables,
    addressRadix: layout.radix === '16' ? 16 : 10,
    addressShift: Math.log2(layout.addressUnit),
    number: createReadNumber(),
    time: 0,
    scanLine: (bytes, start) =>
      tally.lines < layout.headerLines ? lineEnd(bytes, start) + 1 : scanLine(line, bytes, start),
  };
  return line;
}

// What the words of an op column mean.
const READ = 0;
const WRITE = 1;
const FETCH = 2;

/** Numbers of the kinds of columns. */
export const CODE: Record<ColumnKind, number> = {
  skip: 0,
  addr: 1,
  op: 2,
  time: 3,
  delta: 4,
  tid: 5,
  weight: 6,
};
const ADDR = CODE.addr;
const OP = CODE.op;
const TIME = CODE.time;
const DELTA = CODE.delta;
const TID = CODE.tid;
const WEIGHT = CODE.weight;

const NEWLINE = 10;

// Classes of a byte between columns.
const BLANK = 1;
const SEPARATOR = 2;
const END = 4;

interface LineState extends LineScanner, LayoutTables {
  readonly layout: TextLayout;
  readonly tally: LineTally;
  readonly columns: Columns;
  readonly threads: ThreadTable;
  readonly kinds: Uint8Array;
  readonly addressRadix: number;
  /** log2 of the address unit. */
  readonly addressShift: number;
  readonly number: ReadNumber;
}

function separatorTable(delimiters: string): Uint8Array {
  const classes = new Uint8Array(256);
  for (const blank of ' \t\r') classes[blank.charCodeAt(0)] = BLANK;
  for (const byte of Buffer.from(delimiters, 'latin1')) if (byte !== 32) classes[byte] = SEPARATOR;
  classes[NEWLINE] = END;
  return classes;
}

function scanLine(line: LineState, bytes: Uint8Array, start: number): number {
  const { kinds, separators, tally, columns, number } = line;
  let at = start;
  while (separators[bytes[at]] === BLANK) at++;
  if (bytes[at] === NEWLINE) return at + 1;
  if (line.startsComment[bytes[at]] === 1 && isComment(line.comments, bytes, at)) {
    leaveOut(tally.leftOut, 'comment');
    return lineEnd(bytes, at) + 1;
  }

  let operation = READ;
  let weight = 1;
  let low = 0;
  let high = 0;
  let time = line.time;
  for (let column = 0; column < kinds.length; column++) {
    const kind = kinds[column];
    const from = at;
    if (kind === ADDR && line.addressShift === 0) {
      at = readPrefixedHex(number, bytes, from);
      low = number.low;
      high = number.high;
    }
    const isRead = at > from && separators[bytes[at]] !== 0;
    while (separators[bytes[at]] === 0) at++;
    if (isRead) {
      // An address with its prefix, which is what most are, is read as it is found.
    } else if (kind === ADDR) {
      if (!readUnsigned(number, bytes, from, at, line.addressRadix) || !scaleAddress(line))
        return refuse(line, bytes, start, column, 'an address of at most 64 bits');
      low = number.low;
      high = number.high;
    } else if (kind === OP) {
      operation = tokenClass(line.tokens, bytes, from, at);
      if (operation < 0 && line.layout.otherWordsFetch) operation = FETCH;
      if (operation < 0)
        return refuse(line, bytes, start, column, 'one of the read, write or fetch tokens');
    } else if (kind === TIME) {
      if (!readFraction(number, bytes, from, at))
        return refuse(line, bytes, start, column, 'a time');
      time = ticks(line);
    } else if (kind === DELTA) {
      if (!readFraction(number, bytes, from, at))
        return refuse(line, bytes, start, column, 'a number of ticks');
      time += ticks(line);
    } else if (kind === TID) {
      if (!readUnsigned(number, bytes, from, at, 10))
        return refuse(line, bytes, start, column, "a thread's number");
      columns.thread![columns.length] = threadId(line.threads, number.low, number.high);
    } else if (kind === WEIGHT) {
      if (!readUnsigned(number, bytes, from, at, 10) || number.high !== 0)
        return refuse(line, bytes, start, column, 'a count below 2^32');
      weight = number.low;
    }
    // One separator, with the blanks around it.
    while (separators[bytes[at]] === BLANK) at++;
    if (separators[bytes[at]] === SEPARATOR) {
      at++;
      while (separators[bytes[at]] === BLANK) at++;
    }
  }
  if (bytes[at] !== NEWLINE) {
    if (!line.layout.moreColumns)
      return refuse(line, bytes, start, kinds.length, 'no further column');
    at = lineEnd(bytes, at);
  }

  if (operation === FETCH) {
    if (line.layout.clock === 'instr') time++;
    line.time = time;
    leaveOut(tally.leftOut, line.layout.fetchReason);
    return at + 1;
  }
  line.time = time;
  if (columns.weight !== undefined) columns.weight[columns.length] = weight;
  if (line.layout.objects) appendPage(columns, low, high, operation, time);
  else appendAddress(columns, low, high, operation, time);
  return at + 1;
}

// The address in bytes; false where it leaves 64 bits.
function scaleAddress(line: LineState): boolean {
  const { number, addressShift } = line;
  if (addressShift === 0) return true;
  if (number.high >>> (32 - addressShift) !== 0) return false;
  number.high = (number.high << addressShift) | (number.low >>> (32 - addressShift));
  number.low <<= addressShift;
  return true;
}

function ticks(line: LineState): number {
  const { whole, fraction, fractionScale } = line.number;
  const { timeScale } = line.layout;
  if (fraction === 0) return whole * timeScale;
  const part = (fraction / fractionScale) * timeScale;
  return whole * timeScale + (timeScale === 1 ? part : Math.round(part));
}

function isComment(comments: readonly Uint8Array[], bytes: Uint8Array, at: number): boolean {
  for (const comment of comments) {
    let i = 0;
    while (i < comment.length && bytes[at + i] === comment[i]) i++;
    if (i === comment.length) return true;
  }
  return false;
}

function refuse(
  line: LineState,
  bytes: Uint8Array,
  start: number,
  column: number,
  expected: string,
): number {
  refuseLine(line.tally, bytes, start, `${expected} in column ${column + 1}`);
  return lineEnd(bytes, start) + 1;
}
