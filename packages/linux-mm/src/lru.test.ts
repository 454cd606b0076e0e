import { expect, test } from 'vitest';

import { activeMemoryBp } from './lru.ts';
import { tinyKernel } from './tiny-kernel.testing.ts';

test('active are the two youngest generations of every node, or the active lists', () => {
  const kernel = tinyKernel({ fast: 2000, slow: 2000 }, 100);
  expect(activeMemoryBp(kernel)).toBe(0); // nothing is mapped
  const [fast, slow] = kernel.generations;
  Object.assign(fast, { minSeq: 4, maxSeq: 7 });
  Object.assign(slow, { minSeq: 4, maxSeq: 6 });
  fast.pages.set([100, 200, 300, 400]); // 700 of 1,000
  slow.pages.set([200, 100, 200]); // 300 of 500
  // 1,000 of 1,500.
  expect(activeMemoryBp(kernel)).toBe(6666);

  const classic = tinyKernel({ fast: 2000, slow: 2000 }, 100, { lru_gen_enabled: false });
  Object.assign(classic.classic[0], { activePages: 30, inactivePages: 10 });
  Object.assign(classic.classic[1], { activePages: 0, inactivePages: 10 });
  expect(activeMemoryBp(classic)).toBe(6000);
});
