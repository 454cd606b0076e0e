import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { CliError } from '../errors.ts';
import { writeWhole } from './output-files.ts';

/**
 * Writes a stream of bytes to a file, which appears when the stream has ended and not before; `-` is
 * standard output. An error of the stream itself is thrown as it is, and leaves no file.
 *
 * Throws `CLI_OUTPUT_UNWRITABLE`.
 */
export async function writeOutputStream(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (path === '-') {
    for await (const chunk of bytes) {
      if (!process.stdout.write(chunk)) {
        await new Promise((drained) => process.stdout.once('drain', drained));
      }
    }
    return;
  }
  try {
    await writeWhole(path, (file) =>
      pipeline(Readable.from(bytes, { objectMode: false }), createWriteStream(file)),
    );
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new CliError(
      'CLI_OUTPUT_UNWRITABLE',
      `${path}: cannot write there (${message}); name a file in a directory that you may write to`,
      { cause: error },
    );
  }
}
