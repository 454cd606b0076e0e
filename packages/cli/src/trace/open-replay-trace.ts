import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

import { contentHash } from '@tierlab/core';
import { openTlt, packTrace, writeTlt, type AccessBlock, type TltFile } from '@tierlab/trace';

import type { CommandContext } from '../context.ts';
import { version } from '../version.ts';
import { openTraceFile, type OpenedTrace } from './open-trace-file.ts';
import { findKept, keep, replayCache } from './replay-cache.ts';
import type { GivenTraceOptions } from './trace-options.ts';
import { watchedTrace } from './watched-trace.ts';

/** Smaller files are read as quickly as their replay form would be found. */
const KEPT_BYTES_MIN = 1 << 16;

/**
 * Opens a trace that is to be replayed, perhaps often: its replay form is made when it is first opened, and kept in the
 * user's cache under the hash of its content and of how it is read. Whether it is kept changes no block of it.
 *
 * Throws what {@link openTraceFile} throws, and the codes of the trace's content. A cache that cannot be used is said on
 * stderr, and the trace is read itself.
 */
export async function openReplayTrace(
  path: string,
  options: GivenTraceOptions,
  useCache: boolean,
  context: CommandContext,
): Promise<OpenedTrace> {
  const opened = await openTraceFile(path, options);
  const direct = { ...opened, trace: packTrace(opened.trace) };
  const sha256 = path === '-' ? undefined : await opened.sha256();
  if (sha256 === undefined) return direct;
  if (options.format === undefined || options.format === 'tlt') {
    const replay = await openReplayFile(path);
    if (replay !== undefined)
      return { ...fromReplay(replay), sha256: () => Promise.resolve(sha256) };
  }
  if (!useCache || statSync(path).size < KEPT_BYTES_MIN) return direct;

  const cache = replayCache();
  const name = `${sha256}-${contentHash({ version, ...options }).slice(0, 16)}.tlt`;
  const refused = (reason: string): void => {
    context.stderr.write(`${path}: not kept for the next replay: ${reason}\n`);
  };
  const bytes = (): AsyncIterable<Uint8Array> =>
    writeTlt(watchedTrace(opened, path, context, 'prepare'), { codec: 'replay' });
  const kept = await findKept(cache, name);
  let file = kept === undefined ? undefined : await openReplayFile(kept);
  if (file === undefined) {
    const made = await keep(cache, name, bytes(), refused);
    file = made === undefined ? undefined : await openReplayFile(made);
  }
  return file === undefined
    ? direct
    : { ...fromReplay(file), sha256: () => Promise.resolve(sha256) };
}

/** The whole `.tlt` file in the replay codec at `path`; undefined where it is anything else. */
async function openReplayFile(path: string): Promise<TltFile | undefined> {
  let descriptor: number | undefined;
  try {
    const opened = (descriptor = openSync(path, 'r'));
    const file = await openTlt({
      name: path,
      size: fstatSync(opened).size,
      read(offset, length, into = new Uint8Array(length)) {
        return Promise.resolve(into.subarray(0, readSync(opened, into, 0, length, offset)));
      },
    });
    // Open until the process ends: the file may be gone from the cache before it is read again.
    if ((await file.codec()) === 'replay') return file;
  } catch {
    // Not whole, or not a .tlt file: its reader says what is wrong with it.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

function fromReplay(file: TltFile): Pick<OpenedTrace, 'trace' | 'shareRead'> {
  let accesses = 0;
  async function* blocks(): AsyncIterable<AccessBlock> {
    accesses = 0;
    for await (const block of file.blocks()) {
      accesses += block.length;
      yield block;
    }
  }
  return {
    trace: { declaration: file.declaration, blocks },
    shareRead: () => (file.accesses === 0 ? 1 : accesses / file.accesses),
  };
}
