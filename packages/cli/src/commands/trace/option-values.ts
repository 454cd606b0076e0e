import { parseQuantity } from '@tierlab/firmware/file';
import type { CacheLevel } from '@tierlab/trace';

import { CliError } from '../../errors.ts';

/** Options of the `tierlab trace` commands, as the command line gives them. */
export interface TraceCommandOptions extends Readonly<Record<string, unknown>> {
  readonly json?: boolean;
  readonly html?: string;
  readonly codec?: 'archive' | 'replay';
  readonly to?: 'tlt' | 'lackey' | 'text';
  readonly cache: readonly string[];
  readonly touchInterval?: string;
  readonly cut?: string;
  readonly window?: string;
  readonly sample?: string;
  readonly seed?: string;
  readonly hugePages?: boolean;
  readonly lines?: string;
}

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

/** Reads the count, at least `min`, that `option` was given. Throws `CLI_BAD_OPTION`. */
export function parseCount(option: string, text: string, min: number = 0): number {
  if (/^\d{1,15}$/.test(text) && Number(text) >= min) return Number(text);
  throw new CliError('CLI_BAD_OPTION', `${option} ${text}: expected a count, at least ${min}`);
}

/** Reads `SIZE:WAYS`. Throws `CLI_BAD_OPTION` and `FIRMWARE_BAD_QUANTITY`. */
export function parseLevel(text: string): CacheLevel {
  const [, size, ways] = /^(.+):(\d{1,4})$/.exec(text) ?? [];
  if (size === undefined || ways === undefined) {
    throw new CliError('CLI_BAD_OPTION', `--cache ${text}: expected SIZE:WAYS, as 2MiB:16`);
  }
  return { sizeBytes: parseQuantity('size', size), ways: Number(ways) };
}
