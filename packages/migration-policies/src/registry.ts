import { byName } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { autonuma } from './linux/autonuma.ts';
import { bind } from './linux/bind.ts';
import { damonLruSort } from './linux/damon-lru-sort.ts';
import { damonReclaim } from './linux/damon-reclaim.ts';
import { damonTier } from './linux/damon-tier.ts';
import { linuxNumaBalancing } from './linux/linux-numa-balancing.ts';
import { linuxTiering08 } from './linux/linux-tiering-0.8.ts';
import { preferred } from './linux/preferred.ts';
import { tpp } from './linux/tpp.ts';
import { decayedFrequency } from './research/decayed-frequency.ts';
import { hemem } from './research/hemem.ts';
import { kleioHistory } from './research/kleio-history.ts';
import { memtisNs } from './research/memtis-ns.ts';
import { allFast } from './rulers/all-fast.ts';
import { allSlow } from './rulers/all-slow.ts';
import { arc } from './rulers/arc.ts';
import { beladyExclusive } from './rulers/belady-exclusive.ts';
import { clock } from './rulers/clock.ts';
import { fifo } from './rulers/fifo.ts';
import { interleave } from './rulers/interleave.ts';
import { lfu } from './rulers/lfu.ts';
import { lowerBound } from './rulers/lower-bound.ts';
import { lru } from './rulers/lru.ts';
import { optimum } from './rulers/optimum.ts';
import { s3Fifo } from './rulers/s3-fifo.ts';
import { sieve } from './rulers/sieve.ts';
import { staticHottest } from './rulers/static-hottest.ts';
import { stayPut } from './rulers/stay-put.ts';
import { twoQ } from './rulers/two-q.ts';
import { wTinyLfu } from './rulers/w-tinylfu.ts';
import { weightedInterleave } from './rulers/weighted-interleave.ts';
import { windowHottestFree } from './rulers/window-hottest-free.ts';
import { windowHottest } from './rulers/window-hottest.ts';

/** Every policy of this package by its name. */
export const migrationPolicies: ReadonlyMap<string, MigrationPolicy> = byName([
  allFast,
  allSlow,
  arc,
  autonuma,
  beladyExclusive,
  bind,
  clock,
  damonLruSort,
  damonReclaim,
  damonTier,
  decayedFrequency,
  fifo,
  hemem,
  interleave,
  kleioHistory,
  lfu,
  linuxNumaBalancing,
  linuxTiering08,
  lowerBound,
  lru,
  memtisNs,
  optimum,
  preferred,
  s3Fifo,
  sieve,
  staticHottest,
  stayPut,
  tpp,
  twoQ,
  wTinyLfu,
  weightedInterleave,
  windowHottest,
  windowHottestFree,
]);
