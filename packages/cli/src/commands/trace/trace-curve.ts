import { showBytes, showCount, showPercent } from '@tierlab/report';
import { capacityCurve, type CapacityCurve } from '@tierlab/simulator';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { renderTable } from '../../terminal/table.ts';
import { openReplayTrace } from '../../trace/open-replay-trace.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';
import { watchedTrace } from '../../trace/watched-trace.ts';

/** Options of `tierlab trace curve`, as the command line gives them. */
export interface TraceCurveOptions extends Readonly<Record<string, unknown>> {
  readonly json?: boolean;
  readonly sample?: string;
}

/** Shares of the footprint that the curve is shown at. */
const SHARES = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** One point of the curve: what a fastest tier of this size would hit. */
interface CurvePoint {
  readonly pages: number;
  readonly bytes: number;
  readonly hitShare: number;
  readonly error?: number;
}

/** Prints how often LRU placement hits, for every size of the fastest tier. */
export async function showTraceCurve(
  path: string,
  options: TraceCurveOptions,
  context: CommandContext,
): Promise<void> {
  const rate = options.sample === undefined ? undefined : parseRate(options.sample);
  const useCache = options['cache'] !== false;
  const opened = await openReplayTrace(path, givenTraceOptions(options), useCache, context);
  const curve = await capacityCurve(watchedTrace(opened, path, context, 'read'), rate);
  const points = pointsOf(curve, 2 ** opened.trace.declaration.pageShift);
  if (options.json) {
    const { accesses, pages, sample } = curve;
    context.stdout(
      `${JSON.stringify({
        schemaVersion: 1,
        trace: path,
        accesses,
        pages,
        ...(sample && {
          sample: { rate: sample.rate, pages: sample.pages, accesses: sample.accesses },
        }),
        points,
      })}\n`,
    );
    return;
  }
  context.stdout(curveText(path, curve, points));
}

function parseRate(text: string): number {
  const rate = /^0?\.\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (rate > 0 && rate <= 0.5) return rate;
  throw new CliError(
    'CLI_BAD_OPTION',
    `--sample ${text}: expected a share of the pages above 0 and at most 0.5, as 0.01`,
  );
}

function pointsOf(curve: CapacityCurve, pageBytes: number): readonly CurvePoint[] {
  const sizes = new Set(SHARES.map((share) => Math.ceil(share * curve.pages)));
  return [...sizes].map((pages) => ({
    pages,
    bytes: pages * pageBytes,
    hitShare: curve.hitShare(pages),
    ...(curve.sample && { error: curve.sample.error(pages) }),
  }));
}

function curveText(path: string, curve: CapacityCurve, points: readonly CurvePoint[]): string {
  const { accesses, pages, sample } = curve;
  const whole = `${path}: ${showCount(accesses)} accesses to ${showCount(pages)} pages`;
  const taken =
    sample === undefined
      ? ''
      : `, of which ${showCount(sample.accesses)} to ${showCount(sample.pages)} were sampled`;
  const head = [
    { head: 'fastest tier', align: 'right' as const },
    { head: 'of footprint', align: 'right' as const },
    { head: 'LRU hits', align: 'right' as const },
    ...(sample ? [{ head: '+-', align: 'right' as const }] : []),
  ];
  const rows = points.map((point) => [
    showBytes(point.bytes),
    showPercent(point.pages / pages),
    showPercent(point.hitShare),
    ...(point.error === undefined ? [] : [`${(point.error * 100).toFixed(2)} %`]),
  ]);
  return `${whole}${taken}\n\n${renderTable(head, rows)}`;
}
