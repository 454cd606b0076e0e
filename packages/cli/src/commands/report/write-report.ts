import {
  intervalsTable,
  pairsTable,
  placementTable,
  renderHtml,
  tableToCsv,
  tableToParquet,
  writeResult,
  type Result,
  type Table,
} from '@tierlab/report';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputFile, writeOutputFiles } from '../../files/output-files.ts';
import { readResultFile } from '../../result/read-result-file.ts';
import { resultFiles, resultMarkdown } from '../../result/result-files.ts';
import type { reportForms, reportTables } from './forms.ts';

/** Options of `tierlab report`, as the command line gives them. */
export interface ReportOptions {
  readonly to: keyof typeof reportForms;
  readonly table?: (typeof reportTables)[number];
  readonly out?: string;
}

/** Writes the result at `path` in the form that is asked for. */
export async function writeReport(
  path: string,
  options: ReportOptions,
  context: CommandContext,
): Promise<void> {
  const { to, table, out } = options;
  if (table !== undefined && to !== 'csv' && to !== 'parquet') {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--table ${table}: it has no effect with --to ${to}, which is no single table; use --to csv or --to parquet`,
    );
  }
  if (out === undefined && (to === 'parquet' || to === 'all')) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--to ${to}: it cannot be printed; say where to write it with --out`,
    );
  }
  const result = await readResultFile(path);
  if (to === 'all') {
    await writeOutputFiles(out ?? '', resultFiles(result));
    return;
  }
  const content = render(result, to, table);
  if (out !== undefined) await writeOutputFile(out, content);
  else if (typeof content === 'string') context.stdout(content);
}

function render(
  result: Result,
  to: Exclude<ReportOptions['to'], 'all'>,
  table: ReportOptions['table'],
): string | Uint8Array {
  switch (to) {
    case 'html':
      return renderHtml(result);
    case 'md':
      return resultMarkdown(result);
    case 'json':
      return writeResult(result);
    case 'csv':
      return tableToCsv(tableOf(result, table));
    case 'parquet':
      return tableToParquet(tableOf(result, table));
  }
}

function tableOf(result: Result, name: ReportOptions['table'] = 'placement'): Table {
  switch (name) {
    case 'placement':
      return placementTable(result.records, result);
    case 'intervals':
      return intervalsTable(result.records);
    case 'pairs':
      return pairsTable(result.pairs ?? []);
  }
}
