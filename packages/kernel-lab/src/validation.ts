import { barOf, COMPARED_COUNTERS, finalCounter, judge } from './agreement.ts';
import type { KernelRecord } from './record.ts';

/** One scenario: its kernel runs, the golden first, and the replay of the golden. */
export interface ValidatedScenario {
  readonly runs: readonly KernelRecord[];
  readonly replay: KernelRecord;
}

/** The table of docs/validation.md: each scenario's replay beside the kernel's own runs. */
export function validationTable(scenarios: readonly ValidatedScenario[]): string {
  const head = [
    'scenario',
    'pages: ours',
    "the kernel's own",
    'at least',
    'node 0: ours',
    'at most',
    ...COMPARED_COUNTERS,
    'misses',
  ];
  const rows = scenarios.map(({ runs, replay }) => {
    const bar = barOf(runs);
    const verdict = judge(replay, runs, bar);
    return [
      runs[0]?.name ?? '',
      verdict.pages.toFixed(3),
      bar.ownAgreement.map((own) => own.toFixed(3)).join(' '),
      bar.pages.toFixed(3),
      verdict.topShare.toFixed(4),
      bar.topShare.toFixed(4),
      ...COMPARED_COUNTERS.map((counter) => counterCell(counter, runs, replay)),
      verdict.misses.join(', '),
    ];
  });
  return [tableLine(head), tableLine(head.map(() => '---')), ...rows.map(tableLine)].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Our final value, and the span of the kernel's in brackets; empty where nothing counts. */
function counterCell(counter: string, runs: readonly KernelRecord[], replay: KernelRecord): string {
  const values = runs.map((run) => finalCounter(run, counter));
  const ours = finalCounter(replay, counter);
  if (ours === 0 && values.every((value) => value === 0)) return '';
  return `${ours} [${Math.min(...values)}, ${Math.max(...values)}]`;
}

const WIDTH = 24;
const BLOCKS = ' ▁▂▃▄▅▆▇█';

/** Pages on node 0 over time, ours above the kernel's, on one scale: a picture of two lines of text. */
export function placementCurve(golden: KernelRecord, replay: KernelRecord): string {
  const series = [replay, golden].map((record) =>
    record.intervals.map((interval) => interval['n0'] ?? 0),
  );
  const all = series.flat();
  const least = Math.min(...all);
  const range = Math.max(1, Math.max(...all) - least);
  const draw = (values: readonly number[]): string =>
    Array.from({ length: Math.min(WIDTH, values.length) }, (_, i) => {
      const value =
        values[Math.floor((i * values.length) / Math.min(WIDTH, values.length))] ?? least;
      return BLOCKS[1 + Math.round(((value - least) / range) * (BLOCKS.length - 2))] ?? ' ';
    }).join('');
  const [ours = [], kernels = []] = series;
  return `ours   ${draw(ours)}\nkernel ${draw(kernels)}  ${least} to ${least + range} pages on node 0`;
}
