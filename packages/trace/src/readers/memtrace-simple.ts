import { DEFAULT_LAYOUT } from '../text/layout.ts';
import { columnTrace, mostLinesMatch } from './parts/column-trace.ts';
import type { TraceFormat } from './format.ts';

/**
 * The text of DynamoRIO's sample client memtrace_simple: `0xADDRESS:  SIZE, WORD`, where the word is
 * `r`, `w`, or the name of the instruction at the address.
 *
 * Source: DynamoRIO api/samples/memtrace_simple.c, memtrace.
 */
export const memtraceSimple: TraceFormat = {
  name: 'memtrace-simple',
  summary: "DynamoRIO's memtrace_simple logs: address, size, r, w or an instruction",
  options: [],
  score: (head) => (mostLinesMatch(head, /^0x[0-9a-f]+: +\d+, +\S+\s*$/i, /^(#|Format)/) ? 80 : 0),
  open: (content, options) =>
    columnTrace(
      content,
      {
        ...DEFAULT_LAYOUT,
        columns: ['addr', 'skip', 'op'],
        delimiters: ':,',
        readTokens: ['r'],
        writeTokens: ['w'],
        fetchTokens: [],
        otherWordsFetch: true,
        comments: ['#', 'Format'],
        clock: 'instr',
      },
      { format: 'memtrace-simple', level: 'cpu', addressSpace: 'virtual', clock: 'instructions' },
      options,
    ),
};
