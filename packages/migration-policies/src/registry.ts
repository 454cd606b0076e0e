import { byName } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { kleioHistory } from './research/kleio-history.ts';
import { allFast } from './rulers/all-fast.ts';
import { allSlow } from './rulers/all-slow.ts';
import { arc } from './rulers/arc.ts';
import { clock } from './rulers/clock.ts';
import { fifo } from './rulers/fifo.ts';
import { lfu } from './rulers/lfu.ts';
import { lru } from './rulers/lru.ts';
import { s3Fifo } from './rulers/s3-fifo.ts';
import { sieve } from './rulers/sieve.ts';
import { stayPut } from './rulers/stay-put.ts';
import { twoQ } from './rulers/two-q.ts';
import { wTinyLfu } from './rulers/w-tinylfu.ts';

/** Every policy of this package by its name. */
export const migrationPolicies: ReadonlyMap<string, MigrationPolicy> = byName([
  allFast,
  allSlow,
  arc,
  clock,
  fifo,
  kleioHistory,
  lfu,
  lru,
  s3Fifo,
  sieve,
  stayPut,
  twoQ,
  wTinyLfu,
]);
