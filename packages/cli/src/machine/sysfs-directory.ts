import { readFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

import type { SysfsReader } from '@tierlab/firmware/sysfs';

/** The files of a sysfs snapshot in a directory, or of `/sys` itself. */
export function sysfsFromDirectory(directory: string): SysfsReader {
  return {
    list: (path) => orUndefined(readdir(join(directory, path))),
    read: (path) => orUndefined(readFile(join(directory, path), 'utf8')),
    link: (path) => orUndefined(readlink(join(directory, path))),
  };
}

/** A file that is not there, or that the kernel does not let be read, says nothing. */
async function orUndefined<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch {
    return undefined;
  }
}
