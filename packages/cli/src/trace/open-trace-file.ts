import { createHash } from 'node:crypto';
import { statSync, type Stats } from 'node:fs';

import { mergeThreads, openTrace, type AccessTrace } from '@tierlab/trace';

import { fileChunks } from '../files/file-chunks.ts';
import { fileError } from '../files/read-file.ts';
import { threadFiles } from './thread-files.ts';
import type { GivenTraceOptions } from './trace-options.ts';

/** A trace, with what a progress report and a manifest want to know of its file. */
export interface OpenedTrace {
  readonly trace: AccessTrace;
  /** Share of the file's bytes read in the current pass, 0 to 1; undefined for a pipe. */
  readonly shareRead: () => number | undefined;
  /** SHA-256 of the file, hexadecimal; of a folder's files, that of the lines of theirs; undefined for a pipe. */
  readonly sha256: () => Promise<string | undefined>;
}

/**
 * Opens the trace in the file at `path`, or in the folder that drmemtrace wrote; `-` is standard input, which `signal` ends, however long the program that
 * writes to it is silent.
 *
 * Throws `CLI_FILE_NOT_FOUND` and the codes of the trace's format.
 */
export async function openTraceFile(
  path: string,
  options: GivenTraceOptions,
  signal?: AbortSignal,
): Promise<OpenedTrace> {
  if (path === '-') {
    signal?.addEventListener('abort', () => process.stdin.destroy(), { once: true });
    const source = { name: 'standard input', once: true, bytes: () => process.stdin };
    return {
      trace: await openTrace(source, options),
      shareRead: () => undefined,
      sha256: () => Promise.resolve(undefined),
    };
  }
  if (statusOf(path).isDirectory()) return openThreads(threadFiles(path), options);
  return openFile(path, options);
}

/** The threads of a drmemtrace folder in the order of their time stamps, which is the clock that they share. */
async function openThreads(
  paths: readonly string[],
  options: GivenTraceOptions,
): Promise<OpenedTrace> {
  const values = { clock: 'time', ...options.values };
  const files: OpenedTrace[] = [];
  for (const path of paths)
    files.push(await openFile(path, { ...options, format: 'drmemtrace', values }));
  return {
    trace: mergeThreads(files.map(({ trace }) => trace)),
    shareRead: () => files.reduce((sum, file) => sum + (file.shareRead() ?? 0), 0) / files.length,
    async sha256() {
      const hash = createHash('sha256');
      for (const file of files) hash.update(`${await file.sha256()}\n`);
      return hash.digest('hex');
    },
  };
}

async function openFile(path: string, options: GivenTraceOptions): Promise<OpenedTrace> {
  const sizeBytes = statusOf(path).size;
  let readBytes = 0;
  async function* bytes(): AsyncIterable<Uint8Array> {
    readBytes = 0;
    try {
      for await (const chunk of fileChunks(path)) {
        readBytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw (error as NodeJS.ErrnoException).syscall === undefined ? error : fileError(path, error);
    }
  }
  return {
    trace: await openTrace({ name: path, bytes }, options),
    shareRead: () => (sizeBytes === 0 ? 1 : Math.min(1, readBytes / sizeBytes)),
    async sha256() {
      const hash = createHash('sha256');
      for await (const chunk of fileChunks(path)) hash.update(chunk);
      return hash.digest('hex');
    },
  };
}

function statusOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw fileError(path, error);
  }
}
