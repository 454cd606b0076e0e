import { count, type GivenParam } from '@tierlab/policy';
import { expect, test } from 'vitest';

import { skewedTrace, swapHot, twoTiers } from '../test/small-experiment.ts';
import { inProcessExecutor } from './executor.ts';
import { expandExperiment } from './matrix.ts';
import type { RunPoints } from './plan-request.ts';
import { memoryStore } from './store.ts';
import { runSweep } from './sweep.ts';
import type { TraceWindow } from './trace-window.ts';
import { tunePolicy, type TuneRequest } from './tune.ts';

const run: RunPoints = (experiment, points) =>
  runSweep({ points, store: memoryStore(), executors: [inProcessExecutor(experiment)] });

const request: TuneRequest = {
  trace: skewedTrace('skewed', { length: 40_000, pages: 100, skew: 5 }),
  machine: twoTiers,
  capacities: { 0: 30 * 4096 },
  // One page an epoch is too careful by default.
  policy: { ...swapHot, params: { pages: count({ default: 1, doc: 'Pages swapped.' }) } },
  params: { pages: [0, 1, 2, 4, 8, 16] },
  budget: 20,
  seeds: [1, 2],
  settings: { epochAccesses: 250, movePage: '0 ns', shootdown: '0 ns' },
  tool: { name: 'test', version: '1' },
};

/** The best of all values on a part of the trace, without a search. */
async function quickest(windows: readonly TraceWindow[]): Promise<GivenParam> {
  const { machine, policy, params, seeds, settings, tool, capacities } = request;
  const experiment = {
    traces: windows.map((window) => ({ ...request.trace, window })),
    machines: [machine],
    policies: [{ policy, params }],
    capacities: [capacities ?? {}],
    seeds,
    ...(settings && { settings }),
    tool,
  };
  const points = expandExperiment(experiment);
  const records = await run(experiment, points);
  const timeOf = (pages: GivenParam): number =>
    records.reduce(
      (sum, { totals }, i) => (points[i].params['pages'] === pages ? sum + totals.timeNs : sum),
      0,
    );
  return params['pages'].toSorted((a, b) => timeOf(a) - timeOf(b))[0];
}

test('with budget for everything the best of all values is found, and holds on what was held out', async () => {
  const { tried, best, proof, exhaustive, train, heldOut } = await tunePolicy(request, run);
  expect(exhaustive).toBe(true);
  expect(train).toHaveLength(14);
  expect(heldOut.map((window) => window.start)).toEqual(
    [28, 30, 32, 34, 36, 38].map((k) => k * 1000),
  );
  expect(tried).toHaveLength(7);
  expect(tried.map((each) => each.meanTimeNs)).toEqual(
    tried.map((each) => each.meanTimeNs).toSorted((a, b) => a - b),
  );
  expect(best).toEqual({ pages: await quickest(train) });
  expect(tried.at(-1)?.params).toEqual({ pages: 0 });
  expect(proof).toMatchObject({
    policy: expect.stringMatching(/^swap-hot\(pages=\d+\)$/) as string,
    other: 'swap-hot',
    verdict: 'quicker',
  });
  expect(proof?.pairs).toBeGreaterThanOrEqual(6);
});

test('no more than the budget is tried, and the walk to the best needs less than everything', async () => {
  let choices = 0;
  const counting: RunPoints = (experiment, points) => {
    if ((points[0].window?.start ?? 0) < 28_000) choices += points.length / (14 * 2);
    return run(experiment, points);
  };
  const { tried, exhaustive } = await tunePolicy({ ...request, budget: 4 }, counting);
  expect(tried).toHaveLength(4);
  expect(choices).toBe(4);
  expect(exhaustive).toBe(false);
  expect(tried.some(({ params }) => Object.keys(params).length === 0)).toBe(true);
});

const refused = (change: Partial<TuneRequest>) => tunePolicy({ ...request, ...change }, run);

test('what cannot be searched is refused', async () => {
  await expect(refused({ budget: 1 })).rejects.toThrow('budget 1');
  await expect(refused({ heldOut: 1 })).rejects.toThrow('held-out part 1');
  await expect(refused({ params: {} })).rejects.toThrow('no parameter');
  await expect(refused({ params: { nothing: [1, 2] } })).rejects.toThrow('no parameter "nothing"');
});
