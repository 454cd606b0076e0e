import { randomShares } from '@tierlab/core';
import type { EpochView } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { createDecayedScores } from './decayed-scores.ts';

/** What the policy is shown of an epoch with these accesses by page, touched in this order. */
function viewOf(
  epoch: number,
  counts: readonly number[],
  touched: readonly number[],
): EpochView<'accesses'> {
  return {
    epoch,
    startNs: 0,
    endNs: 0,
    pageCount: counts.length,
    nodeOf: new Uint8Array(counts.length),
    touched: Uint32Array.from(touched),
    touchedCount: touched.length,
    accesses: Uint32Array.from(counts),
  };
}

function bitsOf(words: Uint32Array, length: number): number[] {
  return Array.from({ length }, (_, i) => (words[i >>> 5] >>> (i & 31)) & 1);
}

test('an access counts half as much after a half-life, and bins are powers of two', () => {
  // page:      0    1    2    3      half-life 1 epoch: scores halve at every end
  // epoch 0:   8    2    1    -      8    2    1    0      bins 3 1 0 -
  // epoch 1:   -    2    -    5      4    3    0.5  5      bins 2 1 -1 2
  const scores = createDecayedScores(1, 1);
  scores.follow(viewOf(0, [8, 2, 1], [2, 1, 0]));
  expect([0, 1, 2].map((page) => scores.scoreOf(page))).toEqual([8, 2, 1]);
  expect([...scores.accessed]).toEqual([0, 1, 2]);
  scores.follow(viewOf(1, [0, 2, 0, 5], [3, 1]));
  expect([0, 1, 2, 3].map((page) => scores.scoreOf(page))).toEqual([4, 3, 0.5, 5]);
  expect([...scores.accessed]).toEqual([3, 1]);
  // Pages 0 and 3 fit two frames and are too many for one, which changes nothing; with page 1 they fit three.
  const hot = scores.lowestOf(2);
  const warm = hot - 1;
  expect(scores.lowestOf(3)).toBeLessThanOrEqual(warm);
  expect(scores.lowestOf(4)).toBe(1);
  expect(scores.lowestOf(1)).toBe(hot);
  expect(scores.accessedFrom(hot)).toBe(1);
  expect(scores.accessedFrom(warm)).toBe(2);
  expect(bitsOf(scores.inBins(0, hot, 0), 4)).toEqual([0, 1, 1, 0]);
  expect(bitsOf(scores.inBins(warm, hot, 0), 4)).toEqual([0, 1, 0, 0]);
});

test('an epoch that is shown twice counts once', () => {
  const scores = createDecayedScores(2, 1);
  scores.follow(viewOf(0, [3], [0]));
  scores.follow(viewOf(0, [3], [0]));
  expect(scores.scoreOf(0)).toBe(3);
});

// Numbers are made smaller on the way where there are more half-lives than an exponent has room for.
test.each([0.5, 1, 3])(
  'scores, bins and orders are those of decay at every epoch, with a half-life of %d epochs',
  (halfLife) => {
    const random = randomShares(7);
    const scores = createDecayedScores(halfLife, 3);
    const plain: number[] = [];
    let starts = 0;
    for (let epoch = 0; epoch < 70; epoch++) {
      const pageCount = Math.min(5000, plain.length + Math.floor(300 * random()));
      const few = random() < 0.3;
      const counts = Array.from({ length: pageCount }, () => {
        const isAccessed = random() < (few ? 0.01 : 0.4);
        return isAccessed ? 1 + Math.floor(40 * random() ** 4) : 0;
      });
      const touched = counts.flatMap((count, page) => (count > 0 ? [page] : []));
      scores.follow(viewOf(epoch, counts, touched.toReversed()));
      counts.forEach((count, page) => {
        plain[page] = (plain[page] ?? 0) * 2 ** (-1 / halfLife) + count;
      });
      const wrong = plain.filter((score, page) => Math.abs(scores.scoreOf(page) - score) > 0.01);
      expect(wrong).toEqual([]);
      // The hottest that fit are hotter than all others, and none of the others' bins fits as well.
      const room = Math.floor(pageCount * random());
      const hot = scores.lowestOf(room);
      const cold = scores.parts.flatMap((part, i) => bitsOf(scores.inBins(0, hot, i), part.length));
      const hotScores = Array.from(cold.keys()).filter((page) => cold[page] === 0);
      expect(hotScores.length <= room || scores.lowestOf(0) === hot).toBe(true);
      const least = hotScores.reduce((min, page) => Math.min(min, scores.scoreOf(page)), Infinity);
      const hottestCold = cold.reduce(
        (max, bit, page) => (bit === 1 ? Math.max(max, scores.scoreOf(page)) : max),
        -1,
      );
      expect(hottestCold).toBeLessThan(least);
      const next = scores.parts.flatMap((part, i) =>
        bitsOf(scores.inBins(hot - 1, hot, i), part.length),
      );
      const nextCount = next.reduce((sum, bit) => sum + bit, 0);
      expect(hot === 1 || hotScores.length + nextCount > room).toBe(true);
      // Those of the epoch, hottest bin first.
      expect([...scores.accessed].toSorted((a, b) => a - b)).toEqual(touched);
      const hotAccessed = scores.accessed.subarray(0, scores.accessedFrom(hot));
      expect(hotAccessed.every((page) => cold[page] === 0)).toBe(true);
      expect(hotAccessed.length).toBe(touched.filter((page) => cold[page] === 0).length);
      if (hotAccessed.length > 1 && hotAccessed[0] > hotAccessed[1]) starts++;
    }
    // Not always from the first page on.
    expect(starts).toBeGreaterThan(5);
  },
);
