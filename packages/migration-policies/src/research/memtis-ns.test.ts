import type { WatchedMove } from '@tierlab/core';
import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { memtisNs } from './memtis-ns.ts';

/**
 * Moves of a run in which every load is a sample and comes every ten microseconds, node 0 holds ten pages, the lists are
 * looked at every ten milliseconds. `loads` are page numbers by the thousand loads.
 */
async function movesOf(
  loads: readonly number[],
  params: Record<string, string | number> = {},
): Promise<readonly WatchedMove[]> {
  const pagesFirst = Array.from({ length: 20 }, (_, page) => page);
  const numbers = [...pagesFirst, ...loads.flatMap((page) => Array<number>(1000).fill(page))];
  const { watched = [] } = await replay({
    trace: numberTrace(
      numbers,
      undefined,
      65_536,
      Float64Array.from(numbers, (_, i) => i * 10_000),
    ),
    memory: tinyMemory([
      { pages: 10, latencyNs: 1 },
      { pages: 40, latencyNs: 3 },
    ]),
    policy: memtisNs,
    params: {
      htmm_sample_period: 1,
      htmm_adaptation_period: 2500,
      htmm_cooling_period: 1_000_000,
      htmm_promotion_period: '10 ms',
      htmm_demotion_period: '10 ms',
      headroom_min: '0 B',
      ...params,
    },
    settings: { sample: '0 ns', fault: '0 ns' },
    watchedPages: pagesFirst,
  });
  return watched;
}

const to = (moves: readonly WatchedMove[], node: number): number[] =>
  moves.filter((move) => move.to === node).map(({ page }) => page);

test('pages whose samples put them in the hottest bins move up, and those in colder bins make room', async () => {
  // Pages 0 to 9 are first touched on node 0. Two of the others are loaded a thousand times each, twice.
  const moves = await movesOf([15, 16, 15, 16, 15, 16]);
  expect(new Set(to(moves, 0))).toEqual(new Set([15, 16]));
  for (const page of to(moves, 1)) expect(page).toBeLessThan(10);
  expect(moves.find((move) => move.to === 0)?.why).toMatch(/^bin 15, hot from \d+$/);
});

test('no page moves where all that are used are in the fast tier', async () => {
  expect(await movesOf([1, 2, 3, 1, 2, 3])).toEqual([]);
});
