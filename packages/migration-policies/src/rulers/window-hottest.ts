import type { MigrationPolicy } from '@tierlab/policy';
import { windowPlacement } from '../placement/window-placement.ts';

/** The hottest pages of each epoch are in the fastest tier when it begins; moves are charged. */
export const windowHottest: MigrationPolicy = windowPlacement({
  name: 'window-hottest',
  doc: 'Before each epoch, its hottest pages are moved into the fastest tier, and the moves are charged: what perfect prediction is worth with its churn.',
  relaxes: [],
});
