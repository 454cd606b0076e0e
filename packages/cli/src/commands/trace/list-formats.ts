import { generators, traceFormats } from '@tierlab/trace';

import type { CommandContext } from '../../context.ts';
import { renderTable } from '../../terminal/table.ts';

/** Prints the formats of traces and the generators. */
export function listFormats(context: CommandContext): void {
  context.stdout(
    renderTable(
      [{ head: 'format' }, { head: 'what it is' }, { head: 'options' }],
      traceFormats.map(({ name, summary, options }) => [
        name,
        summary,
        options.map((option) => `--${option.name}`).join(' '),
      ]),
    ),
  );
  context.stdout('\n');
  context.stdout(
    renderTable(
      [{ head: 'generator' }, { head: 'parameters' }],
      generators.map(({ name, parameters }) => [
        name,
        parameters.map((parameter) => parameter.name).join(' '),
      ]),
    ),
  );
}
