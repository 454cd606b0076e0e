import { readFile } from 'node:fs/promises';

import { CliError } from '../errors.ts';

/** The bytes of a file. Throws `CLI_FILE_NOT_FOUND` or `CLI_FILE_UNREADABLE`. */
export async function readInputFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError(path, error);
  }
}

/** What went wrong at `path`, in words for its user. */
export function fileError(path: string, cause: unknown): CliError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new CliError(
      'CLI_FILE_NOT_FOUND',
      `${path}: no such file or directory; check the path, it is taken from the current directory`,
      { cause },
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CliError('CLI_FILE_UNREADABLE', `${path}: cannot be read (${reason})`, { cause });
}
