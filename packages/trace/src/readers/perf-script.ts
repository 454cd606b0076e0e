import type { AccessTrace } from '../block.ts';
import { appendAddress, type Columns, createColumns } from '../columns.ts';
import { TraceError } from '../errors.ts';
import { leaveOut, lineEnd, type LineTally, refuseLine } from '../scan.ts';
import type { Head } from '../source.ts';
import { hasOperation, isStore, reachedMemory } from '../text/data-source.ts';
import { createReadNumber, readHex } from '../text/numbers.ts';
import { createPerfLine, readPerfLine, skipBlanks, wordEnd } from '../text/perf-line.ts';
import { lineBlocks, type LineScanner } from '../text/scan-lines.ts';
import { createThreadTable, threadId, type ThreadTable } from '../text/threads.ts';
import { mostLinesMatch } from './parts/column-trace.ts';
import { type FormatOptions, kernelOf, type TraceFormat } from './format.ts';

/**
 * `perf script` of samples with a data address: `perf mem record`, PEBS, IBS and SPE events, and the
 * page-faults event. What `data_src` says is read from its number, since its text differs by version.
 *
 * Source: Linux tools/perf/builtin-script.c, process_event, 6.6.
 */
export const perfScript: TraceFormat = {
  name: 'perf-script',
  summary: 'perf script of memory samples or page faults, with addr',
  options: [
    {
      name: 'served-by',
      value: 'any|memory',
      summary: 'keep every sample, or those that data_src says memory served',
    },
  ],
  score: (head) =>
    mostLinesMatch(head, SAMPLE) && !head.lines.some((line) => DAMON.test(line)) ? 75 : 0,
  open(content, options): AccessTrace {
    const { name, lenient } = content;
    const memoryOnly = chooseServedBy(name, options) === 'memory';
    const leftOut = new Map<string, number>();
    const period = periodOf(content.head);
    return {
      declaration: {
        format: 'perf-script',
        level: memoryOnly || !servedByCache(content.head) ? 'memory' : 'cpu',
        ...(period !== undefined && { samplePeriod: period }),
        addressSpace: 'virtual',
        clock: 'nanoseconds',
        clockHz: 1e9,
        pageShift: 12,
        threads: true,
        writes: content.head.lines.some((line) => /OP STORE|stores?[/:]/i.test(line)),
      },
      leftOut,
      blocks() {
        leftOut.clear();
        const columns = createColumns(
          name,
          { time: true, line: true, thread: true, weight: period !== undefined },
          options.pageLimit,
        );
        const tally: LineTally = { name, lenient, leftOut, lines: 0 };
        const threads = createThreadTable(name);
        return lineBlocks(content, {
          columns,
          tally,
          scanner: createScanner(columns, tally, threads, memoryOnly),
          kernel: kernelOf(options, (kernels, state, _, at, to) =>
            kernels.scanPerf(state, memoryOnly ? 1 : 0, at, to),
          ),
          threads,
        });
      },
    };
  },
};

const SAMPLE = /\s\d+\.(\d{6}|\d{9}): .*\S: /;
const DAMON = / damon:\w+: /;

function chooseServedBy(name: string, options: FormatOptions): 'any' | 'memory' {
  const value = options.values['served-by'] ?? 'any';
  if (value === 'any' || value === 'memory') return value;
  throw new TraceError('TRACE_BAD_OPTION', `${name}: --served-by ${value}: one of any, memory`);
}

// The period that most samples of the head name, absent where they name none.
function periodOf(head: Head): number | undefined {
  const counts = new Map<number, number>();
  for (const line of head.lines) {
    const period = /\s\d+\.\d{6,9}:\s+(\d+)\s+\S*[^\d\s:]\S*:\s/.exec(line)?.[1];
    if (period !== undefined) counts.set(Number(period), (counts.get(Number(period)) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function servedByCache(head: Head): boolean {
  return head.lines.some((line) => {
    const source = /\s([0-9a-f]+) \|OP /.exec(line)?.[1];
    if (source === undefined) return false;
    const value = BigInt(`0x${source}`);
    return !reachedMemory(Number(value & 0xffffffffn), Number(value >> 32n));
  });
}

function createScanner(
  columns: Columns,
  tally: LineTally,
  threads: ThreadTable,
  memoryOnly: boolean,
): LineScanner {
  const line = createPerfLine();
  const number = createReadNumber();

  const scanLine = (bytes: Uint8Array, start: number): number => {
    const to = lineEnd(bytes, start);
    if (isIgnored(bytes, start, to)) return to + 1;
    if (!readPerfLine(line, bytes, start, to)) {
      // Call chains follow their sample on lines of their own.
      if (bytes[start] === 9) leaveOut(tally.leftOut, 'call chain');
      else refuseLine(tally, bytes, start, 'a sample: command, thread, time and event');
      return to + 1;
    }
    let end = wordEnd(bytes, line.fieldsFrom, to);
    if (isSourceNext(bytes, end, to) || !readHex(number, bytes, line.fieldsFrom, end)) {
      refuseLine(tally, bytes, start, 'an address after the event (perf script -F +addr)');
      return to + 1;
    }
    const { low, high } = number;
    if (low === 0 && high === 0) {
      leaveOut(tally.leftOut, 'sample without an address');
      return to + 1;
    }

    let write = isStoreEvent(bytes, line.eventFrom, line.eventTo) ? 1 : 0;
    const source = skipBlanks(bytes, end, to);
    end = wordEnd(bytes, source, to);
    if (isSourceNext(bytes, end, to) && readHex(number, bytes, source, end)) {
      if (hasOperation(number.low)) write = isStore(number.low) ? 1 : 0;
      if (memoryOnly && !reachedMemory(number.low, number.high)) {
        leaveOut(tally.leftOut, 'served by a cache');
        return to + 1;
      }
    }
    columns.thread![columns.length] = threadId(threads, line.thread, line.thread < 0 ? -1 : 0);
    if (columns.weight !== undefined) columns.weight[columns.length] = line.period || 1;
    appendAddress(columns, low, high, write, line.time);
    return to + 1;
  };

  return { time: 0, scanLine };
}

// The text of data_src begins with a bar after its number.
function isSourceNext(bytes: Uint8Array, end: number, to: number): boolean {
  return bytes[skipBlanks(bytes, end, to)] === 124 && end < to;
}

function isIgnored(bytes: Uint8Array, from: number, to: number): boolean {
  const at = skipBlanks(bytes, from, to);
  return at === to || bytes[at] === 35;
}

// `mem-stores`, `MEM_INST_RETIRED.ALL_STORES` and their kin, where data_src is missing.
const STORE = Buffer.from('store');

function isStoreEvent(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at + STORE.length <= to; at++) {
    if ((bytes[at] | 32) !== STORE[0]) continue;
    let i = 1;
    while (i < STORE.length && (bytes[at + i] | 32) === STORE[i]) i++;
    if (i === STORE.length) return true;
  }
  return false;
}
