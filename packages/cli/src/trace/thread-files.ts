import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { CliError } from '../errors.ts';

/**
 * The files of a folder that DynamoRIO's drmemtrace wrote, one a thread, in the order of their names: those of its
 * folder `trace`, or its own.
 *
 * Throws `CLI_FILE_NOT_FOUND` where it has none.
 *
 * Source: DynamoRIO clients/drcachesim/tracer/raw2trace.h, TRACE_SUBDIR, TRACE_SUFFIX.
 */
export function threadFiles(folder: string): readonly string[] {
  const inner = join(folder, 'trace');
  const from = existsSync(inner) ? inner : folder;
  const names = readdirSync(from).filter((name) => THREAD_FILE.test(name));
  if (names.length > 0) return names.sort().map((name) => join(from, name));
  const hint = existsSync(join(folder, 'raw'))
    ? 'it has a raw trace only; convert that with drraw2trace first'
    : 'name the file of a trace, or the folder that drmemtrace wrote';
  throw new CliError('CLI_FILE_NOT_FOUND', `${folder}: no thread's trace in this folder; ${hint}`);
}

// Not the schedules, which lie beside them: cpu_schedule.bin.zip, serial_schedule.bin.gz.
const THREAD_FILE = /\.(mem)?trace(\.(zip|gz|sz|lz4|zst))?$/;
