import { type AccessTrace, BLOCK_ACCESSES } from '../block.ts';
import { appendAddress, type Columns, createColumns } from '../columns.ts';
import { wholeLines } from '../regions.ts';
import { leaveOut, lineEnd, type LineTally, refuseLine, scanRegions } from '../scan.ts';
import type { Head } from '../source.ts';
import { pageId } from '../pages.ts';
import { HEX } from '../text/hex.ts';
import type { TraceFormat } from './format.ts';

/**
 * Valgrind's lackey with `--trace-mem=yes`: `I` fetches an instruction, `L` loads, `S` stores, `M`
 * loads and then stores. The number of `I` lines is the clock; they are not accesses here.
 *
 * Source: valgrind 3.19 lackey/lk_main.c, trace_instr, trace_load, trace_store, trace_modify.
 */
export const lackey: TraceFormat = {
  name: 'lackey',
  summary: 'valgrind --tool=lackey --trace-mem=yes, whole or without its I lines',
  options: [],
  score,
  open(content, options): AccessTrace {
    const timed = content.head.lines.some((line) => /^I +[0-9a-f]/i.test(line));
    const leftOut = new Map<string, number>();
    return {
      declaration: {
        format: 'lackey',
        level: 'cpu',
        addressSpace: 'virtual',
        clock: timed ? 'instructions' : 'accesses',
        pageShift: 12,
        threads: false,
        writes: true,
      },
      leftOut,
      blocks() {
        leftOut.clear();
        const { name, lenient } = content;
        const columns = createColumns(name, { line: true, time: timed }, options.pageLimit);
        const state: State = { name, lenient, lines: 0, leftOut, instructions: 0 };
        return scanRegions(name, wholeLines(content), columns, (bytes, from, to) =>
          scan(state, columns, bytes, from, to),
        );
      },
    };
  },
};

interface State extends LineTally {
  /** `I` lines so far. */
  instructions: number;
}

const ACCESS = /^ ?[LSM] +[0-9a-f]+,\d+\s*$/i;
const FETCH = /^I +[0-9a-f]+,\d+\s*$/i;

function score(head: Head): number {
  const lines = head.lines.filter((line) => !/^(==|--|\*\*)/.test(line));
  const hits = lines.filter((line) => ACCESS.test(line) || FETCH.test(line)).length;
  return hits > 0 && hits * 2 >= lines.length ? 90 : 0;
}

const NEWLINE = 10;
const RETURN = 13;
const BLANK = 32;
const COMMA = 44;
const FETCHES = 73;
const LOADS = 76;
const MODIFIES = 77;
const STORES = 83;

// One line a turn. A modify appends two accesses, hence the room for two.
//
// Valgrind pads addresses to 8 digits and user space has at most 12, so nearly every line has its
// address at byte 3 in 8 or 10 digits, and a size of one or two: those are read here, every other
// line by scanLine.
function scan(state: State, columns: Columns, bytes: Uint8Array, from: number, to: number): number {
  const { page, write, line, time, pages } = columns;
  let { instructions, lines } = state;
  let n = columns.length;
  let at = from;
  while (at < to && n <= BLOCK_ACCESSES - 2) {
    const d0 = HEX[bytes[at + 3]];
    const d1 = HEX[bytes[at + 4]];
    const d2 = HEX[bytes[at + 5]];
    const d3 = HEX[bytes[at + 6]];
    const d4 = HEX[bytes[at + 7]];
    const d5 = HEX[bytes[at + 8]];
    const d6 = HEX[bytes[at + 9]];
    const d7 = HEX[bytes[at + 10]];
    let digits = d0 | d1 | d2 | d3 | d4 | d5 | d6 | d7;
    // The page number without the last three digits of the address, and the line in the page.
    let number = (d0 << 16) | (d1 << 12) | (d2 << 8) | (d3 << 4) | d4;
    let lineInPage = (d5 << 2) | (d6 >>> 2);
    let end = at + 11;
    if (bytes[end] !== COMMA) {
      const d8 = HEX[bytes[end]];
      const d9 = HEX[bytes[end + 1]];
      digits |= d8 | d9;
      number = (number << 8) | (d5 << 4) | d6;
      lineInPage = (d7 << 2) | (d8 >>> 2);
      end += 2;
    }
    digits |= HEX[bytes[end + 1]];
    let next = end + 3;
    if (bytes[end + 2] !== NEWLINE) {
      digits |= HEX[bytes[end + 2]];
      next++;
    }
    const isUsual =
      digits < 16 && bytes[end] === COMMA && bytes[next - 1] === NEWLINE && bytes[at + 2] === BLANK;
    const kind = bytes[at + 1];

    if (isUsual && bytes[at] === BLANK && (kind === LOADS || kind === STORES)) {
      page[n] = pageId(pages, number, 0);
      write[n] = kind === STORES ? 1 : 0;
      line![n] = lineInPage;
      if (time !== undefined) time[n] = instructions;
      n++;
      at = next;
    } else if (isUsual && bytes[at] === FETCHES && kind === BLANK) {
      instructions++;
      at = next;
    } else {
      columns.length = n;
      state.instructions = instructions;
      state.lines = lines;
      at = scanLine(state, columns, bytes, at);
      ({ instructions } = state);
      n = columns.length;
    }
    lines++;
  }
  columns.length = n;
  state.instructions = instructions;
  state.lines = lines;
  return at;
}

// Any line, wherever its parts stand: ` ? [ILSM] +hex,decimal *`. Returns the start of the next.
function scanLine(state: State, columns: Columns, bytes: Uint8Array, start: number): number {
  let at = start;
  if (bytes[at] === BLANK) at++;
  const kind = bytes[at++];
  if (kind !== LOADS && kind !== STORES && kind !== MODIFIES && kind !== FETCHES)
    return foreignLine(state, bytes, start);
  if (bytes[at] !== BLANK) return foreignLine(state, bytes, start);
  while (bytes[at] === BLANK) at++;

  const digits = at;
  let low = 0;
  let high = 0;
  for (let digit = HEX[bytes[at]]; digit < 16; digit = HEX[bytes[++at]]) {
    high = (high << 4) | (low >>> 28);
    low = (low << 4) | digit;
  }
  if (at === digits) return foreignLine(state, bytes, start);
  if (at - digits > 16 && isOverlong(bytes, digits, at - 16))
    return refuse(state, bytes, start, 'an address of at most 64 bits');
  if (bytes[at] !== COMMA) return refuse(state, bytes, start, 'a comma and a size');
  const size = ++at;
  while (bytes[at] >= 48 && bytes[at] <= 57) at++;
  if (at === size) return refuse(state, bytes, start, 'a size in decimal');
  while (bytes[at] === BLANK || bytes[at] === RETURN) at++;
  if (bytes[at] !== NEWLINE) return refuse(state, bytes, start, 'nothing after the size');

  if (kind === FETCHES) {
    state.instructions++;
  } else {
    if (kind !== STORES) appendAddress(columns, low, high, 0, state.instructions);
    if (kind !== LOADS) appendAddress(columns, low, high, 1, state.instructions);
  }
  return at + 1;
}

function isOverlong(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 48) return true;
  return false;
}

// Valgrind's own messages, and what the program wrote to the same stream.
function foreignLine(state: State, bytes: Uint8Array, start: number): number {
  leaveOut(state.leftOut, 'line of another program');
  return lineEnd(bytes, start) + 1;
}

function refuse(state: State, bytes: Uint8Array, start: number, expected: string): number {
  refuseLine(state, bytes, start, expected);
  return lineEnd(bytes, start) + 1;
}
