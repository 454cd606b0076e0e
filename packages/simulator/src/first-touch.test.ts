import { randomShares } from '@tierlab/core';
import { defineMigrationPolicy } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { numberTrace, replay, replayMany, tinyMemory } from './index.ts';
import type { RunRequest } from './index.ts';
import { far } from './policy-of.testing.ts';

/** Notes all that it is told. At each tick it protects what was mapped since the last one, and moves a page. */
function notes(told: string[], many: boolean): MigrationPolicy {
  return defineMigrationPolicy({
    name: 'notes',
    doc: 'For one test.',
    signals: ['allocation', 'pressure', 'hintFaults'],
    create: ({ clock, pages, moves, signals }) => {
      let next = 0;
      const note = (page: number): void => void told.push(`${page}@${pages.nodeOf[page]}`);
      return {
        start: () =>
          void clock.every(20_000, () => {
            told.push('tick');
            if (next > 0) moves.request(next - 1, far);
            for (; next < pages.pageCount; next++) signals.hintFaults.protect(next);
          }),
        pressure: (node, level) => void told.push(`${node} ${level}`),
        hintFault: ({ page, timeNs }) => void told.push(`fault of ${page} at ${timeNs}`),
        mapped: note,
        ...(many && {
          mappedMany(first: number, end: number) {
            told.push(`at most ${clock.nowNs()}`);
            for (let page = first; page < end; page++) note(page);
          },
        }),
      };
    },
  });
}

test.each([1, 2, 3])(
  'whoever is told of many pages at once learns the same before all else (seed %i)',
  async (seed) => {
    const random = randomShares(seed);
    let known = 1;
    const numbers = Array.from({ length: 5000 }, () =>
      random() < 0.2 ? known++ : Math.floor(known * random()),
    );
    const trace = numberTrace(numbers, (i) => i % 3 === 0, 700);
    const watermarks = { minPages: 2, lowPages: 4, highPages: 6, promoPages: 8 };
    const memory = tinyMemory([
      { pages: 300, latencyNs: 80, watermarks },
      { pages: known - 296, latencyNs: 250, watermarks },
    ]);
    const told = Array.from({ length: 4 }, (): string[] => []);
    const requestOf = (i: number): RunRequest => ({
      policy: notes(told[i], i > 0),
      memory,
      settings: { intervalLength: 40_000 },
      seed,
    });
    const oneByOne = await replay({ ...requestOf(0), trace });
    expect(await replay({ ...requestOf(1), trace })).toEqual(oneByOne);
    expect(await replayMany(trace, [requestOf(2), requestOf(3)])).toEqual([oneByOne, oneByOne]);
    const withoutTimes = told.map((all) => all.filter((line) => !line.startsWith('at most')));
    for (const other of withoutTimes.slice(1)) expect(other).toEqual(withoutTimes[0]);
    // It bites: there were faults, moves and pressure, and pages were told of together.
    const [, told1] = told;
    expect(oneByOne.totals.movedRequests).toBeGreaterThan(10);
    expect(told1.some((line) => line.startsWith('fault'))).toBe(true);
    expect(told1.some((line) => line.endsWith(' low'))).toBe(true);
    const times = told1.filter((line) => line.startsWith('at most')).map((line) => line.slice(8));
    expect(times.length).toBeLessThan(known / 2);
    expect(times.map(Number)).toEqual(times.map(Number).toSorted((a, b) => a - b));
  },
);
