import { parse } from 'csv-parse/sync';

/** Machines that the table of the README shows one by one; docs/workloads.md has all. */
export const README_MACHINES: readonly string[] = [
  'cascade-lake-2s-optane',
  'gh200',
  'sapphire-rapids-2s-cxl',
  'xeon-max-2s-flat',
];

/** A row of `results/workloads.csv`: one run. */
interface WorkloadRun {
  readonly trace: string;
  readonly machine: string;
  readonly policy: string;
  readonly ruler: string;
  readonly slowdown: string;
  readonly promotions_pages: string;
  readonly wasted_promotions_pages: string;
  readonly accesses: string;
}

const BEGIN = '<!-- workloads: made by `pnpm bench:workloads` -->';
const END = '<!-- /workloads -->';

/**
 * A table in Markdown, from the text of `results/workloads.csv`: for each policy the geometric mean of its slowdown over
 * the traces on all machines and on each of `shown` (all if absent), in how many of all cases it is at least 1 % quicker
 * and slower than doing nothing, and what became of its promotions. The quickest come first, rulers at the end.
 */
export function workloadTable(csv: string, shown?: readonly string[]): string {
  const runs = parse<WorkloadRun>(csv, { columns: true });
  const machines = [...new Set(runs.map((run) => run.machine))].filter(
    (machine) => shown === undefined || shown.includes(machine),
  );
  const rows = [...groupBy(runs, (run) => run.policy)].map(([policy, ours]) => {
    const ratios = againstNothing(ours, runs);
    const promoted = sum(ours, 'promotions_pages');
    return {
      ruler: ours[0]?.ruler === 'true',
      mean: geometricMean(ours),
      cells: [
        ours[0]?.ruler === 'true' ? `_${policy}_` : policy,
        fixed(geometricMean(ours)),
        ...machines.map((machine) =>
          fixed(geometricMean(ours.filter((run) => run.machine === machine))),
        ),
        `${ratios.filter((ratio) => ratio < 0.99).length} / ${ratios.filter((ratio) => ratio > 1.01).length}`,
        ((promoted / sum(ours, 'accesses')) * 1000).toFixed(2),
        promoted === 0
          ? ''
          : `${((sum(ours, 'wasted_promotions_pages') / promoted) * 100).toFixed(0)} %`,
      ],
    };
  });
  const ordered = rows.toSorted((a, b) => Number(a.ruler) - Number(b.ruler) || a.mean - b.mean);
  const head = ['policy', 'all machines', ...machines, 'quicker / slower', 'promoted', 'wasted'];
  return markdownTable([head, ...ordered.map(({ cells }) => cells)]);
}

/** `document` with `table` between the markers of the benchmark. */
export function withTable(document: string, table: string): string {
  const [before, after] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`the document has no ${BEGIN} ... ${END}`);
  return `${document.slice(0, before + BEGIN.length)}\n\n${table}\n${document.slice(after)}`;
}

/** What stands between the markers of `document`. */
export function publishedTable(document: string): string {
  return document.slice(document.indexOf(BEGIN) + BEGIN.length, document.indexOf(END)).trim();
}

/** The time of each run over that of stay-put on the same trace and machine. */
function againstNothing(ours: readonly WorkloadRun[], runs: readonly WorkloadRun[]): number[] {
  const still = new Map(
    runs
      .filter((run) => run.policy === 'stay-put')
      .map((run) => [`${run.trace} ${run.machine}`, Number(run.slowdown)]),
  );
  return ours.flatMap((run) => {
    const base = still.get(`${run.trace} ${run.machine}`);
    return base === undefined ? [] : [Number(run.slowdown) / base];
  });
}

function geometricMean(runs: readonly WorkloadRun[]): number {
  const logs = runs.map((run) => Math.log(Number(run.slowdown)));
  return Math.exp(logs.reduce((total, value) => total + value, 0) / logs.length);
}

function sum(runs: readonly WorkloadRun[], column: keyof WorkloadRun): number {
  return runs.reduce((total, run) => total + Number(run[column]), 0);
}

const fixed = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : '');

function groupBy<T>(things: readonly T[], keyOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things)
    groups.set(keyOf(thing), [...(groups.get(keyOf(thing)) ?? []), thing]);
  return groups;
}

/** Rows as a Markdown table whose columns are as wide as their widest cell; the first column is text, the others numbers. */
function markdownTable(rows: readonly (readonly string[])[]): string {
  const width = (rows[0] ?? []).map((_, i) =>
    Math.max(3, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(width[i] ?? 0) : cell.padStart(width[i] ?? 0))).join(' | ')} |`;
  const rule = width.map((length, i) =>
    i === 0 ? '-'.repeat(length) : `${'-'.repeat(length - 1)}:`,
  );
  const [head = [], ...body] = rows;
  return [line(head), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n') + '\n';
}
