import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import type { WatchedMove } from '@tierlab/core';
import { expect, test } from 'vitest';
import { hemem } from './hemem.ts';

/**
 * Moves of a run in which every access is a sample, an access comes every microsecond and a pass every ten. A capital
 * letter writes. Node 0 holds `fastPages`.
 */
async function movesOf(
  letters: string,
  params: Record<string, string | number> = {},
  fastPages = 1,
): Promise<readonly WatchedMove[]> {
  const numbers = Array.from(letters.toLowerCase(), (letter) => letter.charCodeAt(0) - 97);
  const time = Float64Array.from(numbers, (_, i) => i * 1000);
  const { watched = [] } = await replay({
    trace: numberTrace(numbers, (i) => /[A-Z]/.test(letters[i]), 65_536, time),
    memory: tinyMemory([
      { pages: fastPages, latencyNs: 1 },
      { pages: 4, latencyNs: 3 },
    ]),
    policy: hemem,
    params: {
      sample_period: 1,
      hot_read_threshold: 3,
      hot_write_threshold: 2,
      interval: '10 us',
      ...params,
    },
    settings: { sample: '0 ns', fault: '0 ns' },
    watchedPages: [0, 1, 2],
  });
  return watched;
}

const shown = (moves: readonly WatchedMove[]): string[] =>
  moves.map(({ page, to, access }) => `${'abc'[page]} to ${to} after ${access}`);

test('a page of slow memory whose samples reach the threshold takes the place of a cold one', async () => {
  // a is mapped on node 0. In the first ten accesses b is loaded twice, then three times.
  expect(await movesOf('abbcccaaaa'.padEnd(25, 'c'), { hot_read_threshold: 20 })).toEqual([]);
  const moves = await movesOf('abbb'.padEnd(25, 'c'), { hot_read_threshold: 3 });
  expect(shown(moves).slice(0, 2)).toEqual(['a to 1 after 10', 'b to 0 after 10']);
  expect(moves.slice(0, 2).map(({ why }) => why)).toEqual([
    'longest in the cold list of its tier; made room for page 1',
    'first in the hot list: 3 sampled loads and 0 stores at clock 0',
  ]);
});

test('stores have a threshold of their own', async () => {
  const loads = { hot_read_threshold: 100 };
  expect(await movesOf('abbB'.padEnd(25, 'a'), loads)).toEqual([]);
  expect(shown(await movesOf('aBB'.padEnd(25, 'c'), loads))).toEqual([
    'a to 1 after 10',
    'b to 0 after 10',
  ]);
});

test('a hot page is never evicted for another, until it has cooled', async () => {
  const rivals = 'aaaaab'.padEnd(10, 'a') + 'b'.repeat(30);
  expect(await movesOf(rivals, { cooling_threshold: 1000 })).toEqual([]);
  // b has 11 loads after 20 accesses, and 11 again, of which 5 are halved ones, after 26: the clock ticks twice. The 9
  // loads of a are 4 after the first tick, which is hot, and 2 after the second.
  expect(shown(await movesOf(rivals, { cooling_threshold: 10 }))).toEqual([
    'a to 1 after 30',
    'b to 0 after 30',
  ]);
});

test('a pass moves up at most its cap, first come first', async () => {
  // Nobody loads a and b after the first ten accesses; c and d become hot in this order, in the second ten.
  const letters = 'abccdccddd'.padEnd(35, 'c');
  expect(shown(await movesOf(letters, { migrate_cap: '0 B' }, 2))).toEqual([]);
  const one = await movesOf(letters, { migrate_cap: '4 KiB' }, 2);
  expect(shown(one)).toEqual(['a to 1 after 10', 'c to 0 after 10', 'b to 1 after 20']);
  const all = await movesOf(letters, {}, 2);
  expect(shown(all)).toEqual(['a to 1 after 10', 'c to 0 after 10', 'b to 1 after 10']);
});
