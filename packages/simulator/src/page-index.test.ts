import { randomShares } from '@tierlab/core';
import { expect, test } from 'vitest';
import { numberTrace, replay, tinyMemory } from './index.ts';
import { policyOf } from './policy-of.testing.ts';

test('pages are found by number however many came since the last search', async () => {
  const random = randomShares(5);
  const numbers = Array.from({ length: 3000 }, () => Math.floor(1000 * random()));
  let searches = 0;
  const watch = policyOf(['allocation'], ({ pages }) => ({
    mapped() {
      if (random() < 0.9) return;
      searches++;
      const known = Array.from({ length: pages.pageCount }, (_, page) => page);
      const sorted = known.toSorted((a, b) => pages.pageNumber[a] - pages.pageNumber[b]);
      const from = Math.floor(500 * random());
      const inRange = sorted.filter((page) => pages.pageNumber[page] >= from);
      expect([...pages.inRange(0, from, 2000)]).toEqual(inRange);
      for (const page of known) expect(pages.at(0, pages.pageNumber[page])).toBe(page);
      expect([pages.at(0, 1000), pages.at(0, -1)]).toEqual([undefined, undefined]);
    },
  }));
  const memory = tinyMemory([{ pages: 1000, latencyNs: 80 }]);
  await replay({ trace: numberTrace(numbers), memory, policy: watch });
  expect(searches).toBeGreaterThan(50);
});
