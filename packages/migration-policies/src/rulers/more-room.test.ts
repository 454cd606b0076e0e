import { placementCostNs } from '@tierlab/core';
import { tinyMemory, replay } from '@tierlab/simulator';
import { createRandom, drawAccesses, traceOf } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { migrationPolicies } from '../registry.ts';

/** What each of these rulers costs with so many pages in the fastest node. */
async function costs(seed: number, names: readonly string[]): Promise<readonly number[][]> {
  const random = createRandom(seed);
  const accesses = drawAccesses(random, { pagesMax: 40, accessesMax: 800 });
  const byRoom: number[][] = [];
  for (let room = 1; room <= accesses.pageCount; room += 1 + Math.floor(accesses.pageCount / 6)) {
    const memory = tinyMemory([
      { pages: room, latencyNs: 100 },
      { pages: accesses.pageCount + 1, latencyNs: 300 },
    ]);
    const row: number[] = [];
    for (const name of names) {
      const policy = migrationPolicies.get(name)!;
      const settings = { movePage: 100 };
      row.push(
        placementCostNs(await replay({ policy, memory, settings, trace: traceOf(accesses) })),
      );
    }
    byRoom.push(row);
  }
  return byRoom;
}

test('more room in the fastest tier never makes a ruler that plans ahead dearer', async () => {
  const names = ['optimum', 'static-hottest'];
  let cheaper = 0;
  for (let seed = 1; seed <= 15; seed++) {
    const byRoom = await costs(seed, names);
    for (let i = 1; i < byRoom.length; i++) {
      names.forEach((name, k) => {
        expect(byRoom[i][k], `${name}, seed ${seed}`).toBeLessThanOrEqual(byRoom[i - 1][k]);
        if (byRoom[i][k] < byRoom[i - 1][k]) cheaper++;
      });
      // The best placement that may move is never dearer than the best one that may not.
      expect(byRoom[i][0], `seed ${seed}`).toBeLessThanOrEqual(byRoom[i][1]);
    }
  }
  expect(cheaper).toBeGreaterThan(50);
});
