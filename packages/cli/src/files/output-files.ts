import { mkdir, mkdtemp, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { CliError } from '../errors.ts';

/** Files to write: name to content. */
export type OutputFiles = Readonly<Record<string, string | Uint8Array>>;

/**
 * Writes all of `files` into `directory`, each whole or none at all, and makes the directory where it is missing.
 *
 * The files are first written beside their place and then renamed, so a reader never sees half of one.
 * Throws `CLI_OUTPUT_UNWRITABLE`; what was there before is then untouched.
 */
export async function writeOutputFiles(directory: string, files: OutputFiles): Promise<void> {
  const target = resolve(directory);
  let madeFirst: string | undefined;
  let staging: string | undefined;
  try {
    madeFirst = await mkdir(target, { recursive: true });
    staging = await mkdtemp(join(target, '.tierlab-'));
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(staging, name), content);
    }
    for (const name of Object.keys(files)) await rename(join(staging, name), join(target, name));
    await rmdir(staging);
  } catch (error) {
    if (staging !== undefined) await rm(staging, { recursive: true, force: true });
    if (madeFirst !== undefined) await rm(madeFirst, { recursive: true, force: true });
    throw unwritable(directory, error);
  }
}

/** Writes one file, whole or not at all; see {@link writeWhole}. Throws `CLI_OUTPUT_UNWRITABLE`. */
export async function writeOutputFile(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(path, (file) => writeFile(file, content));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Has `write` write a file beside `path` that then takes its place, or is removed where it fails. A link stays one: the
 * file that it names is replaced. What is there and no file, a device or a pipe, is written to as it is: a file in its
 * place would take it away from the whole machine.
 */
export async function writeWhole(
  path: string,
  write: (file: string) => Promise<void>,
): Promise<void> {
  const place = await stat(path).catch(() => undefined);
  if (place !== undefined && !place.isFile()) return write(path);
  const target = place === undefined ? resolve(path) : await realpath(path);
  const staging = join(dirname(target), `.${basename(target)}.tierlab-${process.pid}`);
  try {
    await write(staging);
    await rename(staging, target);
  } catch (error) {
    await rm(staging, { force: true });
    throw error;
  }
}

/** What went wrong where files were to be written, in words for its user. */
export function unwritable(path: string, cause: unknown): CliError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CliError(
    'CLI_OUTPUT_UNWRITABLE',
    `${path}: cannot write there (${reason}); name a directory that you may write to`,
    { cause },
  );
}
