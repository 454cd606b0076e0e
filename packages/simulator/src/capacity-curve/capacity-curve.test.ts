import { randomShares } from '@tierlab/core';
import { generateTrace } from '@tierlab/trace';
import type { AccessTrace } from '@tierlab/trace';
import { expect, test } from 'vitest';
import { letterTrace, numberTrace } from '../index.ts';
import { capacityCurve } from './capacity-curve.ts';
import { createPlainStackDistances } from './plain-stack-distances.ts';
import { createStackDistances } from './stack-distances.ts';

/** Hits of an LRU cache, by a list whose head is the page used last. */
function lruHits(pages: readonly number[], frames: number): number {
  const list: number[] = [];
  let hits = 0;
  for (const page of pages) {
    const at = list.indexOf(page);
    if (at >= 0) {
      hits++;
      list.splice(at, 1);
    }
    list.unshift(page);
    if (list.length > frames) list.pop();
  }
  return hits;
}

test('distances of a trace worked by hand', async () => {
  //   access:    a  b  b  c  a  b  c  c
  //   distance:  -  -  0  -  2  2  2  0
  const curve = await capacityCurve(letterTrace('abbcabcc'));
  expect([0, 1, 2, 3, 9].map((frames) => curve.hitShare(frames) * 8)).toEqual([0, 2, 2, 5, 5]);
  expect(curve).toMatchObject({ accesses: 8, pages: 3 });
});

test('every capacity has the hits of a direct replay', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = randomShares(seed);
    const pageCount = 1 + Math.floor(60 * random());
    const skew = 1 + 3 * random();
    const pages: number[] = [];
    while (pages.length < 600) {
      const start = Math.floor(pageCount * random() ** skew);
      const scan = random() < 0.1 ? 20 : 1;
      for (let i = 0; i < scan; i++) pages.push((start + i) % pageCount);
    }
    const curve = await capacityCurve(
      numberTrace(pages, () => false, 1 + Math.floor(200 * random())),
    );
    for (let frames = 0; frames <= pageCount + 1; frames++) {
      expect(curve.hitShare(frames) * pages.length, `seed ${seed}, ${frames} frames`).toBeCloseTo(
        lruHits(pages, frames),
        6,
      );
    }
  }
});

test('the kernel agrees with the tree, also when tables grow and positions are renumbered', () => {
  // 150,000 positions hold 8192 pages four times over: they are renumbered again and again, and
  // pages beyond 8192 make the tables grow.
  for (const [pageCount, accesses] of [
    [50, 200_000],
    [9000, 150_000],
    [40_000, 300_000],
  ]) {
    const random = randomShares(pageCount);
    const idOf = new Map<number, number>();
    const page = Uint32Array.from({ length: accesses }, () => {
      const drawn = Math.floor(pageCount * random() ** 2);
      if (!idOf.has(drawn)) idOf.set(drawn, idOf.size);
      return idOf.get(drawn)!;
    });
    const plain = createPlainStackDistances(accesses);
    const kernel = createStackDistances();
    for (let from = 0; from < accesses; from += 70_001) {
      const block = page.subarray(from, from + 70_001);
      plain.add(block, block.length, idOf.size);
      kernel.add(block, block.length, Math.max(...block) + 1);
    }
    expect(kernel.histogram()).toEqual(plain.histogram());
  }
});

test('distances of pages by turns up and down, with more positions than any one counter is for', () => {
  // pages:       0  1  2  2  1  0  0  1  2 ...
  // distance:    -  -  -  0  1  2  0  1  2 ...
  const pageCount = 1_100_000;
  const rounds = 6;
  const up = Uint32Array.from({ length: pageCount }, (_, i) => i);
  const down = up.toReversed();
  const distances = createStackDistances();
  for (let round = 0; round < rounds; round++) {
    distances.add(round % 2 === 0 ? up : down, pageCount, pageCount);
  }
  expect(distances.histogram().every((count) => count === rounds - 1)).toBe(true);
});

test('distances that occur more often than a byte can hold', () => {
  const distances = createStackDistances();
  distances.add(new Uint32Array(70_001), 70_001, 1);
  expect([...distances.histogram()]).toEqual([70_000]);
});

test('a sample of the pages is as near as it says, and within half a percent', async () => {
  for (const spec of [
    'zipf:pages=200Ki,theta=0.99,accesses=1M,seed=1',
    'zipf:pages=160Ki,theta=0.7,accesses=1M,seed=2',
  ]) {
    const exact = await capacityCurve(generateTrace(spec));
    const sampled = await capacityCurve(generateTrace(spec), 0.05);
    let beyond = 0;
    for (let i = 1; i <= 100; i++) {
      const frames = (exact.pages * i) / 100;
      const error = Math.abs(sampled.hitShare(frames) - exact.hitShare(frames));
      expect(error, `${spec}, ${frames} frames`).toBeLessThan(0.005);
      if (error > sampled.sample!.error(frames)) beyond++;
    }
    // Two standard errors of four values: one in seven is beyond them by chance, neighbours alike.
    expect(beyond).toBeLessThan(50);
    expect(sampled.sample!.pages / exact.pages).toBeCloseTo(0.05, 2);
  }
});

test('what a sample or a curve cannot say is refused', async () => {
  const trace = letterTrace('abcabc');
  await expect(capacityCurve(trace, 0.1)).rejects.toMatchObject({ code: 'SIM_SMALL_SAMPLE' });
  await expect(capacityCurve(trace, 2)).rejects.toMatchObject({ code: 'SIM_BAD_SETTING' });
  const counted: AccessTrace = {
    ...trace,
    declaration: { ...trace.declaration, samplePeriod: 100 },
  };
  await expect(capacityCurve(counted)).rejects.toMatchObject({ code: 'SIM_BAD_TRACE' });
});
