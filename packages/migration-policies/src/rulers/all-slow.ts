import { defineMigrationPolicy } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';

/** Every page in the slowest tier, as if it were large enough. */
export const allSlow: MigrationPolicy = defineMigrationPolicy({
  name: 'all-slow',
  doc: 'Every page in the slowest tier, as if it were large enough: what tiering must at least beat.',
  signals: ['allocation'],
  relaxes: ['capacity'],
  create: ({ memory }) => ({ allocate: () => memory.tiers.at(-1) }),
});
