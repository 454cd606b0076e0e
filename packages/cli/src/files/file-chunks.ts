import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

import { readChunks } from '@tierlab/trace';

/** The bytes of the file at `path`, each chunk borrowed until the next is asked for. */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  // A pipe with a name keeps its reader waiting, from its opening on.
  if (!statSync(path).isFile()) {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
    return;
  }
  const file = openSync(path, 'r');
  try {
    yield* readChunks(async (into) => {
      // Signals and timers get their turn.
      await setImmediate();
      return readSync(file, into);
    });
  } finally {
    closeSync(file);
  }
}
