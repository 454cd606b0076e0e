import { defineMigrationPolicy } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';

/** Pages stay where their first touch put them. */
export const stayPut: MigrationPolicy = defineMigrationPolicy({
  name: 'stay-put',
  doc: 'Pages stay where their first touch put them: what a machine does without tiering.',
  create: () => ({}),
});
