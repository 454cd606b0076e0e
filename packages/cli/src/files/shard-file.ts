import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { contentHash } from '@tierlab/core';
import { parseShard, type RunPoint, type Shard } from '@tierlab/experiment';

import type { ResultFrame } from '../commands/compare/make-result.ts';
import { CliError } from '../errors.ts';
import { version } from '../version.ts';
import { writeOutputFiles } from './output-files.ts';
import { fileError } from './read-file.ts';

/** An experiment of which a shard was carried out: all that a merge needs but the runs. */
export interface ShardedExperiment {
  /** Of the whole experiment. */
  readonly points: readonly RunPoint[];
  readonly frame: ResultFrame;
  readonly assumed: readonly string[];
  /** See {@link keptRuns}. */
  readonly reading: string;
}

/** What a folder of results says of the shard that was carried out there. */
export interface ShardFile {
  readonly shard: Shard;
  readonly experiment: ShardedExperiment;
  /** The same for the shards of one experiment, made with one version of tierlab. */
  readonly hash: string;
}

const FILE = 'shard.json';
const SCHEMA_VERSION = 1;

/** Says in the folder `out` that `shard` is done. Throws `CLI_OUTPUT_UNWRITABLE`. */
export async function writeShardFile(
  out: string,
  shard: Shard,
  experiment: ShardedExperiment,
): Promise<void> {
  const content = {
    schemaVersion: SCHEMA_VERSION,
    version,
    shard: `${shard.index}/${shard.count}`,
    experiment,
  };
  await writeOutputFiles(out, { [FILE]: `${JSON.stringify(content)}\n` });
}

/**
 * Reads what {@link writeShardFile} wrote.
 *
 * Throws `CLI_NO_SHARD` where no shard was finished in the folder.
 */
export async function readShardFile(out: string): Promise<ShardFile> {
  const path = join(out, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(path, error);
    throw new CliError(
      'CLI_NO_SHARD',
      `${out}: no shard was finished there; run tierlab compare --shard i/n --out ${out}, which goes on where it was`,
    );
  }
  const content = parseObject(text);
  const { schemaVersion, shard, experiment } = content;
  if (schemaVersion !== SCHEMA_VERSION || typeof shard !== 'string' || experiment === undefined) {
    throw new CliError(
      'CLI_NO_SHARD',
      `${path}: not what this version of tierlab writes; make the shard again`,
    );
  }
  return {
    shard: parseShard(shard),
    experiment: experiment as ShardedExperiment,
    hash: contentHash([content['version'], experiment]),
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
