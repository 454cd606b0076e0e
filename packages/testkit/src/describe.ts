import type { MigrationPolicy } from '@tierlab/policy';
import { describe, test } from 'vitest';
import { MIGRATION_CONFORMANCE } from './conformance.ts';

/** Cases that do not apply to a policy, by name, each with the reason why. */
export interface ConformanceSkip {
  readonly reason: string;
  readonly cases: readonly string[];
}

/**
 * Registers the conformance suite for a migration policy with vitest: what every policy's own test
 * file calls, beside what is peculiar to it.
 */
export function describeMigrationPolicy(
  policy: MigrationPolicy,
  options: { readonly skip?: readonly ConformanceSkip[] } = {},
): void {
  describe(`${policy.name} conforms`, () => {
    for (const { name, check } of MIGRATION_CONFORMANCE) {
      const skip = options.skip?.find(({ cases }) => cases.includes(name));
      const title = skip ? `${name} (skipped: ${skip.reason})` : name;
      // oxlint-disable-next-line vitest/valid-title -- it is a string of this function's making
      test.skipIf(skip !== undefined)(title, () => check(policy));
    }
  });
}
