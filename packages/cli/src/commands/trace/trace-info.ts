import { basename } from 'node:path';

import { mapHeat } from '@tierlab/experiment';
import {
  renderTraceHtml,
  showBytes,
  showCount,
  showPercent,
  type TraceSheet,
} from '@tierlab/report';
import { summariseTrace, type AccessTrace, type TraceSummary } from '@tierlab/trace';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputFile } from '../../files/output-files.ts';
import { openTraceFile } from '../../trace/open-trace-file.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';
import { watchedTrace } from '../../trace/watched-trace.ts';
import type { TraceCommandOptions } from './option-values.ts';

/** Prints what a trace holds. */
export async function showTraceInfo(
  path: string,
  options: TraceCommandOptions,
  context: CommandContext,
): Promise<void> {
  if (path === '-' && options.html !== undefined) {
    throw new CliError(
      'CLI_BAD_OPTION',
      '--html: standard input can be read once, and the heat map takes more; give the trace as a file',
    );
  }
  const opened = await openTraceFile(path, givenTraceOptions(options));
  const sha256 = await opened.sha256();
  const summary = await summariseTrace(watchedTrace(opened, path, context, 'read'));
  if (options.html !== undefined) {
    const sheet = await traceSheet(path, summary, watchedTrace(opened, path, context, 'read'));
    await writeOutputFile(options.html, renderTraceHtml(sheet));
  }
  if (options.json) {
    context.stdout(`${JSON.stringify({ schemaVersion: 1, trace: path, sha256, ...summary })}\n`);
    return;
  }
  context.stdout(`${path}\n\n${numbersText(summary)}\n${heatText(summary)}`);
}

async function traceSheet(
  path: string,
  summary: TraceSummary,
  trace: AccessTrace,
): Promise<TraceSheet> {
  const { maps } = await mapHeat({ name: basename(path), trace, runs: [] });
  const [heat] = maps;
  return {
    title: basename(path),
    facts: factsOf(summary),
    workingSet: summary.workingSet,
    clock: summary.duration === undefined ? 'accesses' : summary.declaration.clock,
    pageBytes: 2 ** summary.declaration.pageShift,
    ...(heat && { heat }),
  };
}

function numbersText(summary: TraceSummary): string {
  const facts = factsOf(summary);
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

function factsOf(summary: TraceSummary): (readonly [string, string])[] {
  const { declaration, accesses, weight, reads, writes, pages, footprintBytes, skew } = summary;
  const { addressSpace, clock, countedBy, samplePeriod } = declaration;
  const what = [
    heldText(declaration),
    ...(countedBy === undefined
      ? [samplePeriod === undefined ? 'whole' : `one in ${showCount(samplePeriod)}`]
      : []),
    `${addressSpace} addresses`,
  ];
  return [
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
    ...Object.entries(summary.about).map(
      ([name, value]) => [printable(name), aboutText(value)] as const,
    ),
  ];
}

/** What a file says of its trace: text as it is, a command as words, anything else as JSON. */
function aboutText(value: unknown): string {
  if (typeof value === 'string') return printable(value);
  const isWords = Array.isArray(value) && value.every((word) => typeof word === 'string');
  if (!isWords) return JSON.stringify(value);
  return value
    .map((word) => (/^\S+$/.test(word) ? printable(word) : JSON.stringify(word)))
    .join(' ');
}

/** `text`, quoted where it has what would not print as it is: a file's maker may have written anything. */
function printable(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.includes('\\') ? quoted : text;
}

/** What the records of a trace are. */
function heldText({ level, countedBy }: TraceSummary['declaration']): string {
  if (countedBy !== undefined) return `counts of ${countedBy}s by interval`;
  return level === 'cpu' ? 'every load and store' : 'what missed the last-level cache';
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
