import { numberTrace } from '@tierlab/simulator';
import { expect, test } from 'vitest';

import { allFast, skewedTrace, stayPut, swapHot, twoTiers } from '../test/small-experiment.ts';
import { crossing, fleetCurve, risesAt } from './capacity-curve.ts';
import { createCostModel } from './cost.ts';
import { inProcessExecutor } from './executor.ts';
import { expandExperiment, type ExperimentPolicy, type ExperimentTrace } from './matrix.ts';
import { changedMachine } from './machine-change.ts';
import { planCapacity } from './plan.ts';
import type { Plan } from './plan-answer.ts';
import type { PlanRequest, RunPoints } from './plan-request.ts';
import { policyName } from './policy-pairs.ts';
import { memoryStore } from './store.ts';
import { runSweep } from './sweep.ts';

const PAGES = 40;
const skewed = skewedTrace('skewed', { length: 3000, pages: PAGES, skew: 6 });
const uniform = skewedTrace('uniform', { length: 3000, pages: PAGES, skew: 0 });
const settings = { epochAccesses: 250, fault: 0, memoryParallelism: 1 };

const run: RunPoints = (experiment, points) =>
  runSweep({
    points,
    store: memoryStore(),
    executors: [inProcessExecutor(experiment)],
    runsPerPass: 100,
  });

function request(
  traces: readonly ExperimentTrace[],
  change: Partial<PlanRequest> = {},
): PlanRequest {
  return {
    workloads: traces.map((trace) => ({ trace })),
    machine: twoTiers,
    dramNode: 0,
    allFast: { policy: allFast },
    policies: [{ policy: stayPut }, { policy: swapHot }],
    slowdownTarget: 1.2,
    seeds: [1, 2, 3, 4, 5],
    settings,
    tool: { name: 'test', version: '1' },
    ...change,
  };
}

/** Slowdown at every number of pages, by geometric mean over the seeds: no search, no intervals. */
async function bruteForce(
  trace: ExperimentTrace,
  policies: readonly ExperimentPolicy[],
  target: number,
): Promise<Map<string, number | undefined>> {
  const sizes = Array.from({ length: Math.round(1.125 * PAGES) }, (_, i) => (i + 1) * 4096);
  const experiment = {
    traces: [trace],
    machines: [twoTiers],
    policies: [{ policy: allFast }, ...policies],
    capacities: sizes.map((size) => ({ 0: size })),
    seeds: [1, 2, 3, 4, 5],
    settings,
    tool: { name: 'test', version: '1' },
  };
  const points = expandExperiment(experiment);
  const records = await run(experiment, points);
  const logTime = (policy: string, size: number): number => {
    const logs = points.flatMap((point, i) =>
      policyName(point) === policy && point.capacities[0] === size
        ? [Math.log(records[i].totals.timeNs)]
        : [],
    );
    return logs.reduce((sum, value) => sum + value, 0) / logs.length;
  };
  const answers = policies.map(({ policy: { name } }): [string, number | undefined] => {
    const meets = sizes.map(
      (size) => Math.exp(logTime(name, size) - logTime('all-fast', size)) <= target,
    );
    return [name, sizes[meets.lastIndexOf(false) + 1]];
  });
  return new Map(answers);
}

test.each([1.15, 1.5])(
  'a slowdown of %d: the answer of a search over every size is within the interval',
  async (slowdownTarget) => {
    const plan = request([skewed], { slowdownTarget });
    const [answer] = await planCapacity(plan, run);
    const expected = await bruteForce(skewed, plan.policies, slowdownTarget);
    for (const { policy, dramBytesLow, dramBytesHigh } of answer.answers) {
      const bytes = expected.get(policy) ?? Number.NaN;
      expect(bytes).toBeGreaterThanOrEqual(dramBytesLow ?? Infinity);
      expect(bytes).toBeLessThanOrEqual(dramBytesHigh ?? -Infinity);
    }
    const [still, swapping] = answer.answers;
    // Moving pages is worth memory here, and nothing varies where nothing moves: that answer is exact.
    expect(swapping.dramBytes).toBeLessThan(still.dramBytes ?? 0);
    expect(still.dramBytes).toBe(expected.get('stay-put'));
  },
);

test('where every page matters alike, tiering saves what the target allows and no more', async () => {
  // Accesses beyond the first touches are uniform: slowdown = 1 + 3 (1 - share), as node 1 is four times as slow.
  const plan = request([uniform], {
    slowdownTarget: 1.3,
    cost: createCostModel(
      { dramPrice: '4 USD/GiB', cxlPrice: '3.9 USD/GiB', server: '1 USD' },
      'slowdown * (server + dram * dramPrice + cxl * cxlPrice)',
    ),
  });
  const [{ answers, footprintBytes }] = await planCapacity(plan, run);
  expect(footprintBytes).toBe(PAGES * 4096);
  for (const { dramBytes = 0, cost = 0, costAllDram = Infinity, breakEvenPrice } of answers) {
    expect(dramBytes / footprintBytes).toBeGreaterThan(1 - 0.3 / 3 - 0.05);
    expect(dramBytes / footprintBytes).toBeLessThan(1 - 0.3 / 3 + 0.05);
    // A run that takes longer needs more servers: no price of the second tier makes up for it.
    expect(cost).toBeGreaterThan(costAllDram);
    expect(breakEvenPrice).toBeUndefined();
  }
});

test('a fleet weighs its traces, and one of weight next to nothing does not count', async () => {
  const traces = [skewed, uniform];
  const weighted = async (weights: readonly number[]): Promise<number> => {
    const workloads = traces.map((trace, i) => ({ trace, weight: weights[i] }));
    const plans = await planCapacity(
      request([], { workloads, policies: [{ policy: swapHot }], slowdownTarget: 1.5 }),
      run,
    );
    expect(plans.map((plan) => plan.workload)).toEqual(['skewed', 'uniform', 'fleet of 2']);
    const shares = plans.map(
      ({ answers: [answer], footprintBytes }) => (answer.dramBytes ?? 0) / footprintBytes,
    );
    const [low, high] = shares.slice(0, 2).toSorted((a, b) => a - b);
    expect(shares[2]).toBeGreaterThanOrEqual(low);
    expect(shares[2]).toBeLessThanOrEqual(high);
    return shares[2] - shares[0];
  };
  expect(await weighted([1e6, 1])).toBeCloseTo(0, 9);
  expect(Math.abs(await weighted([1, 1]))).toBeGreaterThan(0.02);
});

test('the price at which the second tier pays is the one at which both cost the same', async () => {
  const prices = { dramPrice: '4 USD/GiB', cxlPrice: '1 USD/GiB', perNode: '0.000001 USD' };
  // A machine with a second tier needs one more node, and DRAM alone does not.
  const expression = 'dram * dramPrice + cxl * cxlPrice + (cxl > 0 B ? perNode : 0 USD)';
  const [{ answers, sensitivity, footprintBytes }] = await planCapacity(
    request([skewed], {
      policies: [{ policy: swapHot }],
      cost: createCostModel(prices, expression),
    }),
    run,
  );
  const [{ dramBytes = 0, breakEvenPrice = '' }] = answers;
  const pays = Number(breakEvenPrice.split(' ')[0]);
  const cxlGib = (footprintBytes - dramBytes) / 2 ** 30;
  expect(pays).toBeCloseTo(4 - 0.000001 / cxlGib, 2);
  expect(sensitivity.map((line) => line.input)).toEqual([
    'slowdown target',
    'slowdown target',
    'dramPrice',
    'cxlPrice',
    'perNode',
  ]);
});

const never: RunPoints = () => Promise.reject(new Error('ran'));

const refused = (change: Partial<PlanRequest>) => planCapacity(request([skewed], change), never);

test('a request that makes no sense is refused before anything runs', async () => {
  await expect(refused({ slowdownTarget: 0.9 })).rejects.toThrow('slowdown target 0.9');
  await expect(refused({ shares: [0.5, 0] })).rejects.toThrow('shares 0.5, 0');
  await expect(refused({ workloads: [] })).rejects.toThrow('no trace');
  await expect(refused({ breakEvenQuantity: 'x' })).rejects.toThrow('break-even of x');
});

const curve = (text: string) =>
  text.split(' ').map((pair) => {
    const [dramShare, slowdown] = pair.split(':').map(Number);
    return { dramShare, slowdown };
  });

test('a curve that meets the target, misses it and meets it again has met it for good only then', () => {
  const bumpy = curve('0.2:1.5 0.4:1.04 0.6:1.2 0.8:1.03 1:1');
  expect(crossing(bumpy, 1.05, 'slowdown')).toEqual({ below: 0.6, atOrAbove: 0.8 });
  expect(risesAt(bumpy)).toEqual([0.6]);
  expect(crossing(bumpy, 2, 'slowdown')).toEqual({ below: 0, atOrAbove: 0.2 });
  expect(crossing(bumpy, 0.9, 'slowdown')).toEqual({ below: 1 });
  expect(crossing(bumpy, 1.03, 'slowdown')).toEqual({ below: 0.6, atOrAbove: 0.8 });
});

test('a fleet has the sizes that all its curves have', () => {
  const fleet = fleetCurve([curve('0.5:2 0.7:9 1:1'), curve('0.5:1.5 1:1.1')], [3, 1]);
  expect(fleet.map(({ dramShare, slowdown }) => [dramShare, slowdown])).toEqual([
    [0.5, 1.875],
    [1, 1.025],
  ]);
});

test('a trace that streams: no page comes again, and moving pages saves no DRAM', async () => {
  // Each page has 20 accesses in a row, and then none: who moves pages that were hot moves them too late.
  const numbers = Array.from({ length: 20 * PAGES }, (_, i) => Math.floor(i / 20));
  const streaming = { name: 'streaming', open: () => numberTrace(numbers, () => false, 64) };
  const plan = request([streaming], {
    slowdownTarget: 1.3,
    settings: { ...settings, epochAccesses: 40 },
    cost: createCostModel(
      { dramPrice: '4 USD/GiB', cxlPrice: '3.9 USD/GiB', server: '1 USD' },
      'slowdown * (server + dram * dramPrice + cxl * cxlPrice)',
    ),
  });
  const [{ answers, footprintBytes }] = await planCapacity(plan, run);
  const [still, swapping] = answers;
  expect(still.dramBytes).toBe(Math.ceil((1 - 0.3 / 3) * PAGES) * 4096);
  expect(swapping.dramBytesHigh ?? Infinity).toBeGreaterThanOrEqual(still.dramBytes ?? 0);
  for (const { cost = 0, costAllDram = Infinity, dramBytes = 0 } of answers) {
    expect(dramBytes).toBeLessThanOrEqual(1.125 * footprintBytes);
    expect(cost).toBeGreaterThan(costAllDram);
  }
});

const share = ({ answers: [{ dramBytes = 0 }], footprintBytes }: Plan): string =>
  `${((100 * dramBytes) / footprintBytes).toFixed(1)} %`;

test('machines are compared against the DRAM of one, and a change says what it does to the answer', async () => {
  const slower = changedMachine(twoTiers, { node: 1, input: 'latency', factor: 1.5 });
  const asked = { policies: [{ policy: stayPut }], slowdownTarget: 1.3 };
  const [plain] = await planCapacity(
    request([uniform], {
      ...asked,
      machineChanges: [
        { node: 1, input: 'bandwidth', factor: 1 },
        { node: 1, input: 'latency', factor: 1.5 },
        { node: 0, input: 'latency', factor: 2 },
      ],
    }),
    run,
  );
  const [direct] = await planCapacity(request([uniform], { ...asked, machine: slower }), run);
  // Node 1 is four times as slow, then six times: 1 + 3 (1 - share) becomes 1 + 5 (1 - share).
  expect(share(direct)).not.toBe(share(plain));
  const lines = plain.sensitivity.filter(({ input }) => input.startsWith('node'));
  expect(lines.map(({ input }) => input)).toEqual([
    'node0 latency',
    'node1 latency',
    'node1 bandwidth',
  ]);
  // Against the machine as it is: with DRAM twice as slow nothing meets the target.
  expect(lines[0]?.effect).toBe('stay-put: no size tried meets the target');
  expect(lines[1]?.effect).toContain(`DRAM of ${share(direct)} of the footprint`);
  expect(lines[2]?.effect).toContain(`DRAM of ${share(plain)} of the footprint, as much`);
  const reference = { machine: twoTiers, dramNode: 0 };
  const doubled = changedMachine(twoTiers, { node: 0, input: 'latency', factor: 2 });
  const [none] = await planCapacity(
    request([uniform], { ...asked, machine: doubled, reference }),
    run,
  );
  expect(none.answers[0]?.dramBytes).toBeUndefined();
});
