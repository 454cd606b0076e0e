import {
  COMPARED_COUNTERS,
  finalCounter,
  placementCurve,
  type Agreement,
  type Bar,
  type KernelRecord,
  type Verdict,
} from '@tierlab/kernel-lab';

import { renderTable } from '../../terminal/table.ts';

/** A replay beside what the kernel did, on the intervals that all of the records have. */
export interface ReplayComparison {
  readonly ours: KernelRecord;
  /** The golden, then the kernel's other runs; empty where there is nothing to compare with. */
  readonly kernels: readonly KernelRecord[];
  readonly withGolden?: Agreement;
  /** Both present where the kernel was run more than once. */
  readonly bar?: Bar;
  readonly verdict?: Verdict;
}

const HEADS = ['measure', 'ours', 'the kernel', 'the bar', ''] as const;

/** The comparison for a terminal. */
export function comparisonText(comparison: ReplayComparison): string {
  const columns = HEADS.map((head) => ({ head }));
  const rows = comparisonRows(comparison);
  if (rows.length === 0) return `${headline(comparison)}\n`;
  const shown = shownColumns(comparison);
  const table = renderTable(columns.slice(0, shown), rows);
  return `${headline(comparison)}\n\n${table}\n${curve(comparison)}\n`;
}

/** The same in Markdown. */
export function comparisonMarkdown(comparison: ReplayComparison): string {
  const rows = comparisonRows(comparison);
  const title = `### ${headline(comparison)}\n`;
  if (rows.length === 0) return title;
  const shown = shownColumns(comparison);
  const line = (cells: readonly string[]): string => `| ${cells.slice(0, shown).join(' | ')} |\n`;
  return `${title}\n${line(HEADS)}${line(HEADS.map(() => '---'))}${rows.map(line).join('')}\n\`\`\`\n${curve(comparison)}\n\`\`\`\n`;
}

/** Pages on node 0 over time, ours above those of the golden. */
const curve = ({ ours, kernels: [golden = ours] }: ReplayComparison): string =>
  placementCurve(golden, ours);

/** Without a bar there is nothing to miss either. */
const shownColumns = ({ bar }: ReplayComparison): number =>
  bar === undefined ? HEADS.length - 2 : HEADS.length;

function headline({ ours, kernels }: ReplayComparison): string {
  const { name, intervals } = ours;
  const until = `${intervals.length} intervals to ${intervals.at(-1)?.ms ?? 0} ms`;
  if (kernels.length === 0) return `${name}: ${until}; the record has none to compare with`;
  return `${name}: ${until}, against ${kernels.length === 1 ? 'one run' : `${kernels.length} runs`} of ${kernels[0]?.kernel}`;
}

/** A row a measure: ours, the kernel's (or how far its own runs agree), the bar, and whether it is missed. */
function comparisonRows(comparison: ReplayComparison): readonly (readonly string[])[] {
  const { ours, kernels, withGolden, bar, verdict } = comparison;
  if (withGolden === undefined) return [];
  const missed = (measure: string): string => (verdict?.misses.includes(measure) ? 'missed' : '');
  const rows = [
    [
      'pages on the same node',
      percent(verdict?.pages ?? withGolden.pages),
      bar === undefined ? '' : `${range(bar.ownAgreement, percent)} with itself`,
      bar === undefined ? '' : `at least ${percent(bar.pages)}`,
      missed('pages'),
    ],
    ['  with the golden, worst interval', percent(withGolden.pagesWorst), '', '', ''],
    [
      "node 0's share, off by",
      percent(verdict?.topShare ?? withGolden.topShare),
      '',
      bar === undefined ? '' : `at most ${percent(bar.topShare)}`,
      missed('topShare'),
    ],
    ['  with the golden, worst interval', percent(withGolden.topShareWorst), '', '', ''],
  ];
  for (const counter of COMPARED_COUNTERS) {
    const theirs = kernels.map((run) => finalCounter(run, counter));
    const [least, most] = bar?.counters[counter] ?? [];
    rows.push([
      counter,
      count(finalCounter(ours, counter)),
      range(theirs, count),
      least === undefined || most === undefined
        ? ''
        : `${count(Math.ceil(least))} to ${count(Math.floor(most))}`,
      missed(counter),
    ]);
  }
  return rows;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const count = (value: number): string => String(value);

function range(values: readonly number[], show: (value: number) => string): string {
  const [least, most] = [show(Math.min(...values)), show(Math.max(...values))];
  return least === most ? least : `${least} to ${most}`;
}
