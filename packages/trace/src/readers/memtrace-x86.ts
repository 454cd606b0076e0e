import { DEFAULT_LAYOUT } from '../text/layout.ts';
import { columnTrace, mostLinesMatch } from './parts/column-trace.ts';
import type { TraceFormat } from './format.ts';

/**
 * The text of DynamoRIO's sample client memtrace_x86: a `Format:` line, then
 * `0xINSTRUCTION,r|w,SIZE,0xADDRESS`.
 *
 * Source: DynamoRIO api/samples/memtrace_x86.c, memtrace, OUTPUT_TEXT.
 */
export const memtraceX86: TraceFormat = {
  name: 'memtrace-x86',
  summary: "DynamoRIO's memtrace_x86 logs: instruction, r or w, size, address",
  options: [],
  score: (head) =>
    mostLinesMatch(head, /^(0x)?[0-9a-f]+,[rw],\d+,(0x)?[0-9a-f]+\s*$/i, /^(#|Format)/) ? 80 : 0,
  open: (content, options) =>
    columnTrace(
      content,
      {
        ...DEFAULT_LAYOUT,
        columns: ['skip', 'op', 'skip', 'addr'],
        delimiters: ',',
        radix: '16',
        readTokens: ['r'],
        writeTokens: ['w'],
        fetchTokens: [],
        comments: ['#', 'Format'],
        clock: 'line',
      },
      { format: 'memtrace-x86', level: 'cpu', addressSpace: 'virtual', clock: 'accesses' },
      options,
    ),
};
