import { randomShares } from '@tierlab/core';
import { expect, test } from 'vitest';
import { far, near, policyOf } from '../policy-of.testing.ts';
import { replay } from '../replay.ts';
import { numberTrace, tinyMemory } from '../tiny.ts';

type Random = () => number;

/** Ids in the order of first touch, as a trace has them. */
function firstTouchIds(numbers: readonly number[]): Uint32Array {
  const idOf = new Map<number, number>();
  return Uint32Array.from(numbers, (number) => {
    const id = idOf.get(number) ?? idOf.size;
    idOf.set(number, id);
    return id;
  });
}

/** Accesses that stay on one to eight pages for a while, and now and then go anywhere. */
function drawDwelling(random: Random, pageCount: number, length: number): number[] {
  const numbers: number[] = [];
  const anyPage = (): number => Math.floor(pageCount * random());
  let home = [anyPage()];
  let changeShare = 0.05;
  while (numbers.length < length) {
    if (random() < 0.01) home = Array.from({ length: 1 + Math.floor(8 * random()) }, anyPage);
    if (random() < 0.002) changeShare = random() < 0.7 ? 0.2 * random() : 1;
    const at = Math.floor(home.length * random());
    if (random() < changeShare) home[at] = anyPage();
    numbers.push(home[at]);
  }
  return numbers;
}

/** What each epoch is told, `page*accesses` in the order of first touch in it, counted one by one. */
function epochsOf(page: Uint32Array, epochAccesses: number): string[] {
  const epochs: string[] = [];
  for (let from = 0; from + epochAccesses <= page.length; from += epochAccesses) {
    const count = new Map<number, number>();
    for (const id of page.subarray(from, from + epochAccesses)) {
      count.set(id, (count.get(id) ?? 0) + 1);
    }
    epochs.push([...count].map(([id, accesses]) => `${id}*${accesses}`).join(' '));
  }
  return epochs;
}

// With more than 65,535 pages mapped, pages are compared in lanes of 32 bits.
test.each([
  { name: 'few pages', before: 0, seeds: 25, timed: false },
  { name: 'few pages, by a clock', before: 0, seeds: 25, timed: true },
  { name: 'more pages than 16 bits can tell', before: 66_000, seeds: 4, timed: false },
])('counts of accesses that dwell on pages, of $name', async ({ before, seeds, timed }) => {
  let moved = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const random = randomShares(seed);
    const pageCount = 100 + Math.floor(3000 * random());
    const numbers = [
      ...Array.from({ length: before }, (_, i) => i),
      ...drawDwelling(random, before + pageCount, 30_000),
    ];
    const writes = numbers.map(() => random() < 0.3);
    let now = 0;
    const time = Float64Array.from(numbers, () => (now += Math.floor(900 * random() ** 4)));
    const epochAccesses = 50 + Math.floor(5000 * random());
    const told: string[] = [];
    const policy = policyOf(['accesses'], (context) => ({
      epoch({ touched, touchedCount, accesses }) {
        const pages = [...touched.subarray(0, touchedCount)];
        told.push(pages.map((page) => `${page}*${accesses[page]}`).join(' '));
        for (const page of pages.slice(0, 20)) {
          context.moves.request(page, context.random() < 0.5 ? near : far);
        }
      },
    }));
    const request = {
      trace: numberTrace(numbers, (i) => writes[i], 7000, timed ? time : undefined),
      policy,
      memory: tinyMemory([
        { pages: 40 + Math.floor(pageCount * random()), latencyNs: 90, writeLatencyNs: 120 },
        { pages: before + pageCount + 8, latencyNs: 250, writeLatencyNs: 410 },
      ]),
      settings: { epochAccesses, intervalLength: 20_000 + Math.floor(900_000 * random()) },
      seed,
    };
    const record = await replay(request);
    expect(told, `seed ${seed}`).toEqual(epochsOf(firstTouchIds(numbers), epochAccesses));
    expect(record, `seed ${seed}`).toEqual(await replay({ ...request, interpreted: true }));
    moved += record.totals.movedRequests;
  }
  expect(moved).toBeGreaterThan(10 * seeds);
});
