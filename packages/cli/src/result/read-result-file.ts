import { statSync } from 'node:fs';
import { join } from 'node:path';

import { readResult, type Result } from '@tierlab/report';

import { readInputFile } from '../files/read-file.ts';

/**
 * The result at `path`: a folder that `tierlab compare --out` wrote, or a `runs.json`, a `report.html` or a run record.
 *
 * Throws `CLI_FILE_NOT_FOUND`, `REPORT_NOT_A_RESULT` and `REPORT_NEWER_VERSION`.
 */
export async function readResultFile(path: string): Promise<Result> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(path, 'runs.json') : path;
  return readResult(file, new TextDecoder().decode(await readInputFile(file)));
}
