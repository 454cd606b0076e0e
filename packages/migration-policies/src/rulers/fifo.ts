import type { MigrationPolicy } from '@tierlab/policy';
import { orderedTiering } from '../cache/exclusive.ts';

/** The page that came first leaves. */
export const fifo: MigrationPolicy = orderedTiering({
  name: 'fifo',
  doc: 'The fastest tier as a cache: the page that came first leaves.',
  order: 'arrival',
});
