import { byName } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { kleioHistory } from './research/kleio-history.ts';
import { allFast } from './rulers/all-fast.ts';
import { allSlow } from './rulers/all-slow.ts';
import { stayPut } from './rulers/stay-put.ts';

/** Every policy of this package by its name. */
export const migrationPolicies: ReadonlyMap<string, MigrationPolicy> = byName([
  allFast,
  allSlow,
  kleioHistory,
  stayPut,
]);
