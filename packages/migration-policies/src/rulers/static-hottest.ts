import { defineMigrationPolicy, hottest } from '@tierlab/policy';
import type { MemoryView, MigrationPolicy } from '@tierlab/policy';
import { fillablePages } from '../placement/tier-capacity.ts';

/**
 * The best placement that never changes: the pages with the most accesses in the whole run are
 * mapped in the fastest tier, the next ones in the next tier, and so on.
 */
export const staticHottest: MigrationPolicy = defineMigrationPolicy({
  name: 'static-hottest',
  doc: 'The best placement that never changes: pages are mapped by their accesses in the whole run, the hottest in the fastest tier.',
  signals: ['runAccesses', 'allocation'],
  create({ memory, signals, random }) {
    const rankOf = rankPages(memory, signals.runAccesses, random);
    return { allocate: ({ page }) => memory.tiers[rankOf[page]] };
  },
});

/** The tier of each page, filled from the fastest one down. */
function rankPages(
  memory: MemoryView,
  accesses: Readonly<Uint32Array>,
  random: () => number,
): Uint8Array {
  const rankOf = new Uint8Array(accesses.length).fill(memory.tiers.length - 1);
  let left = Uint32Array.from(accesses.keys());
  for (let rank = 0; rank < memory.tiers.length - 1; rank++) {
    const room = fillablePages(memory, memory.tiers[rank]);
    for (const page of hottest(accesses, left, left.length, room, random)) rankOf[page] = rank;
    left = left.filter((page) => rankOf[page] !== rank);
  }
  return rankOf;
}
