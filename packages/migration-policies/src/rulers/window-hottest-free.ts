import type { MigrationPolicy } from '@tierlab/policy';
import { windowPlacement } from '../placement/window-placement.ts';

/** The hottest pages of each epoch are in the fastest tier when it begins, at no cost. */
export const windowHottestFree: MigrationPolicy = windowPlacement({
  name: 'window-hottest-free',
  doc: 'Before each epoch, its hottest pages are in the fastest tier, at no cost: no policy that acts once an epoch serves more accesses from there.',
  relaxes: ['moveCost'],
});
