import { expect, test } from 'vitest';
import type { Kernel } from '../kernel.ts';
import { isolateFromLru } from '../lru.ts';
import { tailOf } from '../page-lists.ts';
import { tinyKernel, touchAll } from '../tiny-kernel.testing.ts';
import type { KernelVersion } from '../versions.ts';
import { moveRegion } from './move-region.ts';

/** 300 pages, all of them on the slow node, and `freePages` on the fast one, whose marks are 10, 20, 30 and 40. */
function slowKernel(freePages: number, version: KernelVersion = '6.18'): Kernel {
  const settings = { lru_gen_enabled: false, kernel: version };
  const kernel = tinyKernel({ fast: 100, slow: 1000 }, 300, settings);
  const [fast] = kernel.memory.zones;
  fast.freePages = 0;
  touchAll(kernel);
  fast.freePages = freePages;
  return kernel;
}

const onFast = (kernel: Kernel): number[] =>
  [...kernel.space.pageAt].filter((page) => kernel.memory.nodeOf[page] === 0);

/** Pages of a node's inactive list, the next to be reclaimed first. */
function inactive(kernel: Kernel, node: number): number[] {
  const { lists } = kernel.memory;
  const order: number[] = [];
  for (let page = tailOf(lists, kernel.classic[node].inactiveList); page >= 0;) {
    order.push(page);
    const entry = lists.previous[lists.listCount + page];
    page = entry < lists.listCount ? -1 : entry - lists.listCount;
  }
  return order;
}

test('the highest address goes first, and the first page without room ends it', () => {
  const kernel = slowKernel(15);
  const woken: number[] = [];
  kernel.onKswapdWake = (node) => woken.push(node);
  const region = Array.from({ length: 12 }, (_, i) => 100 + i);

  // More than 10 have to be free. The per-CPU list takes 1, 2, then 4 pages: 15, 14, 12 and 12 before the first four
  // pages, 111 to 108, and 8 before the fifth.
  expect(moveRegion(kernel, region, 0)).toEqual({ movedPages: 4, keptPages: 8 });
  expect(onFast(kernel)).toEqual([108, 109, 110, 111]);
  expect(woken).toEqual([0]); // below the low mark from the start
  // migrate_pages gives up at the first that fails: those below it are not tried, and not counted.
  expect(kernel.memory.vmstat).toMatchObject({ pgmigrate_success: 4, pgmigrate_fail: 1 });
});

test('what moved joins the LRU of the target in the order in which it moved, the rest its own, the lowest first', () => {
  const kernel = slowKernel(15);
  const before = inactive(kernel, 1);
  expect(before).toEqual(Array.from({ length: 300 }, (_, page) => page));
  moveRegion(kernel, [100, 101, 102, 103, 104, 105, 106, 107], 0);
  expect(inactive(kernel, 0)).toEqual([107, 106, 105, 104]);
  const others = before.filter((page) => page < 100 || page > 107);
  expect(inactive(kernel, 1)).toEqual([...others, 100, 101, 102, 103]);
});

// A traced 6.12 moved 6,794 pages of a region in one go, though the fast node had room for a few hundred, and none at all of
// the next region, of which the first page found no room.
test('until 6.17, once one found room, those that find none are moved to other frames of their node', () => {
  const kernel = slowKernel(15, '6.12');
  const before = inactive(kernel, 1);
  const region = Array.from({ length: 12 }, (_, i) => 100 + i);
  expect(moveRegion(kernel, region, 0)).toEqual({ movedPages: 12, keptPages: 0 });
  expect(onFast(kernel)).toEqual([108, 109, 110, 111]);
  const others = before.filter((page) => page < 100 || page > 111);
  expect(inactive(kernel, 1)).toEqual([...others, 107, 106, 105, 104, 103, 102, 101, 100]);
  expect(kernel.memory.vmstat).toMatchObject({ pgmigrate_success: 12, pgmigrate_fail: 0 });

  expect(moveRegion(kernel, [20, 21], 0)).toEqual({ movedPages: 0, keptPages: 2 });
  expect(kernel.memory.vmstat).toMatchObject({ pgmigrate_success: 12, pgmigrate_fail: 1 });
});

test('with room for all nothing fails and no kswapd is woken', () => {
  const kernel = slowKernel(60);
  kernel.onKswapdWake = () => expect.unreachable();
  expect(moveRegion(kernel, [7, 8, 9], 0)).toEqual({ movedPages: 3, keptPages: 0 });
  expect(onFast(kernel)).toEqual([7, 8, 9]);
  expect(kernel.memory.vmstat.pgmigrate_fail).toBe(0);
});

test('a page that is off its LRU already is left alone', () => {
  const kernel = slowKernel(60);
  isolateFromLru(kernel, 8);
  expect(moveRegion(kernel, [7, 8, 9], 0)).toEqual({ movedPages: 2, keptPages: 0 });
  expect(onFast(kernel)).toEqual([7, 9]);
});
