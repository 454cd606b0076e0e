import type { NodeMeters, RunNode, RunRecord, RunTime } from '@tierlab/core';

import { compareRuns, isRuler, paramsText, type ComparedRun } from './run-set.ts';
import { share, tabulate, type Column, type Table } from './table.ts';

/** `placement`: a row for each run, in the order given. */
export function placementTable(records: readonly RunRecord[]): Table {
  return tabulate('placement', placementColumns(records), compareRuns(records));
}

/**
 * The columns of {@link placementTable} for runs on the nodes of `records`: those of every run, those
 * of each node, and one for each counter that a run has.
 */
export function placementColumns(records: readonly RunRecord[]): readonly Column<ComparedRun>[] {
  const nodes = [...new Set(records.flatMap((record) => record.nodes.map((node) => node.id)))];
  const counters = [...new Set(records.flatMap((record) => Object.keys(record.vmstat)))];
  return [
    ...identity,
    ...outcome,
    ...nodes.toSorted((a, b) => a - b).flatMap(nodeColumns),
    ...timeColumns,
    ...counters.toSorted().map(counterColumn),
  ];
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
    value: ({ record }) => topTierShare(record),
  },
  {
    name: 'mean_latency_ns',
    kind: 'real',
    definition: 'Mean loaded latency of an access, in nanoseconds.',
    value: ({ record }) =>
      share(
        sum(record, (node) => node.occupancyNs),
        record.totals.accesses,
      ),
  },
  {
    name: 'promotions_pages',
    kind: 'count',
    definition: 'Base pages moved to a faster tier; a page counts each time it moves.',
    value: ({ record }) => record.totals.promotedPages,
  },
  {
    name: 'demotions_pages',
    kind: 'count',
    definition: 'Base pages moved to a slower tier; a page counts each time it moves.',
    value: ({ record }) => record.totals.demotedPages,
  },
  {
    name: 'migration_bytes',
    kind: 'count',
    definition: 'Bytes of all pages moved, within a tier too; each is read once and written once.',
    value: ({ record }) => migrationBytes(record),
  },
  {
    name: 'migration_traffic_share',
    kind: 'real',
    definition:
      'Reads and writes of moves (twice migration_bytes) over all bytes read and written, 0 to 1.',
    value: ({ record }) =>
      share(
        2 * migrationBytes(record),
        sum(record, (node) => node.readBytes + node.writeBytes),
      ),
  },
  {
    name: 'move_requests',
    kind: 'count',
    definition: 'Moves that the policy asked for.',
    value: ({ record }) => record.totals.requests,
  },
  {
    name: 'moves_done',
    kind: 'count',
    definition: 'Requests that were carried out.',
    value: ({ record }) => record.totals.movedRequests,
  },
  {
    name: 'moves_refused',
    kind: 'count',
    definition: 'Requests that were refused; move_requests is moves_done plus moves_refused.',
    value: ({ record }) => record.totals.refusedRequests,
  },
  {
    name: 'refusals',
    kind: 'text',
    definition: 'Refused requests by reason as reason=requests, separated by blanks.',
    value: ({ record }) =>
      Object.entries(record.refusals)
        .map(([reason, requests]) => `${reason}=${requests}`)
        .toSorted()
        .join(' '),
  },
];

/** The columns of node `id`; their names begin with `nodeN_`. */
function nodeColumns(id: number): readonly Column<ComparedRun>[] {
  const column = (
    name: string,
    kind: 'count' | 'real',
    definition: string,
    value: (node: RunNode, meters: NodeMeters, record: RunRecord) => number | undefined,
  ): Column<ComparedRun> => ({
    name: `node${id}_${name}`,
    kind,
    definition,
    value: ({ record }) => {
      const i = record.nodes.findIndex((node) => node.id === id);
      const node = record.nodes[i];
      const meters = record.totals.nodes[i];
      return node && meters && value(node, meters, record);
    },
  });
  return [
    column('tier', 'count', 'Rank of the tier of node N: 0 is the fastest.', (n) => n.tierRank),
    column(
      'capacity_bytes',
      'count',
      'Memory of node N that the run could use, in bytes.',
      (node, _, record) => node.capacityPages * pageBytes(record),
    ),
    column(
      'accesses',
      'count',
      'Accesses served by node N.',
      (_, meters) => meters.reads + meters.writes,
    ),
    column(
      'access_share',
      'real',
      'Accesses served by node N over all accesses, 0 to 1.',
      (_, meters, record) => share(meters.reads + meters.writes, record.totals.accesses),
    ),
    column('reads', 'count', 'Reads served by node N.', (_, meters) => meters.reads),
    column('writes', 'count', 'Writes served by node N.', (_, meters) => meters.writes),
    column(
      'mean_latency_ns',
      'real',
      'Mean loaded latency of an access served by node N, in nanoseconds.',
      (_, meters) => share(meters.occupancyNs, meters.reads + meters.writes),
    ),
    column(
      'traffic_bytes',
      'count',
      'Bytes read from and written to node N, by accesses and moves.',
      (_, meters) => meters.readBytes + meters.writeBytes,
    ),
    column(
      'held_bytes',
      'count',
      'Pages of the trace on node N at the end, in bytes.',
      (_, meters, record) => meters.pages * pageBytes(record),
    ),
  ];
}

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

/** Bytes of a base page of the run. */
export function pageBytes(record: RunRecord): number {
  return record.manifest.trace.pageBytes;
}

/** Bytes of all pages that moved, each counted as it arrived. */
export function migrationBytes(record: RunRecord): number {
  return sum(record, (node) => node.pagesIn) * pageBytes(record);
}

/** Share of the accesses that the nodes of tier rank 0 served. */
export function topTierShare(record: RunRecord): number | undefined {
  const top = sum(record, (meters, i) =>
    record.nodes[i]?.tierRank === 0 ? meters.reads + meters.writes : 0,
  );
  return share(top, record.totals.accesses);
}

function sum(record: RunRecord, value: (meters: NodeMeters, i: number) => number): number {
  return record.totals.nodes.reduce((total, meters, i) => total + value(meters, i), 0);
}
