import {
  intervalsTable,
  pairsTable,
  placementSummary,
  placementTable,
  renderHtml,
  tableToCsv,
  tableToMarkdown,
  tableToParquet,
  textTable,
  thresholdsToJunit,
  writeResult,
  type Result,
} from '@tierlab/report';

import type { OutputFiles } from '../files/output-files.ts';

/** Every file that a result is written as, by name. */
export function resultFiles(result: Result): OutputFiles {
  const placement = placementTable(result.records, result);
  return {
    'report.html': renderHtml(result),
    'report.md': resultMarkdown(result),
    'placement.csv': tableToCsv(placement),
    'placement.parquet': tableToParquet(placement),
    'intervals.csv': tableToCsv(intervalsTable(result.records)),
    'pairs.csv': tableToCsv(pairsTable(result.pairs ?? [])),
    ...(result.thresholds && { 'junit.xml': thresholdsToJunit(result.thresholds) }),
    'runs.json': writeResult(result),
  };
}

/** The result in Markdown: the runs, the pairs of policies, and the thresholds. */
export function resultMarkdown(result: Result): string {
  const { title, records, pairs = [], thresholds = [] } = result;
  const crossed = thresholds.filter((line) => line.crossed);
  const parts = [`# ${title.replaceAll(/[\\`*_<>[\]#]/g, String.raw`\$&`)}\n`];
  const summary = placementSummary(records, result);
  parts.push(tableToMarkdown(summary));
  if (summary.rows.some((row) => row.some((cell) => cell.endsWith(' *')))) {
    parts.push('An asterisk marks a ruler: a bound, no policy that one could run.\n');
  }
  if (pairs.length > 0) {
    parts.push('## Pairs of policies\n', tableToMarkdown(textTable(pairsTable(pairs))));
  }
  if (thresholds.length > 0) {
    parts.push(
      '## Thresholds\n',
      crossed.length === 0
        ? 'None is crossed.\n'
        : tableToMarkdown({
            columns: [
              { head: 'threshold', align: 'left' },
              { head: 'run', align: 'left' },
              { head: 'value', align: 'right' },
            ],
            rows: crossed.map(({ threshold, run, value }) => [threshold, run, String(value ?? '')]),
          }),
    );
  }
  return parts.join('\n');
}
