import { showBytes, showCount, showPercent } from '@tierlab/report';
import { summariseTrace, type TraceSummary } from '@tierlab/trace';

import type { CommandContext } from '../../context.ts';
import { openTraceFile } from '../../trace/open-trace-file.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';
import { watchedTrace } from '../../trace/watched-trace.ts';
import type { TraceCommandOptions } from './trace.ts';

/** Prints what a trace holds. */
export async function showTraceInfo(
  path: string,
  options: TraceCommandOptions,
  context: CommandContext,
): Promise<void> {
  const opened = await openTraceFile(path, givenTraceOptions(options));
  const sha256 = await opened.sha256();
  const summary = await summariseTrace(watchedTrace(opened, path, context, 'read'));
  if (options.json) {
    context.stdout(`${JSON.stringify({ schemaVersion: 1, trace: path, sha256, ...summary })}\n`);
    return;
  }
  context.stdout(`${path}\n\n${numbersText(summary)}\n${heatText(summary)}`);
}

function numbersText(summary: TraceSummary): string {
  const { declaration, accesses, weight, reads, writes, pages, footprintBytes, skew } = summary;
  const { level, addressSpace, clock, samplePeriod } = declaration;
  const what = [
    level === 'cpu' ? 'every load and store' : 'what missed the last-level cache',
    samplePeriod === undefined ? 'whole' : `one in ${showCount(samplePeriod)}`,
    `${addressSpace} addresses`,
  ];
  const rows: (readonly [string, string])[] = [
    ['format', declaration.format],
    ['holds', what.join(', ')],
    ['accesses', showCount(accesses)],
    ...(weight === accesses ? [] : [['stand for', showCount(weight)] as const]),
    ['reads, writes', `${showCount(reads)}, ${showCount(writes)}`],
    ['pages', `${showCount(pages)} of ${showBytes(2 ** declaration.pageShift)}`],
    ['footprint', showBytes(footprintBytes)],
    ...(summary.duration === undefined
      ? []
      : [['duration', `${showCount(summary.duration)} ${clock}`] as const]),
    ['threads', showCount(summary.threads)],
    [
      'share of the hottest',
      `1 %: ${showPercent(skew.hottest1Percent)}, 10 %: ${showPercent(skew.hottest10Percent)}, 25 %: ${showPercent(skew.hottest25Percent)}`,
    ],
    ['working set', workingSetText(summary)],
    ...Object.entries(summary.leftOut).map(
      ([reason, count]) => [`left out, ${reason}`, showCount(count)] as const,
    ),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

function workingSetText({ workingSet, declaration }: TraceSummary): string {
  const sizes = workingSet.map(({ pages }) => pages * 2 ** declaration.pageShift);
  if (sizes.length === 0) return 'none';
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  return `${showBytes(mean)} on average in ${sizes.length} windows, ${showBytes(Math.max(...sizes))} at most`;
}

/** Shades of one cell, from untouched to wholly touched. */
const shades = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];

/** The footprint against time: low addresses above, the start at the left. */
function heatText({ heat }: TraceSummary): string {
  if (heat.rows === 0 || heat.columns === 0) return '';
  const lines = [
    `pages touched, by address (down) and time (across); ${shades.at(-1)} is all of them:`,
  ];
  for (let row = 0; row < heat.rows; row++) {
    const cells = heat.touched.slice(row * heat.columns, (row + 1) * heat.columns);
    lines.push(
      cells
        .map((share) => shades[Math.ceil(share * (shades.length - 1))] ?? ' ')
        .join('')
        .trimEnd(),
    );
  }
  return `${lines.join('\n')}\n`;
}
