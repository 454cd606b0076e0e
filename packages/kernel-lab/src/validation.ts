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

const CURVE_WIDTH = 24;
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
    Array.from({ length: Math.min(CURVE_WIDTH, values.length) }, (_, i) => {
      const value =
        values[Math.floor((i * values.length) / Math.min(CURVE_WIDTH, values.length))] ?? least;
      return BLOCKS[1 + Math.round(((value - least) / range) * (BLOCKS.length - 2))] ?? ' ';
    }).join('');
  const [ours = [], kernels = []] = series;
  return `ours   ${draw(ours)}\nkernel ${draw(kernels)}  ${least} to ${least + range} pages on node 0`;
}

const WIDTH = 480;
const HEIGHT = 160;
const LEFT = 52;
const BOTTOM = 24;

/**
 * Pages on node 0 over time as an SVG picture: the kernel's runs in grey, the replay in blue; below it the agreement
 * of pages, ours and the lowest and highest of the kernel's own.
 */
export function placementPicture({ runs, replay }: ValidatedScenario): string {
  const series = [...runs, replay].map(({ intervals }) =>
    intervals.map((interval) => ({ ms: interval.ms, pages: interval['n0'] ?? 0 })),
  );
  const points = series.flat();
  const end = Math.max(...points.map(({ ms }) => ms));
  const least = Math.min(...points.map(({ pages }) => pages));
  const most = Math.max(...points.map(({ pages }) => pages), least + 1);
  const x = (ms: number): string => (LEFT + (ms / end) * (WIDTH - LEFT - 8)).toFixed(1);
  const y = (pages: number): string =>
    (8 + ((most - pages) / (most - least)) * (HEIGHT - BOTTOM - 8)).toFixed(1);
  const line = (of: (typeof series)[number], style: string): string =>
    `<polyline fill="none" ${style} points="${of.map(({ ms, pages }) => `${x(ms)},${y(pages)}`).join(' ')}"/>`;
  const bar = barOf(runs);
  const { pages } = judge(replay, runs, bar);
  const own = bar.ownAgreement.map((share) => share.toFixed(3));
  const caption = `ours ${pages.toFixed(3)}, the kernel's own ${own.join(' ')}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${runs[0]?.name ?? ''}: pages on node 0; agreement of pages: ${caption}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...series.slice(0, -1).map((run) => line(run, 'stroke="#999"')),
    line(series.at(-1) ?? [], 'stroke="#06c" stroke-width="2"'),
    text('x="2" y="16"', `${most}`),
    text(`x="2" y="${HEIGHT - BOTTOM}"`, `${least}`),
    text(`x="${LEFT}" y="${HEIGHT - 6}"`, `0 to ${end / 1000} s; pages: ${caption}`),
    '</svg>',
    '',
  ].join('\n');
}

function text(at: string, words: string): string {
  return `<text ${at} font-family="sans-serif" font-size="11" fill="#444">${words}</text>`;
}
