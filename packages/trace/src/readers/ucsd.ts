import { DEFAULT_LAYOUT } from '../text/layout.ts';
import { columnTrace, mostLinesMatch } from './parts/column-trace.ts';
import type { TraceFormat } from './format.ts';

/**
 * The UCSD course's address traces, which caffeine's simulator carries: `l|s 0xADDRESS N`, N
 * instructions after the access before; two more columns of penalties in some.
 *
 * Source: caffeine simulator/src/main/java/.../parser/address/AddressTraceReader.java.
 */
export const ucsd: TraceFormat = {
  name: 'ucsd',
  summary: 'UCSD address traces, as in caffeine: l or s, address, instructions since',
  options: [],
  score: (head) => (mostLinesMatch(head, /^[ls] 0x[0-9a-f]+ \d+( \d+ \d+)?\s*$/) ? 80 : 0),
  open: (content, options) =>
    columnTrace(
      content,
      {
        ...DEFAULT_LAYOUT,
        columns: ['op', 'addr', 'delta'],
        readTokens: ['l'],
        writeTokens: ['s'],
        fetchTokens: [],
        moreColumns: true,
      },
      { format: 'ucsd', level: 'cpu', addressSpace: 'virtual', clock: 'instructions' },
      options,
    ),
};
