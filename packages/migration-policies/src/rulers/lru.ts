import type { MigrationPolicy } from '@tierlab/policy';
import { orderedTiering } from '../cache/exclusive.ts';

/** The page that was not used for the longest time leaves. */
export const lru: MigrationPolicy = orderedTiering({
  name: 'lru',
  doc: 'The fastest tier as a cache: the least recently used page leaves.',
  order: 'recency',
});
