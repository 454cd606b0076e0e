import { DEFAULT_LAYOUT } from '../text/layout.ts';
import { columnTrace, mostLinesMatch } from './parts/column-trace.ts';
import type { TraceFormat } from './format.ts';

/** The kernel lab's page streams, as its agent's `emit` prints them: `NANOSECONDS PAGE R|W`. */
export const labStream: TraceFormat = {
  name: 'lab-stream',
  summary: "the kernel lab's page streams: nanoseconds, page, R or W",
  options: [],
  score: (head) => (mostLinesMatch(head, /^\d+ \d+ [RW]\s*$/) ? 80 : 0),
  open: (content, options) =>
    columnTrace(
      content,
      {
        ...DEFAULT_LAYOUT,
        columns: ['time', 'addr', 'op'],
        radix: '10',
        readTokens: ['R'],
        writeTokens: ['W'],
        fetchTokens: [],
        addressUnit: 4096,
      },
      {
        format: 'lab-stream',
        level: 'memory',
        addressSpace: 'virtual',
        clock: 'nanoseconds',
        clockHz: 1e9,
      },
      options,
    ),
};
