import { Command, Option } from 'commander';

import type { CommandContext } from '../../context.ts';

/** Forms that `tierlab report` writes, and what each is. */
export const reportForms = {
  html: 'one file to read in a browser, with the result in it',
  md: 'the summary in Markdown',
  csv: 'a table',
  json: 'the result, as compare writes it to runs.json',
  parquet: 'a table (needs --out)',
  all: 'every file that compare writes (needs --out, a folder)',
} as const;

/** Tables of a result that `--table` names. */
export const reportTables = ['placement', 'intervals', 'pairs'] as const;

/** Options of `tierlab report`, as the command line gives them. */
export interface ReportOptions {
  readonly to: keyof typeof reportForms;
  readonly table?: (typeof reportTables)[number];
  readonly out?: string;
}

/** `tierlab report RESULT`: a result written again, in any of its forms. */
export function reportCommand(context: CommandContext): Command {
  return new Command('report')
    .description('write a result again in another form, without running anything')
    .argument(
      '<result>',
      'a folder that compare or plan wrote, its runs.json or report.html, or the JSON of `tierlab run`',
    )
    .addOption(
      new Option(
        '--to <form>',
        Object.entries(reportForms)
          .map(([form, text]) => `${form}: ${text}`)
          .join('; '),
      )
        .choices(Object.keys(reportForms))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--table <name>', 'the table, for csv and parquet (default: placement)').choices(
        reportTables,
      ),
    )
    .option('--out <path>', 'write there instead of to stdout')
    .addHelpText(
      'after',
      `
Examples:
  tierlab report results --to md
  tierlab report results/report.html --to csv --table pairs
  tierlab report results --to html --out again.html`,
    )
    .action(async (path: string, options: ReportOptions) => {
      const { writeReport } = await import('./write-report.ts');
      await writeReport(path, options, context);
    });
}
