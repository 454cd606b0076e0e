import { createRandom } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { createUseOrder } from './use-order.ts';

test('the order is that of sorting, whatever was forgotten meanwhile', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = createRandom(seed);
    const order = createUseOrder(seed);
    const lastUse: number[] = [];
    for (let epoch = 0; epoch < 30; epoch++) {
      const pageCount = lastUse.length + Math.floor(40 * random());
      while (lastUse.length < pageCount) lastUse.push(0);
      const accesses = Uint32Array.from({ length: pageCount }, () =>
        random() < 0.4 ? Math.floor(9 * random() ** 3) : 0,
      );
      const touched = Uint32Array.from(accesses.keys()).filter((page) => accesses[page] > 0);
      for (const page of touched) lastUse[page] = epoch + 1;
      const view = { epoch, startNs: 0, endNs: 0, pageCount, nodeOf: new Uint8Array(pageCount) };
      order.follow({ ...view, touched, touchedCount: touched.length, accesses });

      expect(order.hottest.toSorted()).toEqual(touched);
      const counts = [...order.hottest].map((page) => accesses[page]);
      expect(counts).toEqual(counts.toSorted((a, b) => b - a));
      const newest = order.segments.findLast(({ use }) => use === epoch + 1)?.pages ?? touched;
      const among = Math.floor(touched.length * random());
      const colder = order.colder(among);
      expect(newest.filter((_, i) => (colder[i >>> 5] >>> (i & 31)) % 2 === 1).toSorted()).toEqual(
        order.hottest.subarray(among).toSorted(),
      );
      const live = order.segments.flatMap(({ pages, live: bits }) =>
        [...pages].filter((_, i) => (bits[i >>> 5] >>> (i & 31)) % 2 === 1),
      );
      for (const { use, pages, live: bits } of order.segments) {
        pages.forEach((page, i) => {
          expect((bits[i >>> 5] >>> (i & 31)) % 2).toBe(order.lastUse[page] === use ? 1 : 0);
        });
      }
      expect(live.length).toBe(pageCount);
      expect(live.map((page) => lastUse[page])).toEqual(lastUse.toSorted((a, b) => a - b));
      expect(new Set(live).size).toBe(pageCount);
    }
  }
});

test('equals are in random order, another in every epoch', () => {
  const order = createUseOrder(7);
  const accesses = new Uint32Array(100).fill(1);
  const touched = Uint32Array.from(accesses.keys());
  const view = { startNs: 0, endNs: 0, pageCount: 100, nodeOf: new Uint8Array(100) };
  const seen = [0, 1, 2].map((epoch) => {
    order.follow({ ...view, epoch, touched, touchedCount: 100, accesses });
    return order.hottest.join(' ');
  });
  expect(new Set([...seen, touched.join(' ')]).size).toBe(4);
});
