import type { AccessTrace } from '../block.ts';
import { appendAddress, type Columns, createColumns } from '../columns.ts';
import { leaveOut, lineEnd, type LineTally, refuseLine } from '../scan.ts';
import type { Head } from '../source.ts';
import { HEX } from '../text/hex.ts';
import { lineBlocks, type LineScanner } from '../text/scan-lines.ts';
import { kernelOf, type TraceFormat } from './format.ts';

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
        const tally: LineTally = { name, lenient, lines: 0, leftOut };
        return lineBlocks(content, {
          columns,
          tally,
          scanner: createScanner(tally, columns),
          kernel: kernelOf(options, (kernels, state, _, at, to) =>
            kernels.scanLackey(state, at, to),
          ),
        });
      },
    };
  },
};

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

interface State {
  readonly tally: LineTally;
  readonly columns: Columns;
  /** `I` lines so far. */
  time: number;
}

function createScanner(tally: LineTally, columns: Columns): LineScanner {
  const scanner = {
    tally,
    columns,
    time: 0,
    scanLine: (bytes: Uint8Array, start: number): number => scanLine(scanner, bytes, start),
  };
  return scanner;
}

// ` ? [ILSM] +hex,decimal *`. Returns the start of the next.
function scanLine(state: State, bytes: Uint8Array, start: number): number {
  const { columns } = state;
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
    state.time++;
  } else {
    if (kind !== STORES) appendAddress(columns, low, high, 0, state.time);
    if (kind !== LOADS) appendAddress(columns, low, high, 1, state.time);
  }
  return at + 1;
}

function isOverlong(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 48) return true;
  return false;
}

// Valgrind's own messages, and what the program wrote to the same stream.
function foreignLine(state: State, bytes: Uint8Array, start: number): number {
  leaveOut(state.tally.leftOut, 'line of another program');
  return lineEnd(bytes, start) + 1;
}

function refuse(state: State, bytes: Uint8Array, start: number, expected: string): number {
  refuseLine(state.tally, bytes, start, expected);
  return lineEnd(bytes, start) + 1;
}
