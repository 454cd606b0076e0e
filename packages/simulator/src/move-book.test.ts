import { randomShares } from '@tierlab/core';
import { expect, test } from 'vitest';
import { createMoveBook } from './move-book.ts';
import { createRunBooks } from './shared/run-books.ts';

// A step is 1/256 ns where the window is short: dates of a book that can hold 3000 end every few moves.
test.each([undefined, 3000])(
  'a book says what a list of all moves does, on its own or beside others, whatever dates it can hold (%s)',
  (dateMax) => {
    let sums = { pingPong: 0, wasted: 0, unpaid: 0 };
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomShares(seed);
      const windowNs = 4 * random();
      const windowSteps = Math.floor(windowNs * 256);
      const together = createRunBooks();
      const books = [
        createMoveBook(windowNs, dateMax),
        together.of(3, windowNs, dateMax),
        together.of(63, windowNs, dateMax),
      ];
      const pageCount = 3 + Math.floor(200 * random());
      const tally = new Uint32Array(pageCount);
      const moves: { page: number; step: number; due: number; accessed: number }[] = [];
      let timeNs = 0;
      const [due, other] = [Math.floor(4 * random()), -1];
      for (let i = 0; i < 60; i++) {
        timeNs += random() ** 4 * 20;
        for (let k = 0; k < 50; k++) tally[Math.floor(pageCount * random())]++;
        const count = Math.floor(90 * random() ** 2);
        const pages = Uint32Array.from({ length: count }, () => Math.floor(pageCount * random()));
        const others = pages.map(() => Math.floor(pageCount * random()));
        const step = Math.floor(timeNs * 256);
        for (let k = 0; k < count; k++) {
          moves.push({ page: pages[k], step, due, accessed: tally[pages[k]] });
          moves.push({ page: others[k], step, due: other, accessed: tally[others[k]] });
        }
        if (random() < 0.5) {
          const swaps = { pages, others, from: 0, to: count };
          for (const book of books) {
            book.judgeSwaps(swaps, timeNs, due, other, { tally, accesses: undefined });
          }
          continue;
        }
        for (let k = 0; k < count; k++) {
          for (const book of books) {
            book.judge(pages[k], timeNs, due, tally[pages[k]]);
            book.judge(others[k], timeNs, other, tally[others[k]]);
          }
        }
      }
      const last = new Map<number, (typeof moves)[number]>();
      const expected = [0, 0, 0, 0];
      for (const move of moves) {
        const before = last.get(move.page);
        last.set(move.page, move);
        if (before === undefined) continue;
        const back = before.due >= 0 !== move.due >= 0;
        if (back && move.step - before.step <= windowSteps) expected[move.due >= 0 ? 1 : 0]++;
        const owed = before.due > 0 && before.accessed + before.due > move.accessed;
        if (move.due < 0 && owed) expected[2]++;
      }
      for (const { page, due: owed, accessed } of last.values()) {
        if (owed > 0 && accessed + owed > tally[page]) expected[3]++;
      }
      for (const book of books) {
        const outcome = book.outcome((page) => tally[page]);
        expect(Object.values(outcome), `seed ${seed}`).toEqual(expected);
      }
      sums = {
        pingPong: sums.pingPong + expected[0] + expected[1],
        wasted: sums.wasted + expected[2],
        unpaid: sums.unpaid + expected[3],
      };
    }
    expect(sums.pingPong).toBeGreaterThan(1000);
    expect(sums.wasted).toBeGreaterThan(100);
    expect(sums.unpaid).toBeGreaterThan(100);
  },
);
