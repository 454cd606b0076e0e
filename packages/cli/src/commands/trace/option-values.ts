import { parseQuantity } from '@tierlab/firmware/file';
import type { CacheLevel } from '@tierlab/trace';

import { CliError } from '../../errors.ts';

/** Reads `FROM..TO` in accesses. Throws `CLI_BAD_OPTION`. */
export function parseWindow(text: string): {
  readonly fromAccess: number;
  readonly toAccess: number;
} {
  const [, from, to] = /^(\d{1,15})\.\.(\d{1,15})$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--window ${text}: expected FROM..TO in accesses, as 1000000..2000000`,
    );
  }
  return { fromAccess: Number(from), toAccess: Number(to) };
}

/** Reads the count that `option` was given. Throws `CLI_BAD_OPTION`. */
export function parseCount(option: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CliError('CLI_BAD_OPTION', `${option} ${text}: expected a count`);
}

/** Reads `SIZE:WAYS`. Throws `CLI_BAD_OPTION` and `FIRMWARE_BAD_QUANTITY`. */
export function parseLevel(text: string): CacheLevel {
  const [, size, ways] = /^(.+):(\d{1,4})$/.exec(text) ?? [];
  if (size === undefined || ways === undefined) {
    throw new CliError('CLI_BAD_OPTION', `--cache ${text}: expected SIZE:WAYS, as 2MiB:16`);
  }
  return { sizeBytes: parseQuantity('size', size), ways: Number(ways) };
}
