import { cacheHits, findCacheDifference } from '@tierlab/testkit';
import type { ReferenceCache } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { lru } from './lru.ts';
import { wTinyLfu } from './w-tinylfu.ts';

test('a scan of pages seen once does not displace pages seen often', async () => {
  // 20 hot pages, each round: the hot ones twice, then 200 new pages. LRU loses the hot pages in
  // every scan and hits only the second of two accesses; the sketch keeps the scan out.
  const numbers: number[] = [];
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 40; i++) numbers.push(i % 20);
    for (let i = 0; i < 200; i++) numbers.push(1000 + 200 * round + i);
  }
  expect(await cacheHits(lru, numbers, 30)).toBe(30 * 20);
  const hits = await cacheHits(wTinyLfu, numbers, 30);
  expect(hits).toBeGreaterThan(29 * 40 * 0.95);
  expect(hits).toBeLessThanOrEqual(30 * 40 - 20);
});

test('everything that fits is kept', async () => {
  const numbers = Array.from({ length: 500 }, (_, i) => (i * 7) % 25);
  expect(await cacheHits(wTinyLfu, numbers, 25)).toBe(500 - 25);
});

const without = (list: readonly number[], id: number): number[] =>
  list.filter((other) => other !== id);

/** Pages are hashed by id, which counts them in the order of their first access. */
const reference: ReferenceCache = (numbers, capacity) => {
  const windowMax = Math.max(1, Math.floor(capacity / 100));
  const mainMax = capacity - windowMax;
  const protectedMax = Math.floor(0.8 * mainMax);
  const width = 2 ** Math.ceil(Math.log2(Math.max(16, capacity)));
  // Counts of the sketch by `row slot`; most recent pages are at the end of each queue.
  let counts = new Map<string, number>();
  let requests = 0;
  let [recent, probation, kept] = [[], [], []] as number[][];
  const cells = (id: number): string[] =>
    [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f].map((factor, row) => {
      const product = Number((BigInt(id + 1) * BigInt(factor)) % 2n ** 32n);
      const folded = BigInt(product) ^ (BigInt(product | 0) >> 15n);
      return `${row} ${BigInt.asUintN(32, folded) % BigInt(width)}`;
    });
  const note = (id: number): void => {
    for (const cell of cells(id)) counts.set(cell, Math.min(15, (counts.get(cell) ?? 0) + 1));
    if (++requests % (32 * Math.max(1, mainMax)) > 0) return;
    counts = new Map([...counts].map(([cell, count]) => [cell, Math.floor(count / 2)]));
  };
  const estimate = (id: number): number =>
    Math.min(...cells(id).map((cell) => counts.get(cell) ?? 0));
  const idOf = new Map<number, number>();
  let hits = 0;
  for (const number of numbers) {
    if (!idOf.has(number)) idOf.set(number, idOf.size);
    const id = idOf.get(number)!;
    note(id);
    if (recent.includes(id)) {
      hits++;
      recent = [...without(recent, id), id];
    } else if (kept.includes(id)) {
      hits++;
      kept = [...without(kept, id), id];
    } else if (probation.includes(id)) {
      hits++;
      probation = without(probation, id);
      if (protectedMax === 0) probation.push(id);
      else kept.push(id);
      if (kept.length > protectedMax) probation.push(...kept.splice(0, kept.length - protectedMax));
    } else {
      recent.push(id);
      if (recent.length <= windowMax) continue;
      const candidate = recent.shift()!;
      const isFull = probation.length + kept.length >= mainMax;
      const victims = probation.length > 0 ? probation : kept;
      if (isFull && (victims.length === 0 || estimate(candidate) <= estimate(victims[0]))) continue;
      if (isFull) victims.shift();
      probation.push(candidate);
    }
  }
  return hits;
};

test('hits as often as a straightforward implementation', async () => {
  expect(await findCacheDifference(wTinyLfu, reference, 60)).toBeUndefined();
});
