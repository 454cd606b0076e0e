import { TraceError } from '../errors.ts';
import type { Head } from '../source.ts';
import { type ColumnKind, DEFAULT_LAYOUT } from '../text/layout.ts';
import { columnTrace, mostLinesMatch } from './parts/column-trace.ts';
import type { TraceFormat } from './format.ts';

/**
 * gem5's packet traces as its script writes them in text: `[ID,]r|w|u,ADDRESS,SIZE[,FLAGS],TICK[,PC]`, all numbers
 * decimal. `u` is any other command.
 *
 * Source: gem5 util/decode_packet_trace.py, main; a tick is a picosecond unless a simulation says otherwise:
 * src/python/m5/ticks.py, fixGlobalFrequency.
 */
export const gem5Text: TraceFormat = {
  name: 'gem5-text',
  summary: "gem5's packet traces in text (decode_packet_trace.py)",
  options: [],
  score: (head) => (mostLinesMatch(head, LINE) ? 80 : 0),
  open(content, options) {
    const columns = columnsOf(content.head);
    if (columns === undefined)
      throw new TraceError(
        'TRACE_BAD_LINE',
        `${content.name}:1: expected [ID,]r|w|u,ADDRESS,SIZE[,FLAGS],TICK[,PC]; pass --format to pick another reader`,
      );
    return columnTrace(
      content,
      {
        ...DEFAULT_LAYOUT,
        columns,
        delimiters: ',',
        radix: '10',
        readTokens: ['r'],
        writeTokens: ['w'],
        fetchTokens: ['u'],
        fetchReason: 'neither read nor write',
      },
      {
        format: 'gem5-text',
        level: 'memory',
        addressSpace: 'physical',
        clock: 'cycles',
        clockHz: 1e12,
      },
      options,
    );
  },
};

const LINE = /^(\d+,)?[rwu],\d+,\d+(,\d+){1,3}\s*$/;

// What stands after the size: a tick alone, flags and a tick, a tick and a program counter, or all three. Ticks never
// step back, which tells the second from the third.
function columnsOf(head: Head): readonly ColumnKind[] | undefined {
  const rows = head.lines.filter((line) => LINE.test(line)).map((line) => line.trim().split(','));
  const [first] = rows;
  if (first === undefined) return undefined;
  const hasId = /^\d+$/.test(first[0]);
  const start: readonly ColumnKind[] = [
    ...(hasId ? (['skip'] as const) : []),
    'op',
    'addr',
    'skip',
  ];
  const rest = first.length - start.length;
  const isForward = (at: number): boolean =>
    rows.every((row, i) => i === 0 || Number(row[at]) >= Number(rows[i - 1][at]));
  const flags = rest === 3 || (rest === 2 && isForward(start.length + 1));
  return [
    ...start,
    ...(flags ? (['skip'] as const) : []),
    'time',
    ...skips(rest - (flags ? 2 : 1)),
  ];
}

const skips = (count: number): readonly ColumnKind[] => Array.from({ length: count }, () => 'skip');
