import { type AccessTrace, BLOCK_ACCESSES } from '../block.ts';
import { appendAddress, type Columns, createColumns } from '../columns.ts';
import { wholeLines } from '../regions.ts';
import { leaveOut, lineEnd, type LineTally, refuseLine, scanRegions } from '../scan.ts';
import type { Head } from '../source.ts';
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
function scan(state: State, columns: Columns, bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    if (bytes[at] === FETCHES) {
      const next = afterShortFetch(bytes, at);
      if (next !== 0) {
        at = next;
        state.lines++;
        state.instructions++;
        continue;
      }
    } else if (columns.length > BLOCK_ACCESSES - 2) {
      break;
    }
    at = scanLine(state, columns, bytes, at);
    state.lines++;
  }
  return at;
}

// Most lines are `I  XXXXXXXX,N`: where the next one starts, or 0 where this is not one.
function afterShortFetch(bytes: Uint8Array, at: number): number {
  const digits =
    HEX[bytes[at + 3]] |
    HEX[bytes[at + 4]] |
    HEX[bytes[at + 5]] |
    HEX[bytes[at + 6]] |
    HEX[bytes[at + 7]] |
    HEX[bytes[at + 8]] |
    HEX[bytes[at + 9]] |
    HEX[bytes[at + 10]] |
    HEX[bytes[at + 12]];
  const isShort =
    digits < 16 &&
    bytes[at + 11] === COMMA &&
    bytes[at + 13] === NEWLINE &&
    bytes[at + 1] === BLANK &&
    bytes[at + 2] === BLANK;
  return isShort ? at + 14 : 0;
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
