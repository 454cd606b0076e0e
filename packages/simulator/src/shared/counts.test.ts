import { randomShares } from '@tierlab/core';
import { expect, test } from 'vitest';
import { createSharedCounts } from './counts.ts';

/** Accesses that stay on a few pages for a while, in ids in the order of first touch; now and then all of them are to other pages. */
function drawDwelling(random: () => number, known: number, length: number): Uint32Array {
  let pageCount = known;
  const page = new Uint32Array(length);
  const home = [0, 0, 0];
  let changeShare = 0;
  for (let i = 0; i < length; i++) {
    if (i % 256 === 0) changeShare = random() < 0.1 ? 1 : 0.15 * random();
    const at = Math.floor(home.length * random());
    if (random() < changeShare) home[at] = Math.floor((pageCount + 1) * random() ** 2);
    pageCount = Math.max(pageCount, home[at] + 1);
    page[i] = home[at];
  }
  return page;
}

// What a piece of few pages is counted by differs from the second one on. Beyond 65,536 pages they take 32 bits.
test.each([
  { name: 'few', known: 1 },
  { name: 'more than 16 bits can tell', known: 70_000 },
])(
  'what is counted of pages, $name, and served to runs, is that of one access after the other',
  ({ known }) => {
    let densePieces = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const random = randomShares(seed);
      const length = 20_000;
      const page = drawDwelling(random, known, length);
      const write = Uint8Array.from(page, () => (random() < 0.3 ? 1 : 0));
      const pageCount = Math.max(...page) + 1;
      const counts = createSharedCounts(3, 1, {
        accesses: true,
        writes: true,
        touches: false,
        steady: false,
      });
      const numbers = new Float64Array(pageCount);
      counts.show({ length, page, write, newPageFirst: 0, newPageNumber: numbers }, pageCount);
      const far = Array.from({ length: pageCount }, (_, id) => {
        const runs = [0, 1, 63].filter(() => random() < 0.5);
        for (const run of runs) counts.place(run, id, 1);
        return runs;
      });
      const expected = new Map<number, [number, number]>();
      for (let from = 0; from < length;) {
        const to = Math.min(length, from + 1 + Math.floor(9000 * random()));
        counts.count(from, to);
        if (counts.isDense()) densePieces++;
        const served: number[] = Array.from({ length: 128 }, () => 0);
        let reads = 0;
        for (let i = from; i < to; i++) {
          const [accesses, writes] = expected.get(page[i]) ?? [0, 0];
          expected.set(page[i], [accesses + 1, writes + write[i]]);
          for (const run of far[page[i]]) served[64 * write[i] + run]++;
          reads += 1 - write[i];
        }
        const { of, ...sums } = counts.serve();
        expect(sums).toEqual({ reads, writes: to - from - reads });
        expect([...of]).toEqual(served);
        walkIsTheSame(counts, page, write, far, from, to);
        from = to;
      }
      const touched = counts.touched!.subarray(0, counts.touchedCount);
      const found = [...touched].map((id) => [id, [counts.accesses![id], counts.writes![id]]]);
      expect(found).toEqual([...expected]);
    }
    expect(densePieces).toBeGreaterThan(10);
  },
);

/** A run that stops in the midst of the piece has been served what it accessed until then. */
function walkIsTheSame(
  counts: ReturnType<typeof createSharedCounts>,
  page: Uint32Array,
  write: Uint8Array,
  far: readonly (readonly number[])[],
  from: number,
  to: number,
): void {
  const costNs = Float64Array.of(1, 2, 5, 7);
  const pace = { clockNs: 100, nextNs: 100 + 2 * (to - from), faultNs: 0, costNs };
  const { reached, clockNs, served } = counts.walk(63, from, to, pace, Infinity);
  const expected = [0, 0, 0, 0];
  let ns = 100;
  let i = from;
  for (; i < to && ns < pace.nextNs; i++) {
    const kind = (far[page[i]].includes(63) ? 2 : 0) + write[i];
    expected[kind]++;
    ns += costNs[kind];
  }
  expect({ reached, clockNs, served: [...served] }).toEqual({
    reached: i,
    clockNs: ns,
    served: expected,
  });
}
