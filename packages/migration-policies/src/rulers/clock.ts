import type { MigrationPolicy } from '@tierlab/policy';
import { orderedTiering } from '../cache/exclusive.ts';

/**
 * A page that was referenced since the hand last came by stays for another round.
 *
 * Source: F. J. Corbató, "A Paging Experiment with the Multics System", 1968; one reference bit.
 */
export const clock: MigrationPolicy = orderedTiering({
  name: 'clock',
  doc: 'The fastest tier as a cache: a hand goes round, clears reference bits and takes the first page without one.',
  order: 'second-chance',
});
