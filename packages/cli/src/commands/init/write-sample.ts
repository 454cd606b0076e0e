import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { generateTrace, writeTlt } from '@tierlab/trace';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { SAMPLE_EXPERIMENT, SAMPLE_MACHINE, SAMPLE_TRACE } from '../../experiment-file/sample.ts';
import { experimentFileJsonSchema } from '../../experiment-file/schema.ts';
import { EXPERIMENT_FILE } from '../../experiment-file/with-file.ts';
import { unwritable, writeOutputFiles } from '../../files/output-files.ts';
import { writeOutputStream } from '../../files/output-stream.ts';

/**
 * Writes an experiment that runs at once into `directory`.
 *
 * Throws `CLI_OUTPUT_UNWRITABLE`, also where one of its files is there already: nothing is overwritten.
 */
export async function writeSample(directory: string, context: CommandContext): Promise<void> {
  const files = {
    [EXPERIMENT_FILE]: SAMPLE_EXPERIMENT,
    'machine.yaml': SAMPLE_MACHINE,
    'experiment.schema.json': schemaText(),
  };
  const trace = 'trace.tlt';
  const names = [...Object.keys(files), trace];
  const there = names.filter((name) => existsSync(join(directory, name)));
  if (there.length > 0) {
    throw new CliError(
      'CLI_OUTPUT_UNWRITABLE',
      `${directory}: ${there.join(', ')} there already, and nothing is overwritten; name another folder`,
    );
  }
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw unwritable(directory, error);
  }
  await writeOutputStream(join(directory, trace), writeTlt(generateTrace(SAMPLE_TRACE)));
  await writeOutputFiles(directory, files);
  context.stderr.write(
    `wrote ${names.join(', ')} to ${directory}\nnext: ${directory === '.' ? '' : `cd ${directory} && `}tierlab compare\n`,
  );
}

/** Prints the JSON Schema of experiment files. */
export function printSchema(context: CommandContext): void {
  context.stdout(schemaText());
}

const schemaText = (): string => `${JSON.stringify(experimentFileJsonSchema(), undefined, 2)}\n`;
