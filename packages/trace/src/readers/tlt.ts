import { isTlt } from '../native/frames.ts';
import { streamTlt } from '../native/stream.ts';
import type { TraceFormat } from './format.ts';

/** The native format, from its bytes in order; `openTlt` enters a file at any block. */
export const tlt: TraceFormat = {
  name: 'tlt',
  summary: "tierlab's own columns, archive or replay",
  options: [],
  score: ({ bytes }) => (isTlt(bytes) ? 100 : 0),
  open: (content) =>
    streamTlt(content.name, content.head.bytes, () => content.bytes(), {
      lenient: content.lenient,
    }),
};
