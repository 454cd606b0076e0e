import type { AccessTrace, SourceDeclaration } from '../block.ts';
import { createColumns } from '../columns.ts';
import { wholeLines } from '../regions.ts';
import { type LineTally, scanRegions } from '../scan.ts';
import type { TraceContent } from '../source.ts';
import type { TextLayout } from '../text/layout.ts';
import { createColumnScan } from '../text/scanColumns.ts';
import { createThreadTable } from '../text/threads.ts';
import type { FormatOptions } from './format.ts';

/** What a declaration says that a layout does not. */
export type TextDeclaration = Omit<SourceDeclaration, 'pageShift' | 'threads' | 'writes'>;

/** The trace of a text laid out as `layout`, with 4 KiB pages. */
export function columnTrace(
  content: TraceContent,
  layout: TextLayout,
  declaration: TextDeclaration,
  options: FormatOptions,
): AccessTrace {
  const leftOut = new Map<string, number>();
  const { columns: kinds } = layout;
  const choice = {
    line: layout.addressUnit <= 64,
    time: layout.clock !== 'line',
    thread: kinds.includes('tid'),
    weight: kinds.includes('weight'),
  };
  return {
    declaration: {
      ...declaration,
      pageShift: 12,
      threads: choice.thread,
      writes: kinds.includes('op'),
    },
    leftOut,
    blocks() {
      leftOut.clear();
      const { name, lenient } = content;
      const columns = createColumns(name, choice, options.pageLimit);
      const tally: LineTally = { name, lenient, lines: 0, leftOut };
      const scan = createColumnScan(layout, tally, columns, createThreadTable(name));
      return scanRegions(name, wholeLines(content), columns, scan);
    },
  };
}
