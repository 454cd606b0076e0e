import type { MigrationPolicy } from '@tierlab/policy';
import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { createRandom } from './random.ts';

/**
 * Accesses that found their page in a fastest tier of `capacity` pages, as a cache would count them:
 * a first touch is a miss, also where it finds a free page.
 */
export async function cacheHits(
  policy: MigrationPolicy,
  numbers: ArrayLike<number>,
  capacity: number,
): Promise<number> {
  const distinct = new Set(Array.from(numbers)).size;
  const { totals } = await replay({
    trace: numberTrace(numbers, () => false, 1000),
    memory: tinyMemory([
      { pages: capacity, latencyNs: 100 },
      { pages: distinct, latencyNs: 300 },
    ]),
    policy,
  });
  return totals.nodes[0].reads - Math.min(capacity, distinct);
}

/** A replacement algorithm written to be read: counts the hits of a cache. */
export type ReferenceCache = (numbers: readonly number[], capacity: number) => number;

/** A case in which a policy and its reference differ, or undefined. */
export async function findCacheDifference(
  policy: MigrationPolicy,
  reference: ReferenceCache,
  cases: number,
): Promise<string | undefined> {
  for (let seed = 1; seed <= cases; seed++) {
    const random = createRandom(seed);
    const numbers = drawReferences(random);
    const capacity = 1 + Math.floor(random() * 40);
    const expected = reference(numbers, capacity);
    const found = await cacheHits(policy, numbers, capacity);
    if (found !== expected) {
      return `seed ${seed}, ${numbers.length} accesses, ${capacity} pages: ${found} hits, expected ${expected}`;
    }
  }
  return undefined;
}

/** Page numbers with skew, loops and scans, of up to 1500 accesses. */
function drawReferences(random: () => number): number[] {
  const pageCount = 2 + Math.floor(random() * 100);
  const skew = 1 + 3 * random();
  const numbers: number[] = [];
  const length = 10 + Math.floor(random() * 1500);
  while (numbers.length < length) {
    const kind = random();
    const burst = 1 + Math.floor(random() * 60);
    const start = Math.floor(random() * pageCount);
    for (let i = 0; i < burst; i++) {
      if (kind < 0.7) numbers.push(Math.floor(pageCount * random() ** skew));
      else if (kind < 0.9) numbers.push((start + i) % pageCount);
      else numbers.push((start + (i % 3)) % pageCount);
    }
  }
  return numbers.slice(0, length);
}
