import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunPoint, RunStore } from '@tierlab/experiment';

import { fileError } from './read-file.ts';
import { unwritable } from './output-files.ts';

/**
 * Finished runs as files in `directory`, which is made when the first one is written.
 *
 * An entry is written under another name, flushed to the disk and renamed: whenever the process is
 * killed, an entry is there whole or not at all. What an interrupted write leaves is overwritten when
 * that run is made again.
 *
 * Throws `CLI_FILE_UNREADABLE` and `CLI_OUTPUT_UNWRITABLE`.
 */
export function directoryStore(directory: string): RunStore {
  return {
    async list() {
      try {
        return (await readdir(directory)).filter((name) => !name.startsWith('.'));
      } catch (error) {
        if (isMissing(error)) return [];
        if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') throw unwritable(directory, error);
        throw fileError(directory, error);
      }
    },
    async read(name) {
      try {
        return await readFile(join(directory, name), 'utf8');
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw fileError(join(directory, name), error);
      }
    },
    async write(name, text) {
      const staging = join(directory, `.${name}`);
      try {
        await mkdir(directory, { recursive: true });
        await writeFlushed(staging, text);
        await rename(staging, join(directory, name));
        await flush(directory);
      } catch (error) {
        throw unwritable(directory, error);
      }
    },
  };
}

/** Where the runs of traces read as `reading` says are kept in the folder of results `out`. */
export const runsDirectory = (out: string, reading: string): string => join(out, 'runs', reading);

/**
 * The runs kept in the folder of results `out`, of traces read as `reading` says. Those of `points`
 * that are not `repeatable` are made again: their entries are not shown.
 */
export function keptRuns(
  out: string,
  reading: string,
  points: readonly RunPoint[],
  repeatable: (run: RunPoint) => boolean,
): RunStore {
  const store = directoryStore(runsDirectory(out, reading));
  const hidden = points.filter((point) => !repeatable(point)).map(({ id }) => id);
  return {
    ...store,
    list: async () =>
      (await store.list()).filter((name) => !hidden.some((id) => name.startsWith(id))),
  };
}

async function writeFlushed(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename in `directory` last. */
async function flush(directory: string): Promise<void> {
  const file = await open(directory, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
