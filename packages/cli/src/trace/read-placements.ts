import { createHash } from 'node:crypto';

import type { ExperimentPlacement } from '@tierlab/experiment';
import { readPlacement } from '@tierlab/trace';

import { CliError } from '../errors.ts';
import { readInputFile } from '../files/read-file.ts';

/**
 * The files of `--placement`, the `numa_maps` of a process each, one for each trace in the order of these; empty where
 * none is given.
 *
 * Throws `CLI_BAD_OPTION`, `CLI_FILE_NOT_FOUND` and the codes of {@link readPlacement}.
 */
export async function readPlacements(
  paths: readonly string[],
  traceCount: number,
): Promise<readonly ExperimentPlacement[]> {
  if (paths.length > 0 && paths.length !== traceCount) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--placement: ${paths.length} given, and traces: ${traceCount}; give one numa_maps for each trace, in their order`,
    );
  }
  return Promise.all(paths.map((path) => readOne(path)));
}

async function readOne(path: string): Promise<ExperimentPlacement> {
  const bytes = await readInputFile(path);
  async function* whole(): AsyncIterable<Uint8Array> {
    yield bytes;
  }
  return {
    name: path,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ranges: await readPlacement({ name: path, bytes: whole }),
  };
}
