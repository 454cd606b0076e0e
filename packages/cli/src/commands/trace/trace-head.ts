import { cutTrace, writeDelimited } from '@tierlab/trace';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { openTraceFile } from '../../trace/open-trace-file.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';
import type { TraceCommandOptions } from './option-values.ts';

/** Prints the first accesses of a trace in columns. */
export async function showTraceHead(
  path: string,
  options: TraceCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { lines = '10' } = options;
  if (!/^[1-9]\d{0,8}$/.test(lines)) {
    throw new CliError('CLI_BAD_OPTION', `--lines ${lines}: expected a count from 1 on`);
  }
  const { trace } = await openTraceFile(path, givenTraceOptions(options));
  const decoder = new TextDecoder();
  for await (const chunk of writeDelimited(cutTrace(trace, Number(lines)))) {
    context.stdout(decoder.decode(chunk, { stream: true }));
  }
}
