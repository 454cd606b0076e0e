import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { renderTable } from '../../terminal/table.ts';
import { explanations, type ErrorCode } from './explanations.ts';

/** Options of `tierlab explain`, as the command line gives them. */
export interface ExplainOptions {
  readonly json?: boolean;
}

/** Version of the form that `--json` prints. */
const EXPLAIN_SCHEMA_VERSION = 1;

/** Explains `code`, or lists every code. */
export function explainCode(
  code: string | undefined,
  options: ExplainOptions,
  context: CommandContext,
): void {
  const codes = (Object.keys(explanations) as ErrorCode[]).filter(
    (each) => code === undefined || each === code.toUpperCase(),
  );
  if (code !== undefined && codes.length === 0) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `${code}: no such error code; tierlab explain without a code lists them`,
    );
  }
  if (options.json) {
    const errors = codes.map((each) => {
      const [cause, cure] = explanations[each];
      return { code: each, cause, cure };
    });
    context.stdout(`${JSON.stringify({ schemaVersion: EXPLAIN_SCHEMA_VERSION, errors })}\n`);
  } else if (code === undefined) {
    const rows = codes.map((each) => [each, explanations[each][0]]);
    context.stdout(renderTable([{ head: 'code' }, { head: 'what it means' }], rows));
  } else {
    for (const each of codes) context.stdout(`${each}\n${explanations[each].join('\n')}\n`);
  }
}
