import type { AccessTrace, SourceDeclaration } from '../../block.ts';
import { layoutOf } from '../../arena.ts';
import { createColumns } from '../../columns.ts';
import type { Kernel } from '../../kernel-scan.ts';
import type { LineTally } from '../../scan.ts';
import type { Head, TraceContent } from '../../source.ts';
import { encodePlan } from '../../text/column-plan.ts';
import type { TextLayout } from '../../text/layout.ts';
import { createColumnScanner, layoutTables } from '../../text/scan-columns.ts';
import { lineBlocks } from '../../text/scan-lines.ts';
import { createThreadTable } from '../../text/threads.ts';
import { type FormatOptions, kernelOf } from '../format.ts';

/** What a declaration says that a layout does not. */
export type TextDeclaration = Omit<SourceDeclaration, 'pageShift' | 'threads' | 'writes'>;

/** The trace of a text laid out as `layout`, with 4 KiB pages unless its addresses are objects. */
export function columnTrace(
  content: TraceContent,
  layout: TextLayout,
  declaration: TextDeclaration,
  options: FormatOptions,
): AccessTrace {
  const leftOut = new Map<string, number>();
  const { columns: kinds } = layout;
  const tables = layoutTables(layout);
  const plan = encodePlan(layout, tables);
  const choice = {
    line: layout.addressUnit <= 64 && !layout.objects,
    time: layout.clock !== 'line',
    thread: kinds.includes('tid'),
    weight: kinds.includes('weight'),
  };
  return {
    declaration: {
      ...declaration,
      pageShift: layout.objects ? 0 : 12,
      threads: choice.thread,
      writes: kinds.includes('op'),
    },
    leftOut,
    blocks() {
      leftOut.clear();
      const { name, lenient } = content;
      const columns = createColumns(name, choice, options.pageLimit);
      const { fetchReason } = layout;
      const tally: LineTally = { name, lenient, lines: 0, leftOut, fetchReason };
      const threads = createThreadTable(name);
      const scanner = createColumnScanner(layout, tables, tally, columns, threads);
      if (plan !== undefined) columns.arena.bytes.set(plan, layoutOf(columns.arena).plan);
      const kernel = plan === undefined ? undefined : kernelOf(options, scanPlanned);
      const { headerLines } = layout;
      return lineBlocks(content, { columns, tally, scanner, kernel, headerLines, threads });
    },
  };
}

const scanPlanned: Kernel = (kernels, state, plan, at, to) =>
  kernels.scanColumns(state, plan, at, to);

/** Whether at least half of a head's lines match, besides those that are comments; and some do. */
export function mostLinesMatch(head: Head, pattern: RegExp, comment: RegExp = /^(#|==)/): boolean {
  const lines = head.lines.filter((line) => line.trim() !== '' && !comment.test(line));
  const hits = lines.filter((line) => pattern.test(line)).length;
  return hits > 0 && hits * 2 >= lines.length;
}
