import { placementSummary, type Result } from '@tierlab/report';

import { exitCodes, type CommandContext } from '../../context.ts';
import { writeOutputFiles } from '../../files/output-files.ts';
import { placementNotices } from '../../result/placement-notices.ts';
import { resultFiles } from '../../result/result-files.ts';
import { renderTable } from '../../terminal/table.ts';

/** Where a result goes. */
interface ShowOptions {
  /** A folder for its files. */
  readonly out?: string;
  /** One JSON object instead of a table. */
  readonly json?: boolean;
}

/** Prints `result`, writes its files, and ends with an exit code of its own where a threshold was crossed. */
export async function showResult(
  result: Result,
  assumed: readonly string[],
  { out, json }: ShowOptions,
  context: CommandContext,
): Promise<void> {
  const files = out === undefined ? {} : resultFiles(result);
  if (out !== undefined) await writeOutputFiles(out, files);
  if (json) context.stdout(`${JSON.stringify(result)}\n`);
  else {
    const summary = placementSummary(result.records, result);
    context.stdout(renderTable(summary.columns, summary.rows));
    if (summary.rows.some((row) => row.some((cell) => cell.endsWith(' *')))) {
      context.stdout('* a ruler: a bound, no policy that one could run\n');
    }
    for (const { policy, trace, machine, code, reason } of result.refused ?? []) {
      context.stderr.write(`no run of ${policy} on ${trace}, ${machine}: ${code}: ${reason}\n`);
    }
    for (const text of placementNotices(result.records)) context.stderr.write(`${text}\n`);
    for (const text of assumed) context.stderr.write(`assumed: ${text}\n`);
    if (out !== undefined) {
      context.stderr.write(`wrote ${Object.keys(files).join(', ')} to ${out}\n`);
    }
  }
  for (const { threshold, run, value, crossed } of result.thresholds ?? []) {
    if (!crossed) continue;
    context.exitCode = exitCodes.thresholdCrossed;
    context.stderr.write(`threshold crossed: ${threshold}: ${run} has ${value}\n`);
  }
}
