import { Command, Option } from 'commander';

import type { CommandContext } from '../../context.ts';
import { reportForms, reportTables } from './forms.ts';
import type { ReportOptions } from './write-report.ts';

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
