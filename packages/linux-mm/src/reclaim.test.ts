import { expect, test } from 'vitest';
import { mapHugePage, mapPage } from './first-touch.ts';
import { isolateFromLru } from './lru.ts';
import { shrinkFolios } from './reclaim.ts';
import { tinyKernel } from './tiny-kernel.testing.ts';

// Marks of the slow node: min 10, low 20, promo 40. Of 15 free pages a base page leaves 14, of 525 a huge page leaves 13.
test.each([
  { folio: 'a base page', huge: false, slowFree: 15, woken: [1] },
  { folio: 'a huge page', huge: true, slowFree: 525, woken: [] },
])('on its way down between low and min, $folio wakes $woken', ({ huge, slowFree, woken }) => {
  const kernel = tinyKernel({ fast: 1000, slow: 1000 }, 512);
  if (huge) mapHugePage(kernel, 0, 0);
  else mapPage(kernel, 0, 0);
  kernel.memory.accessed[0] = 0;
  kernel.memory.zones[1].freePages = slowFree;
  const asked: number[] = [];
  kernel.onKswapdWake = (node) => asked.push(node);

  expect(isolateFromLru(kernel, 0)).toBe(true);
  const pieces = [...shrinkFolios(kernel, 0, [0])];

  expect(pieces.at(-1)?.moved).toBe(1);
  expect(kernel.memory.nodeOf[0]).toBe(1);
  expect(asked).toEqual(woken);
});
