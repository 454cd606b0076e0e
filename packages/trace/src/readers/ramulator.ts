import type { AccessTrace } from '../block.ts';
import { appendAddress, type Columns, createColumns } from '../columns.ts';
import { TraceError } from '../errors.ts';
import { lineEnd, type LineTally, refuseLine } from '../scan.ts';
import type { TraceContent } from '../source.ts';
import { DEFAULT_LAYOUT } from '../text/layout.ts';
import { createReadNumber, readUnsigned } from '../text/numbers.ts';
import { lineBlocks, type LineScanner } from '../text/scan-lines.ts';
import { columnTrace, mostLinesMatch } from './parts/column-trace.ts';
import { type FormatOptions, kernelOf, type TraceFormat } from './format.ts';

/**
 * Ramulator's traces of what missed the last-level cache. CPU traces have `N READ [WRITEBACK]`: N
 * other instructions, the address read, and that of the dirty line it drives out; memory traces have
 * `ADDRESS R|W` (Ramulator 1) or `LD|ST ADDRESS` (Ramulator 2).
 *
 * Source: ramulator src/Processor.cpp Trace::get_unfiltered_request, get_dramtrace_request; ramulator2
 * src/frontend/impl/memory_trace/loadstore_trace.cpp.
 */
export const ramulator: TraceFormat = {
  name: 'ramulator',
  summary: 'Ramulator 1 and 2: CPU traces (n, read, write-back) and memory traces',
  options: [],
  score(head) {
    if (mostLinesMatch(head, MEMORY_1) || mostLinesMatch(head, MEMORY_2)) return 70;
    if (mostLinesMatch(head, VECTORS)) return 70;
    return mostLinesMatch(head, CPU) ? 60 : 0;
  },
  open(content, options) {
    const { head } = content;
    if (mostLinesMatch(head, VECTORS))
      throw new TraceError(
        'TRACE_UNSUPPORTED',
        `${content.name}: a Ramulator 2 read-write trace names banks and rows, not addresses; use a load-store trace`,
      );
    const memory = mostLinesMatch(head, MEMORY_1)
      ? (['addr', 'op'] as const)
      : mostLinesMatch(head, MEMORY_2)
        ? (['op', 'addr'] as const)
        : undefined;
    if (memory === undefined) return cpuTrace(content, options);
    return columnTrace(
      content,
      { ...DEFAULT_LAYOUT, columns: memory, fetchTokens: [], clock: 'line' },
      { format: 'ramulator', level: 'memory', addressSpace: 'physical', clock: 'accesses' },
      options,
    );
  },
};

const MEMORY_1 = /^(0x[0-9a-f]+|\d+) [RW]\s*$/i;
const MEMORY_2 = /^(LD|ST) (0x[0-9a-f]+|\d+)\s*$/;
const VECTORS = /^[RW] -?\d+(,-?\d+){2,}\s*$/;
const CPU = /^\d{1,9} +(0x[0-9a-f]{3,}|\d{4,})( +(0x[0-9a-f]+|\d+))?\s*$/i;

function cpuTrace(content: TraceContent, options: FormatOptions): AccessTrace {
  const leftOut = new Map<string, number>();
  const { name, lenient } = content;
  return {
    declaration: {
      format: 'ramulator',
      level: 'memory',
      addressSpace: 'virtual',
      clock: 'instructions',
      pageShift: 12,
      threads: false,
      writes: true,
    },
    leftOut,
    blocks() {
      leftOut.clear();
      const columns = createColumns(name, { time: true, line: true }, options.pageLimit);
      const tally: LineTally = { name, lenient, leftOut, lines: 0 };
      return lineBlocks(content, {
        columns,
        tally,
        scanner: createScanner(columns, tally),
        kernel: kernelOf(options, (kernels, state, _, at, to) =>
          kernels.scanRamulator(state, at, to),
        ),
      });
    },
  };
}

const NEWLINE = 10;
const EXPECTED = 'a count, an address and perhaps another address';

function createScanner(columns: Columns, tally: LineTally): LineScanner {
  const number = createReadNumber();

  const scanLine = (bytes: Uint8Array, start: number): number => {
    let at = skipBlanks(bytes, start);
    if (bytes[at] === NEWLINE) return at + 1;
    let end = wordEnd(bytes, at);
    if (!readUnsigned(number, bytes, at, end, 10) || number.high !== 0) return refuse(bytes, start);
    const others = number.low >>> 0;

    at = skipBlanks(bytes, end);
    end = wordEnd(bytes, at);
    if (!readUnsigned(number, bytes, at, end, 10)) return refuse(bytes, start);
    const { low, high } = number;

    at = skipBlanks(bytes, end);
    const hasWriteback = bytes[at] !== NEWLINE;
    if (hasWriteback) {
      end = wordEnd(bytes, at);
      if (!readUnsigned(number, bytes, at, end, 10)) return refuse(bytes, start);
      at = skipBlanks(bytes, end);
      if (bytes[at] !== NEWLINE) return refuse(bytes, start);
    }
    scanner.time += others + 1;
    appendAddress(columns, low, high, 0, scanner.time);
    if (hasWriteback) appendAddress(columns, number.low, number.high, 1, scanner.time);
    return at + 1;
  };

  const refuse = (bytes: Uint8Array, start: number): number => {
    refuseLine(tally, bytes, start, EXPECTED);
    return lineEnd(bytes, start) + 1;
  };

  const scanner: LineScanner = { time: 0, scanLine };
  return scanner;
}

function skipBlanks(bytes: Uint8Array, at: number): number {
  while (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13) at++;
  return at;
}

function wordEnd(bytes: Uint8Array, at: number): number {
  while (bytes[at] > 32) at++;
  return at;
}
