import { layoutOf } from '../arena.ts';
import type { AccessBlock } from '../block.ts';
import type { Columns } from '../columns.ts';
import { type Clock, keepThread, type Kernel, runKernel } from '../kernel-scan.ts';
import { gatherLines, type LineRoom } from '../regions.ts';
import { fillBlocks, LENGTH_MAX, type LineTally } from '../scan.ts';
import type { TraceContent } from '../source.ts';
import type { ThreadTable } from './threads.ts';

/**
 * A reader of lines in plain TypeScript: the meaning of its format, and the reference for the kernel that reads the
 * usual lines faster.
 */
export interface LineScanner extends Clock {
  /**
   * Reads the line that starts at `start`, whose accesses are two at most, and returns the start of the next.
   * @throws TRACE_BAD_LINE where the line is not understood and the content is not read leniently.
   */
  scanLine(bytes: Uint8Array, start: number): number;
}

/** What reads the lines of a content, and where they go. */
export interface LineReader {
  readonly columns: Columns;
  readonly tally: LineTally;
  readonly scanner: LineScanner;
  /** Reads on until a line that it leaves to the scanner; absent where the scanner reads all. */
  readonly kernel?: Kernel | undefined;
  /** Lines at the beginning that are not the kernel's. */
  readonly headerLines?: number;
  readonly threads?: ThreadTable;
}

/**
 * The blocks of a content of lines.
 * @throws TRACE_EMPTY where there is no access at all, and what the scanner throws.
 */
export function lineBlocks(content: TraceContent, reader: LineReader): AsyncGenerator<AccessBlock> {
  const { columns } = reader;
  const { arena } = columns;
  const room: LineRoom = {
    get bytes() {
      return arena.bytes;
    },
    at: layoutOf(arena).text,
  };
  return fillBlocks(content.name, columns, gatherLines(content, room), ({ to }, from) =>
    scanLines(reader, from, to),
  );
}

// Reads lines until `to` or until the block is full. The kernel reads the usual ones; any other is the scanner's.
function scanLines(reader: LineReader, from: number, to: number): number {
  const { columns, tally, scanner, kernel, headerLines = 0, threads } = reader;
  let at = from;
  for (;;) {
    if (kernel !== undefined && tally.lines >= headerLines)
      at = runKernel(kernel, columns, scanner, tally, at, to);
    if (at === to || columns.length > LENGTH_MAX) return at;
    at = scanner.scanLine(columns.arena.bytes, at);
    tally.lines++;
    if (threads !== undefined && threads.lastId >= 0)
      keepThread(columns.arena, threads.lastLow, threads.lastHigh, threads.lastId);
  }
}
