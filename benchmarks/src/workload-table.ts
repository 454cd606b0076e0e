import { parse } from 'csv-parse/sync';

/** Machines that the table of the README shows one by one; docs/workloads.md has all. */
export const README_MACHINES: readonly string[] = [
  'cascade-lake-2s-optane',
  'gh200',
  'sapphire-rapids-2s-cxl',
  'xeon-max-2s-flat',
];

/** A row of a CSV in `results/`: one run. */
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

/** The two suites: recorded programs of a fraction of a second, and a minute of generated ones. */
export type Suite = 'workloads' | 'minutes';

const beginOf = (suite: Suite): string => `<!-- ${suite}: made by \`pnpm bench:${suite}\` -->`;
const endOf = (suite: Suite): string => `<!-- /${suite} -->`;

/**
 * A table in Markdown, from the text of a CSV in `results/`: for each policy the geometric mean of its slowdown over all
 * cases, and over those of each machine or trace in `shown` (all if absent), in how many of all cases it is at least 1 %
 * quicker and slower than doing nothing, and what became of its promotions. The quickest come first, rulers at the end.
 */
export function workloadTable(
  csv: string,
  by: 'machine' | 'trace',
  shown?: readonly string[],
): string {
  const runs = parse<WorkloadRun>(csv, { columns: true });
  const columns = [...new Set(runs.map((run) => run[by]))].filter(
    (name) => shown === undefined || shown.includes(name),
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
        ...columns.map((name) => fixed(geometricMean(ours.filter((run) => run[by] === name)))),
        `${ratios.filter((ratio) => ratio < 0.99).length} / ${ratios.filter((ratio) => ratio > 1.01).length}`,
        ((promoted / sum(ours, 'accesses')) * 1000).toFixed(2),
        promoted === 0
          ? ''
          : `${((sum(ours, 'wasted_promotions_pages') / promoted) * 100).toFixed(0)} %`,
      ],
    };
  });
  const ordered = rows.toSorted((a, b) => Number(a.ruler) - Number(b.ruler) || a.mean - b.mean);
  const titles = columns.map((name) => name.replace(/\.tlt$/, ''));
  const head = ['policy', `all ${by}s`, ...titles, 'quicker / slower', 'promoted', 'wasted'];
  return markdownTable([head, ...ordered.map(({ cells }) => cells)]);
}

/** `document` with `table` between the markers of `suite`. */
export function withTable(document: string, suite: Suite, table: string): string {
  const [before, after] = [document.indexOf(beginOf(suite)), document.indexOf(endOf(suite))];
  if (before < 0 || after < before) throw new Error(`the document has no ${beginOf(suite)}`);
  const head = document.slice(0, before + beginOf(suite).length);
  return `${head}\n\n${table}\n${document.slice(after)}`;
}

/** What stands between the markers of `suite` in `document`. */
export function publishedTable(document: string, suite: Suite): string {
  const from = document.indexOf(beginOf(suite)) + beginOf(suite).length;
  return document.slice(from, document.indexOf(endOf(suite))).trim();
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
