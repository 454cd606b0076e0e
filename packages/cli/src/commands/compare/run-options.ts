import type { GivenSettings } from '@tierlab/simulator';

import { CliError } from '../../errors.ts';

/** Reads `1,2,3`. Throws `CLI_BAD_OPTION`. */
export function parseSeeds(text: string): readonly number[] {
  return text.split(',').map((part) => {
    if (!/^\s*\d{1,9}\s*$/.test(part)) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--seeds ${text}: expected whole numbers separated by commas, as 1,2,3`,
      );
    }
    return Number(part);
  });
}

/** Reads `NAME=VALUE` each. Throws `CLI_BAD_OPTION`. */
export function parseSettings(given: readonly string[]): GivenSettings {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) {
        throw new CliError(
          'CLI_BAD_OPTION',
          `--setting ${text}: expected NAME=VALUE, as memoryParallelism=8`,
        );
      }
      return [name, value];
    }),
  );
}

/** Reads a whole number of at least `min`. Throws `CLI_BAD_OPTION`. */
export function parseWhole(option: string, text: string, min: number): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < min) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `${option} ${text}: expected a whole number, at least ${min}`,
    );
  }
  return Number(text);
}
