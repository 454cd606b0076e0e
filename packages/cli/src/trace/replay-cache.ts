import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { threadId } from 'node:worker_threads';

import { parseQuantity } from '@tierlab/firmware/file';

import { CliError } from '../errors.ts';

/** Files in a directory, by name, of which the least recently used go when they are too many. */
export interface ReplayCache {
  readonly directory: string;
  readonly limitBytes: number;
}

const LIMIT_DEFAULT = '10GiB';

/** The cache that the environment names: `TIERLAB_CACHE` or the user's own, of `TIERLAB_CACHE_SIZE`. */
export function replayCache(environment: NodeJS.ProcessEnv = process.env): ReplayCache {
  const { TIERLAB_CACHE, TIERLAB_CACHE_SIZE = LIMIT_DEFAULT } = environment;
  const ofUser = environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return {
    directory: TIERLAB_CACHE ?? join(ofUser, 'tierlab', 'traces'),
    limitBytes: sizeLimit(TIERLAB_CACHE_SIZE),
  };
}

function sizeLimit(text: string): number {
  try {
    return parseQuantity('size', text);
  } catch (error) {
    throw new CliError('CLI_BAD_OPTION', `TIERLAB_CACHE_SIZE=${text}: ${(error as Error).message}`);
  }
}

/** The path of the file `name`, used now; undefined where the cache has none. */
export async function findKept(cache: ReplayCache, name: string): Promise<string | undefined> {
  const path = join(cache.directory, name);
  try {
    const now = new Date();
    await utimes(path, now, now);
    return path;
  } catch {
    return undefined;
  }
}

/**
 * Keeps `bytes` as the file `name` and gives its path. It appears whole; errors of `bytes` are thrown as they are.
 * Undefined where the cache cannot be written, or the file alone is larger than the cache may be; `onRefusal` is told.
 */
export async function keep(
  cache: ReplayCache,
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  onRefusal: (reason: string) => void,
): Promise<string | undefined> {
  const { directory, limitBytes } = cache;
  const path = join(directory, name);
  const staging = join(directory, `${name}.${process.pid}-${threadId}.part`);
  try {
    await mkdir(directory, { recursive: true });
    await pipeline(
      Readable.from(upTo(limitBytes, bytes), { objectMode: false }),
      createWriteStream(staging),
    );
    await rename(staging, path);
    await dropOldest(cache, name);
    return path;
  } catch (error) {
    await rm(staging, { force: true }).catch(() => undefined);
    const isRefusal =
      error instanceof CacheFull || (error as NodeJS.ErrnoException).syscall !== undefined;
    if (!isRefusal) throw error;
    onRefusal((error as Error).message);
    return undefined;
  }
}

class CacheFull extends Error {}

async function* upTo(
  limitBytes: number,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > limitBytes)
      throw new CacheFull(`it takes more than the ${limitBytes} bytes of the cache`);
    yield chunk;
  }
}

/** What the cache holds. */
export async function keptFiles(
  cache: ReplayCache,
): Promise<
  readonly { readonly name: string; readonly sizeBytes: number; readonly usedMs: number }[]
> {
  const names = await readdir(cache.directory).catch(() => []);
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith('.tlt') || name.endsWith('.part'))
      .map(async (name) => {
        const found = await stat(join(cache.directory, name)).catch(() => undefined);
        return found && { name, sizeBytes: found.size, usedMs: found.mtimeMs };
      }),
  );
  return files.filter((file) => file !== undefined);
}

/** A file that somebody has open can still be read to its end after it is gone from the directory. */
async function dropOldest(cache: ReplayCache, justKept: string): Promise<void> {
  const files = [...(await keptFiles(cache))].sort((a, b) => a.usedMs - b.usedMs);
  let sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  for (const file of files) {
    if (sizeBytes <= cache.limitBytes) return;
    if (file.name === justKept) continue;
    await rm(join(cache.directory, file.name), { force: true });
    sizeBytes -= file.sizeBytes;
  }
}
