import { defineMigrationPolicy } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';

/** Every page in the fastest tier, as if it were large enough and never busy. */
export const allFast: MigrationPolicy = defineMigrationPolicy({
  name: 'all-fast',
  doc: 'Every page in the fastest tier, as if it were large enough and never busy: the bound that slowdowns are measured against.',
  signals: ['allocation'],
  relaxes: ['capacity', 'contention'],
  create: ({ memory }) => ({ allocate: () => memory.tiers[0] }),
});
