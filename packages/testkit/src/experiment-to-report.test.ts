import {
  comparePolicies,
  expandExperiment,
  inProcessExecutor,
  mapHeat,
  memoryStore,
  planCapacity,
  runSweep,
  type Experiment,
  type RunPoints,
} from '@tierlab/experiment';
import { defineMigrationPolicy } from '@tierlab/policy';
import {
  pairsTable,
  placementTable,
  readResult,
  renderHtml,
  RESULT_VERSION,
  tableToCsv,
  type Result,
} from '@tierlab/report';
import { numberTrace, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';

// From a trace to the files of a report, with every figure of the files computed a second time by a loop over the accesses.

const PAGE_BYTES = 4096;
const LATENCY_NS = [
  { read: 100, write: 120 },
  { read: 300, write: 450 },
] as const;

/** 5,000 accesses to 50 pages, the lower numbers more often; a third of them write. */
const numbers = Array.from(
  { length: 5000 },
  (_, i) => ((i * i * 31 + i * 7) % 997) % (1 + ((i * 13) % 50)),
);
const isWrite = (i: number): boolean => i % 3 === 1;

const stayPut = defineMigrationPolicy({
  name: 'stay-put',
  doc: 'Nothing moves.',
  create: () => ({}),
});
const allFast = defineMigrationPolicy({
  name: 'all-fast',
  doc: 'Everything in the fastest tier.',
  relaxes: ['capacity'],
  create: () => ({}),
});

const experiment: Experiment = {
  traces: [{ name: 'squares.trace', open: () => numberTrace(numbers, isWrite, 999) }],
  machines: [
    {
      name: 'two-tiers',
      memory: (capacities) =>
        tinyMemory([
          { pages: (capacities[0] ?? 0) / PAGE_BYTES, latencyNs: 100, writeLatencyNs: 120 },
          { pages: 1000, latencyNs: 300, writeLatencyNs: 450 },
        ]),
    },
  ],
  policies: [{ policy: allFast }, { policy: stayPut }],
  capacities: [10, 30].map((pages) => ({ 0: pages * PAGE_BYTES })),
  seeds: [1],
  settings: { memoryParallelism: 1, fault: 0 },
  tool: { name: 'tierlab', version: '0.0.0' },
};

const run: RunPoints = (of, points) =>
  runSweep({ points, store: memoryStore(), executors: [inProcessExecutor(of)] });

/** First touch into node 0 while it has room, and the unloaded latency of each access: the whole simulation. */
function firstTouch(capacityPages: number): { reads: number[]; writes: number[]; timeNs: number } {
  const nodeOf = new Map<number, 0 | 1>();
  const [reads, writes] = [
    [0, 0],
    [0, 0],
  ];
  let timeNs = 0;
  for (const [i, number] of numbers.entries()) {
    const node = nodeOf.get(number) ?? (nodeOf.size < capacityPages ? 0 : 1);
    nodeOf.set(number, node);
    (isWrite(i) ? writes : reads)[node]++;
    timeNs += isWrite(i) ? LATENCY_NS[node].write : LATENCY_NS[node].read;
  }
  return { reads, writes, timeNs };
}

test('placement.csv, figure by figure', async () => {
  const points = expandExperiment(experiment);
  const records = await run(experiment, points);
  const [head, ...lines] = tableToCsv(placementTable(records)).trimEnd().split('\r\n');
  const names = head.split(',');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    return (name: string): string => cells[names.indexOf(name)];
  });
  expect(rows).toHaveLength(4);
  const fastNs = firstTouch(Infinity).timeNs;
  for (const row of rows) {
    const capacityPages = Number(row('node0_capacity_bytes')) / PAGE_BYTES;
    const own = firstTouch(row('policy') === 'all-fast' ? Infinity : capacityPages);
    for (const node of [0, 1]) {
      const accesses = own.reads[node] + own.writes[node];
      expect(Number(row(`node${node}_reads`))).toBe(own.reads[node]);
      expect(Number(row(`node${node}_writes`))).toBe(own.writes[node]);
      expect(Number(row(`node${node}_accesses`))).toBe(accesses);
      expect(Number(row(`node${node}_access_share`))).toBe(accesses / 5000);
    }
    expect(Number(row('estimated_time_ns'))).toBe(own.timeNs);
    expect(Number(row('slowdown'))).toBe(own.timeNs / fastNs);
    expect(Number(row('mean_latency_ns'))).toBeCloseTo(own.timeNs / 5000, 9);
    expect(row('promotions_pages') + row('demotions_pages') + row('migration_bytes')).toBe('000');
    expect(Number(row('footprint_bytes'))).toBe(new Set(numbers).size * PAGE_BYTES);
    expect(row('ruler')).toBe(String(row('policy') === 'all-fast'));
  }
});

test('what an experiment makes is what a report takes', async () => {
  const points = expandExperiment(experiment);
  const records = await run(experiment, points);
  const pairs = comparePolicies(points.map((point, i) => ({ point, record: records[i] })));
  const [trace] = experiment.traces;
  const [machine] = experiment.machines;
  const plans = await planCapacity(
    {
      workloads: [{ trace }],
      machine,
      dramNode: 0,
      allFast: { policy: allFast },
      policies: [{ policy: stayPut }],
      slowdownTarget: 1.5,
      seeds: [1],
      settings: { memoryParallelism: 1, fault: 0 },
      tool: experiment.tool,
    },
    run,
  );
  const { maps } = await mapHeat({
    name: trace.name,
    trace: trace.open(),
    runs: [{ memory: machine.memory({ 0: 10 * PAGE_BYTES }), policy: stayPut }],
  });
  const result: Result = {
    schemaVersion: RESULT_VERSION,
    title: 'squares',
    records,
    pairs,
    plans,
    heatMaps: maps,
  };
  expect(pairsTable(pairs).rows).toHaveLength(2);
  const page = renderHtml(result);
  expect(readResult('page', page)).toEqual(JSON.parse(JSON.stringify(result)));
  for (const section of [
    'comparison',
    'capacity',
    'pairs',
    'runs',
    'heat',
    'machines',
    'manifest',
  ]) {
    expect(page).toContain(`<section id="${section}"`);
  }
  // The least size at which first touch is quick enough, by the loop above.
  const fastNs = firstTouch(Infinity).timeNs;
  const pages = new Set(numbers).size;
  const sizes = Array.from({ length: pages }, (_, i) => i + 1);
  const meets = sizes.map((size) => firstTouch(size).timeNs / fastNs <= 1.5);
  expect(plans[0].answers[0].dramBytes).toBe(sizes[meets.lastIndexOf(false) + 1] * PAGE_BYTES);
});
