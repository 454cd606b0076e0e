import { gapToBound, placementCostNs, type RunRecord, type RunTime } from '@tierlab/core';

import { moveColumns } from './move-columns.ts';
import { nodeColumns, tierColumns } from './node-columns.ts';
import { pageBytes, policyCpuNs, sumNodes, tierShare } from './run-figures.ts';
import type { BesideRecords, RefusedRun } from './beside-records.ts';
import { compareRuns, isRuler, paramsText, type ComparedRun } from './run-set.ts';
import { share, tabulate, type Cell, type Column, type Table, type TableHead } from './table.ts';

/**
 * `placement`: a row for each run, in the order given, and then one for each that was refused, which says why;
 * `beside` is what the records themselves do not know.
 */
export function placementTable(records: readonly RunRecord[], beside: BesideRecords = {}): Table {
  const table = tabulate(
    'placement',
    placementColumns(records, beside),
    compareRuns(records, beside),
  );
  const { refused = [] } = beside;
  if (refused.length === 0) return table;
  return {
    ...table,
    columns: [...table.columns, ...refusalColumns],
    rows: [
      ...table.rows.map((row) => [...row, undefined, undefined]),
      ...refused.map((run) => [
        ...table.columns.map(({ name }) => knownOfRefused(run, name)),
        run.code,
        run.reason,
      ]),
    ],
  };
}

/** Only where a run was refused. */
const refusalColumns: readonly TableHead[] = [
  {
    name: 'refusal_code',
    kind: 'text',
    definition:
      'Why there is no such run, as the code that tierlab explain takes; empty where there is one.',
  },
  {
    name: 'refusal_reason',
    kind: 'text',
    definition: 'Why there is no such run, in words; empty where there is one.',
  },
];

/** What is in a column of a run that was not made. */
function knownOfRefused(run: RefusedRun, column: string): Cell {
  if (column === 'trace' || column === 'machine' || column === 'policy' || column === 'params') {
    return run[column];
  }
  if (column === 'seed') return run.seed;
  const node = /^node(\d+)_capacity_bytes$/.exec(column)?.[1];
  return node === undefined ? undefined : run.capacities[Number(node)];
}

/**
 * The columns of {@link placementTable} for runs on the nodes of `records`: those of every run, those
 * of each tier and node, one for the cost where `beside` has costs, and one for each counter that a run has.
 */
export function placementColumns(
  records: readonly RunRecord[],
  { costs }: BesideRecords = {},
): readonly Column<ComparedRun>[] {
  const nodes = records.flatMap((record) => record.nodes);
  const counters = [...new Set(records.flatMap((record) => Object.keys(record.vmstat)))];
  return [
    ...identity,
    ...outcome,
    ...(costs === undefined ? [] : [costColumn(costs.currency)]),
    ...moveColumns,
    ...ascending(nodes.map((node) => node.tierRank)).flatMap(tierColumns),
    ...ascending(nodes.map((node) => node.id)).flatMap(nodeColumns),
    ...timeColumns,
    ...counters.toSorted().map(counterColumn),
  ];
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

function costColumn(currency: string): Column<ComparedRun> {
  return {
    name: `cost_${currency.toLowerCase()}`,
    kind: 'real',
    definition: `Cost of the memory that the footprint takes, by the prices and the expression that were given, in ${currency}.`,
    value: ({ cost }) => cost,
  };
}

const identity: readonly Column<ComparedRun>[] = [
  {
    name: 'run',
    kind: 'text',
    definition: 'Content hash of everything that determines the run; the other files name it.',
    value: (run) => run.id,
  },
  {
    name: 'trace',
    kind: 'text',
    definition: 'The trace, by the name it was given.',
    value: (run) => run.trace,
  },
  {
    name: 'machine',
    kind: 'text',
    definition: 'The machine, by the name it was given.',
    value: (run) => run.machine,
  },
  {
    name: 'policy',
    kind: 'text',
    definition: 'Name of the migration policy.',
    value: ({ record }) => record.manifest.policy.name,
  },
  {
    name: 'params',
    kind: 'text',
    definition: 'Parameters of the policy as name=value, defaults included, separated by blanks.',
    value: ({ record }) => paramsText(record),
  },
  {
    name: 'ruler',
    kind: 'flag',
    definition:
      'true: a bound and no policy one could run, since it is exempt from a law of the machine or sees what no hardware shows.',
    value: ({ record }) => isRuler(record),
  },
  {
    name: 'ground_truth',
    kind: 'text',
    definition: 'Signals the policy used that no hardware gives, separated by blanks.',
    value: ({ record }) => record.manifest.policy.groundTruth.join(' '),
  },
  {
    name: 'relaxes',
    kind: 'text',
    definition: 'Laws of the machine that the policy is exempt from, separated by blanks.',
    value: ({ record }) => record.manifest.policy.relaxes.join(' '),
  },
  {
    name: 'seed',
    kind: 'count',
    definition: 'Seed of the random numbers of the run.',
    value: ({ record }) => record.manifest.seed,
  },
];

const outcome: readonly Column<ComparedRun>[] = [
  {
    name: 'accesses',
    kind: 'count',
    definition:
      'Accesses replayed: of every load and store, or of cache misses, as the trace says.',
    value: ({ record }) => record.totals.accesses,
  },
  {
    name: 'reads',
    kind: 'count',
    definition: 'Accesses that read.',
    value: ({ record }) => record.totals.reads,
  },
  {
    name: 'writes',
    kind: 'count',
    definition: 'Accesses that wrote.',
    value: ({ record }) => record.totals.writes,
  },
  {
    name: 'footprint_bytes',
    kind: 'count',
    definition: 'Distinct pages touched, in bytes.',
    value: ({ record }) => record.totals.pages * pageBytes(record),
  },
  {
    name: 'estimated_time_ns',
    kind: 'real',
    definition: 'Simulated time from the first access to the end of the last one, in nanoseconds.',
    value: ({ record }) => record.totals.timeNs,
  },
  {
    name: 'slowdown',
    kind: 'real',
    definition:
      'estimated_time_ns over that of the all-fast run of the same trace, machine and settings; empty where there is none.',
    value: ({ record, allFast }) => share(record.totals.timeNs, allFast?.totals.timeNs),
  },
  {
    name: 'slowdown_mean',
    kind: 'real',
    definition:
      'Geometric mean of slowdown over the runs that differ in their seed or window alone; empty where there is one.',
    value: ({ slowdown }) => slowdown?.mean,
  },
  {
    name: 'slowdown_low',
    kind: 'real',
    definition:
      'Lower end of the interval of slowdown_mean; empty with fewer than five replicates.',
    value: ({ slowdown }) => slowdown?.low,
  },
  {
    name: 'slowdown_high',
    kind: 'real',
    definition:
      'Upper end of the interval of slowdown_mean; empty with fewer than five replicates.',
    value: ({ slowdown }) => slowdown?.high,
  },
  {
    name: 'placement_cost_ns',
    kind: 'real',
    definition:
      'What placement cost: time waiting for memory and CPU time of moves, in nanoseconds.',
    value: ({ record }) => finiteCost(record),
  },
  {
    name: 'gap_to_bound',
    kind: 'real',
    definition:
      'placement_cost_ns over the highest proved bound of any ruler for the same trace, machine and capacities, minus 1; empty without one.',
    value: ({ record, bound }) => bound && gapToBound(record, bound),
  },
  {
    name: 'gap_to_optimum',
    kind: 'real',
    definition: 'gap_to_bound where a placement of that very cost exists; empty otherwise.',
    value: ({ record, bound }) => (bound?.attained ? gapToBound(record, bound) : undefined),
  },
  {
    name: 'gap_to_best_ruler',
    kind: 'real',
    definition:
      'estimated_time_ns over the least of any ruler that keeps the same capacities, minus 1; below 0 the policy beat every ruler that ran; empty where none did.',
    value: ({ record, bestRuler }) => {
      const ratio = share(record.totals.timeNs, bestRuler?.totals.timeNs);
      return ratio === undefined ? undefined : ratio - 1;
    },
  },
  {
    name: 'top_tier_access_share',
    kind: 'real',
    definition: 'Share of the accesses served by the nodes of the fastest tier, 0 to 1.',
    value: ({ record }) => tierShare(record, 0),
  },
  {
    name: 'unloaded_latency_ns',
    kind: 'real',
    definition:
      'Mean latency of an access if no node were ever busy, from the nearest CPUs, in nanoseconds.',
    value: ({ record }) =>
      share(
        sumNodes(
          record,
          (meters, node) => meters.reads * node.readLatencyNs + meters.writes * node.writeLatencyNs,
        ),
        record.totals.accesses,
      ),
  },
  {
    name: 'mean_latency_ns',
    kind: 'real',
    definition: 'Mean loaded latency of an access, in nanoseconds.',
    value: ({ record }) =>
      share(
        sumNodes(record, (node) => node.occupancyNs),
        record.totals.accesses,
      ),
  },
];

const timeParts: readonly (readonly [keyof RunTime, string, string])[] = [
  ['thinkNs', 'think_ns', 'Time between memory accesses, in nanoseconds.'],
  ['memoryNs', 'memory_wait_ns', 'Time waiting for memory, in nanoseconds.'],
  ['faultNs', 'fault_ns', 'Time in page faults, in nanoseconds.'],
  ['moveNs', 'move_wait_ns', 'Time waiting for moves, in nanoseconds.'],
  ['sampleNs', 'sample_ns', 'Time taken by sampling, in nanoseconds.'],
  ['displacedNs', 'displaced_ns', 'Time displaced by kernel threads, in nanoseconds.'],
];

const timeColumns: readonly Column<ComparedRun>[] = [
  ...timeParts.map(([part, name, definition]): Column<ComparedRun> => ({
    name,
    kind: 'real',
    definition,
    value: ({ record }) => record.totals.time[part],
  })),
  {
    name: 'kernel_thread_ns',
    kind: 'real',
    definition: "CPU time of the policy's kernel threads, in nanoseconds.",
    value: ({ record }) => record.totals.kernelThreadNs,
  },
  {
    name: 'policy_cpu_ns',
    kind: 'real',
    definition:
      'CPU time of the policy: its kernel threads, and the hint faults, moves and samples of the application, in nanoseconds.',
    value: ({ record }) => policyCpuNs(record),
  },
  {
    name: 'policy_cpu_share',
    kind: 'real',
    definition: 'policy_cpu_ns over estimated_time_ns; above 1 where several threads work at once.',
    value: ({ record }) => {
      const cpuNs = policyCpuNs(record);
      return cpuNs === undefined ? undefined : share(cpuNs, record.totals.timeNs);
    },
  },
];

function counterColumn(counter: string): Column<ComparedRun> {
  return {
    name: `vmstat_${counter}`,
    kind: 'count',
    definition:
      'The counter of that name as /proc/vmstat would show it; empty where nothing touched it.',
    value: ({ record }) => record.vmstat[counter],
  };
}

/** Early records do not say what moves cost. */
function finiteCost(record: RunRecord): number | undefined {
  const costNs = placementCostNs(record);
  return Number.isFinite(costNs) ? costNs : undefined;
}
