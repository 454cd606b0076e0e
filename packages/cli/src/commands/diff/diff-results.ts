import { compareResults, differencesTable, textTable } from '@tierlab/report';

import { exitCodes, type CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { readResultFile } from '../../result/read-result-file.ts';
import { renderTable } from '../../terminal/table.ts';

/** Options of `tierlab diff`, as the command line gives them. */
export interface DiffOptions {
  readonly tolerance: string;
  readonly json?: boolean;
}

/** Version of the form that `--json` prints. */
const DIFF_SCHEMA_VERSION = 1;

/** Says what differs between the results at two paths. */
export async function diffResults(
  before: string,
  after: string,
  options: DiffOptions,
  context: CommandContext,
): Promise<void> {
  const tolerance = parseTolerance(options.tolerance);
  const [old, young] = [await readResultFile(before), await readResultFile(after)];
  const difference = compareResults(old, young, tolerance);
  const { common, onlyBefore, onlyAfter, differences } = difference;
  if (onlyBefore.length + onlyAfter.length + differences.length > 0) {
    context.exitCode = exitCodes.thresholdCrossed;
  }
  if (options.json) {
    context.stdout(`${JSON.stringify({ schemaVersion: DIFF_SCHEMA_VERSION, ...difference })}\n`);
    return;
  }
  for (const run of onlyBefore) context.stdout(`only in ${before}: ${run}\n`);
  for (const run of onlyAfter) context.stdout(`only in ${after}: ${run}\n`);
  if (differences.length > 0) {
    const { columns, rows } = textTable(differencesTable(differences));
    context.stdout(renderTable(columns, rows));
  }
  const runs = new Set(differences.map(({ run }) => run)).size;
  context.stdout(`${runs} of the ${common} runs that both have differ\n`);
}

function parseTolerance(text: string): number {
  const tolerance = Number(text);
  if (text.trim() === '' || !(tolerance >= 0 && tolerance < 1)) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--tolerance ${text}: expected a share of at least 0 and less than 1, as 0.01`,
    );
  }
  return tolerance;
}
