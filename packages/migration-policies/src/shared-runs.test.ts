import { TOUCH_SIGNALS } from '@tierlab/policy';
import { numberTrace, replay, replayMany, tinyMemory, type RunRequest } from '@tierlab/simulator';
import {
  createRandom,
  drawAccesses,
  drawMemory,
  drawParams,
  drawSettings,
  nodesMaxFor,
  traceOf,
} from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { migrationPolicies } from './index.ts';

const CASES = Number(process.env['SHARED_RUN_CASES'] ?? 12);

/** Those that solve the whole trace before they run take too long here. */
const names = [...migrationPolicies.entries()].flatMap(([name, { signals }]) =>
  signals.includes('wholeTrace') ? [] : [name],
);
const sharing = [
  'decayed-frequency',
  'kleio-history',
  'window-hottest',
  'static-hottest',
  'stay-put',
  'weighted-interleave',
  'preferred',
  'linux-numa-balancing',
  'tpp',
  'damon-tier',
];

test('runs that share a pass have the records of runs on their own, whatever the others are', async () => {
  let moved = 0;
  let judged = 0;
  for (let seed = 1; seed <= CASES; seed++) {
    const random = createRandom(seed);
    const timed = random() < 0.3;
    const accesses = drawAccesses(random, { pagesMax: 600, accessesMax: 12_000 });
    const { time, ...untimed } = accesses;
    const drawn = timed ? accesses : untimed;
    const trace = traceOf(drawn, 1 + Math.floor(9000 * random()));
    const often = random() < 0.3;
    const settings = {
      ...drawSettings(random, timed && time !== undefined, false),
      ...(!often && { intervalLength: 1e6, epochAccesses: 1500 + Math.floor(3000 * random()) }),
    };
    const requests = Array.from({ length: 3 + Math.floor(70 * random() ** 4) }, (): RunRequest => {
      const choice = random() < 0.8 ? sharing : names;
      const policy = migrationPolicies.get(choice[Math.floor(choice.length * random())])!;
      return {
        policy,
        params: drawParams(random, policy),
        memory: drawMemory(random, drawn.pageCount, false, nodesMaxFor(policy)),
        settings: random() < 0.8 ? settings : { ...settings, epochAccesses: 400 },
        seed: 1 + Math.floor(3 * random()),
      };
    });
    const together = await replayMany(trace, requests);
    for (const [i, request] of requests.entries()) {
      const { name } = request.policy;
      expect(together[i], `seed ${seed}, run ${i}: ${name}`).toEqual(
        await replay({ ...request, trace }),
      );
      moved += together[i].totals.movedRequests;
      judged += together[i].totals.moveOutcome?.wastedPromotionPages ?? 0;
    }
  }
  expect(moved).toBeGreaterThan(50 * CASES);
  expect(judged).toBeGreaterThan(CASES);
});

test('so do those that hear of touches, over seconds of ticks, scans and faults', async () => {
  // An access takes about 10 us, so that few of them see seconds go by.
  const random = createRandom(3);
  const numbers = Array.from({ length: 150_000 }, () => Math.floor(1500 * random() ** 3));
  const trace = numberTrace(numbers, (i) => i % 5 === 0);
  const touching = [...migrationPolicies.values()].filter(({ signals }) =>
    signals.some((signal) => TOUCH_SIGNALS.includes(signal)),
  );
  const watermarks = { minPages: 4, lowPages: 8, highPages: 12, promoPages: 16 };
  const requests = touching.flatMap((policy): RunRequest[] =>
    [150, 500, 1000].map((pages) => ({
      policy,
      memory: tinyMemory([
        { pages, latencyNs: 90, watermarks },
        { pages: 2000, latencyNs: 250, watermarks },
      ]),
      settings: { memoryParallelism: 0.01 },
    })),
  );
  const together = await replayMany(trace, requests);
  for (const [i, request] of requests.entries()) {
    expect(together[i], `run ${i}: ${request.policy.name}`).toEqual(
      await replay({ ...request, trace }),
    );
  }
  const sum = (counter: string): number =>
    together.reduce((total, { vmstat }) => total + (vmstat[counter] ?? 0), 0);
  expect(sum('pgdemote_kswapd')).toBeGreaterThan(100);
  expect(sum('pgpromote_success')).toBeGreaterThan(100);
  expect(sum('numa_hint_faults')).toBeGreaterThan(1000);
});
