import type { MoveOutcome, RunRecord } from '@tierlab/core';
import { defineMigrationPolicy, nodeId } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { letterTrace, numberTrace, replay, replayMany, tinyMemory } from './index.ts';

const [near, far] = [nodeId(0), nodeId(1)];

/** Two accesses in flight: a hit on node 0 saves (180 - 80) / 2 = 50 ns. */
const memory = tinyMemory([
  { pages: 4, latencyNs: 80 },
  { pages: 64, latencyNs: 180 },
]);
const settings = { memoryParallelism: 2, fault: 0, shootdown: 0, copyBandwidth: 1e15 };

/** Moves `page` to `target` before access `at`, for each of `plan`. */
function planned(plan: readonly (readonly [at: number, page: number, target: 0 | 1])[]) {
  return defineMigrationPolicy({
    name: 'planned',
    doc: 'Moves what the test says, when it says it.',
    signals: ['accessStream', 'allocation'],
    create: ({ moves }) => ({
      allocate: () => [far],
      block({ start, length, replayThrough }) {
        for (const [at, page, target] of plan) {
          if (at < start || at >= start + length) continue;
          if (at > start) replayThrough(at - start - 1);
          moves.request(page, target === 0 ? near : far);
        }
      },
    }),
  });
}

const outcomeOf = async (
  letters: string,
  policy: MigrationPolicy,
  more: Readonly<Record<string, number | string>> = {},
): Promise<MoveOutcome | undefined> => {
  const record = await replay({
    trace: letterTrace(letters),
    memory,
    policy,
    settings: { ...settings, movePage: 100, ...more },
  });
  return record.totals.moveOutcome;
};

// A move takes 100 ns and the 4 ps of its copy: three hits of 50 ns pay for it, two do not.
//   access   0 1 2 3 4 5 6 7
//   page     a b a a a a b a
test.each([
  [
    'two hits, then demoted: wasted',
    [
      [2, 0, 0],
      [4, 0, 1],
    ],
    { wasted: 1, unpaid: 0, down: 1 },
  ],
  [
    'three hits, then demoted: paid',
    [
      [2, 0, 0],
      [5, 0, 1],
    ],
    { wasted: 0, unpaid: 0, down: 1 },
  ],
  [
    'no hit of its own: wasted',
    [
      [2, 1, 0],
      [4, 1, 1],
    ],
    { wasted: 1, unpaid: 0, down: 1 },
  ],
  ['one hit before the end: unpaid', [[6, 1, 0]], { wasted: 0, unpaid: 1, down: 0 }],
  ['five hits before the end: paid', [[2, 0, 0]], { wasted: 0, unpaid: 0, down: 0 }],
  [
    'promoted again: each promotion is judged by its own hits',
    [
      [2, 0, 0],
      [3, 0, 1],
      [4, 0, 0],
      [7, 0, 1],
    ],
    { wasted: 2, unpaid: 0, down: 2, up: 1 },
  ],
] as const)('%s', async (_, plan, expected) => {
  expect(await outcomeOf('abaaaaba', planned(plan))).toEqual({
    wastedPromotionPages: expected.wasted,
    unpaidPromotionPages: expected.unpaid,
    promotedThenDemotedPages: expected.down,
    demotedThenPromotedPages: 'up' in expected ? expected.up : 0,
  });
});

test('a move is ping-pong to the end of the window, and not after it', async () => {
  const plan = planned([
    [2, 0, 0],
    [4, 0, 1],
  ]);
  const times = await Promise.all(
    [80, 79].map((pingPongWindow) => outcomeOf('abaaaa', plan, { pingPongWindow })),
  );
  // Two hits of 80 / 2 ns lie between the moves.
  expect(times.map((outcome) => outcome?.promotedThenDemotedPages)).toEqual([1, 0]);
});

test('what costs nothing, or brings a page no nearer, is not judged', async () => {
  const free = { ...planned([[1, 0, 0]]), relaxes: ['moveCost'] as const };
  expect((await outcomeOf('ab', free))?.unpaidPromotionPages).toBe(0);
  const equal = tinyMemory([
    { pages: 4, latencyNs: 100 },
    { pages: 64, latencyNs: 100 },
  ]);
  const { totals } = await replay({
    trace: letterTrace('ab'),
    memory: equal,
    policy: planned([[1, 0, 0]]),
    settings,
  });
  expect(totals.moveOutcome?.unpaidPromotionPages).toBe(0);
});

/** Moves a page here or there before about one access in nine. */
const restless = defineMigrationPolicy({
  name: 'restless',
  doc: 'Moves pages at random.',
  signals: ['accessStream', 'allocation'],
  create: ({ moves, random }) => ({
    allocate: () => [random() < 0.5 ? near : far],
    block({ page, length, replayThrough }) {
      for (let i = 0; i < length; i++) {
        replayThrough(i);
        if (random() < 1 / 9)
          moves.request(page[Math.floor(random() * i)], random() < 0.5 ? near : far);
      }
    },
  }),
});

/** The outcome from the log of all moves and the accesses of the trace, in the words of its definition. */
function recomputed(
  record: RunRecord,
  pages: readonly number[],
  hitsDue: number,
  windowNs: number,
): MoveOutcome {
  const moves = record.watched ?? [];
  const between = (page: number, from: number, to: number): number =>
    pages.slice(from, to).filter((each) => each === page).length;
  const outcome = {
    promotedThenDemotedPages: 0,
    demotedThenPromotedPages: 0,
    wastedPromotionPages: 0,
    unpaidPromotionPages: 0,
  };
  moves.forEach((move, i) => {
    const next = moves.slice(i + 1).find(({ pageNumber }) => pageNumber === move.pageNumber);
    const promoted = move.to === 0;
    const hits = between(move.pageNumber, move.access, next?.access ?? pages.length);
    if (promoted && hits < hitsDue)
      outcome[next ? 'wastedPromotionPages' : 'unpaidPromotionPages']++;
    if (next && next.timeNs - move.timeNs <= windowNs)
      outcome[promoted ? 'promotedThenDemotedPages' : 'demotedThenPromotedPages']++;
  });
  return outcome;
}

test('runs that share a pass are each as their own log of moves says', async () => {
  const pages = Array.from({ length: 3000 }, (_, i) => ((i * i) % 97) % 30);
  const roomy = tinyMemory([
    { pages: 40, latencyNs: 80 },
    { pages: 64, latencyNs: 180 },
  ]);
  const requests = [1, 2, 3].map((seed) => ({
    memory: roomy,
    policy: restless,
    seed,
    watchedPages: Array.from({ length: 30 }, (_, number) => number),
    settings: { ...settings, movePage: 220, pingPongWindow: 900 },
  }));
  // Blocks of 64 accesses: promotions begin in one and are judged in another.
  const records = await replayMany(
    numberTrace(pages, () => false, 64),
    requests,
  );
  for (const record of records) {
    const expected = recomputed(record, pages, 5, 900);
    expect(record.totals.moveOutcome).toEqual(expected);
    for (const count of Object.values(expected)) expect(count).toBeGreaterThan(0);
  }
});
