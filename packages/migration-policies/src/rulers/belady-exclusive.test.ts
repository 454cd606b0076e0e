import { cacheHits, createRandom } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { beladyExclusive } from './belady-exclusive.ts';
import { lru } from './lru.ts';

/** The most hits that any sequence of contents can have, by trying all of them. */
function bestHits(numbers: readonly number[], capacity: number): number {
  let states = new Map<string, { hits: number; held: number[] }>([['', { hits: 0, held: [] }]]);
  for (const page of numbers) {
    const next = new Map<string, { hits: number; held: number[] }>();
    const offer = (held: number[], hits: number): void => {
      const key = held.toSorted((a, b) => a - b).join(' ');
      if ((next.get(key)?.hits ?? -1) < hits) next.set(key, { hits, held });
    };
    for (const { held, hits } of states.values()) {
      if (held.includes(page)) {
        offer(held, hits + 1);
        continue;
      }
      offer(held, hits);
      if (held.length < capacity) offer([...held, page], hits);
      else for (const victim of held) offer([...held.filter((p) => p !== victim), page], hits);
    }
    states = next;
  }
  return Math.max(...[...states.values()].map(({ hits }) => hits));
}

test('hits as often as the best of all sequences of contents', async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = createRandom(seed);
    const pageCount = 2 + Math.floor(random() * 5);
    const numbers = Array.from({ length: 5 + Math.floor(random() * 25) }, () =>
      Math.floor(pageCount * random() ** 1.5),
    );
    const capacity = 1 + Math.floor(random() * 3);
    const hits = await cacheHits(beladyExclusive, numbers, capacity);
    expect(hits, `seed ${seed}: ${numbers.join(' ')}, ${capacity} pages`).toBe(
      bestHits(numbers, capacity),
    );
  }
});

test('hits at least as often as LRU on a longer trace', async () => {
  const random = createRandom(5);
  const numbers = Array.from({ length: 5000 }, () => Math.floor(400 * random() ** 2));
  const hits = await cacheHits(beladyExclusive, numbers, 50);
  expect(hits).toBeGreaterThan((await cacheHits(lru, numbers, 50)) * 1.2);
});
