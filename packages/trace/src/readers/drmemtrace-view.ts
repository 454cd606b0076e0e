import type { AccessTrace } from '../block.ts';
import { appendAddress, type Columns, createColumns } from '../columns.ts';
import { leaveOut, lineEnd, type LineTally, refuseLine } from '../scan.ts';
import { createReadNumber, readUnsigned } from '../text/numbers.ts';
import { skipBlanks, wordEnd } from '../text/perf-line.ts';
import { lineBlocks, type LineScanner } from '../text/scan-lines.ts';
import { createThreadTable, threadId, type ThreadTable } from '../text/threads.ts';
import { createTokenTable, tokenClass } from '../text/tokens.ts';
import { mostLinesMatch } from './parts/column-trace.ts';
import { kernelOf, type TraceFormat } from './format.ts';

/**
 * The text of `drmemtrace -tool view`: `RECORD INSTRUCTION: [W0.]T123 read 8 byte(s) @ 0xADDRESS by PC
 * 0x...`, beside fetches and markers.
 *
 * Source: DynamoRIO clients/drcachesim/tools/view.cpp, view_t::process_memref.
 */
export const drmemtraceView: TraceFormat = {
  name: 'drmemtrace-view',
  summary: "the text of DynamoRIO's drmemtrace -tool view",
  options: [],
  score: (head) => (mostLinesMatch(head, LINE) ? 90 : 0),
  open(content, options): AccessTrace {
    const { name, lenient } = content;
    const leftOut = new Map<string, number>();
    return {
      declaration: {
        format: 'drmemtrace-view',
        level: 'cpu',
        addressSpace: 'virtual',
        clock: 'instructions',
        pageShift: 12,
        threads: true,
        writes: true,
      },
      leftOut,
      blocks() {
        leftOut.clear();
        const columns = createColumns(
          name,
          { time: true, line: true, thread: true },
          options.pageLimit,
        );
        const tally: LineTally = { name, lenient, leftOut, lines: 0 };
        const threads = createThreadTable(name);
        return lineBlocks(content, {
          columns,
          tally,
          scanner: createScanner(columns, tally, threads),
          kernel: kernelOf(options, (kernels, state, _, at, to) => kernels.scanView(state, at, to)),
          threads,
        });
      },
    };
  },
};

const LINE = /:?\s+(?:W\d+\.)?T\d+\s+(?:\S+\s+\d+ byte\(s\) @|<marker)|<(marker|--record)/;

const READ = 0;
const WRITE = 1;
const FETCH = 2;
const TOKENS = createTokenTable([
  [['read'], READ],
  [['write'], WRITE],
  [['ifetch'], FETCH],
]);
const COLON = 58;
const POINT = 46;
const AT = 64;
const LESS = 60;
const LARGE_T = 84;
const LARGE_W = 87;

function createScanner(columns: Columns, tally: LineTally, threads: ThreadTable): LineScanner {
  const number = createReadNumber();

  const scanLine = (bytes: Uint8Array, start: number): number => {
    const to = lineEnd(bytes, start);
    const next = to + 1;
    let at = afterOrdinals(bytes, start, to);
    if (bytes[at] === LARGE_W) {
      while (at < to && bytes[at] !== POINT) at++;
      at++;
    }
    let end = wordEnd(bytes, at, to);
    if (bytes[at] !== LARGE_T || !readUnsigned(number, bytes, at + 1, end, 10)) {
      leaveOut(tally.leftOut, bytes[at] === LESS ? 'marker' : 'line that is no record');
      return next;
    }
    const { low: threadLow, high: threadHigh } = number;

    at = skipBlanks(bytes, end, to);
    end = wordEnd(bytes, at, to);
    const operation = tokenClass(TOKENS, bytes, at, end);
    if (operation < 0) {
      leaveOut(tally.leftOut, bytes[at] === LESS ? 'marker' : 'neither read, write nor fetch');
      return next;
    }
    // SIZE byte(s) @ 0xADDRESS
    while (at < to && bytes[at] !== AT) at++;
    at = skipBlanks(bytes, at + 1, to);
    end = wordEnd(bytes, at, to);
    if (at >= to || !readUnsigned(number, bytes, at, end, 16)) {
      refuseLine(tally, bytes, start, 'a size and an address: 8 byte(s) @ 0x...');
      return next;
    }
    if (operation === FETCH) {
      scanner.time++;
      return next;
    }
    columns.thread![columns.length] = threadId(threads, threadLow, threadHigh);
    appendAddress(columns, number.low, number.high, operation, scanner.time);
    return next;
  };

  const scanner: LineScanner = { time: 0, scanLine };
  return scanner;
}

// Past `RECORD INSTRUCTION:`, or the words that older versions have instead of it.
function afterOrdinals(bytes: Uint8Array, start: number, to: number): number {
  let at = skipBlanks(bytes, start, to);
  while (
    at < to &&
    ((bytes[at] >= 48 && bytes[at] <= 57) || bytes[at] === COLON || bytes[at] === 32)
  )
    at++;
  return at;
}
