import type { NodeMeters, RunInterval, RunNode, RunRecord } from '@tierlab/core';

import { pageBytes } from './run-figures.ts';
import { compareRuns, type ComparedRun } from './run-set.ts';
import { share, tabulate, type Column, type Table } from './table.ts';

/** One node in one interval of one run. */
export interface NodeInterval {
  readonly run: ComparedRun;
  /** Numbered from 0. */
  readonly index: number;
  readonly interval: RunInterval;
  readonly node: RunNode;
  readonly meters: NodeMeters;
}

/** `intervals`: a row for each run, interval and node, in that order. */
export function intervalsTable(records: readonly RunRecord[]): Table {
  const rows = compareRuns(records).flatMap((run) =>
    run.record.intervals.flatMap((interval, index) =>
      interval.nodes.flatMap((meters, i): NodeInterval[] => {
        const node = run.record.nodes[i];
        return node ? [{ run, index, interval, node, meters }] : [];
      }),
    ),
  );
  return tabulate('intervals', intervalColumns, rows);
}

/** The columns of {@link intervalsTable}. */
export const intervalColumns: readonly Column<NodeInterval>[] = [
  {
    name: 'run',
    kind: 'text',
    definition: 'The run, as in placement.csv.',
    value: ({ run }) => run.id,
  },
  {
    name: 'policy',
    kind: 'text',
    definition: 'Name of the migration policy.',
    value: ({ run }) => run.record.manifest.policy.name,
  },
  {
    name: 'interval',
    kind: 'count',
    definition: 'The interval, numbered from 0.',
    value: ({ index }) => index,
  },
  {
    name: 'start_ns',
    kind: 'real',
    definition: 'Simulated time at which the interval begins, in nanoseconds.',
    value: ({ interval }) => interval.startNs,
  },
  {
    name: 'end_ns',
    kind: 'real',
    definition: 'Simulated time at which the interval ends, in nanoseconds.',
    value: ({ interval }) => interval.endNs,
  },
  {
    name: 'node',
    kind: 'count',
    definition: 'The node.',
    value: ({ node }) => node.id,
  },
  {
    name: 'tier',
    kind: 'count',
    definition: 'Rank of the tier of the node: 0 is the fastest.',
    value: ({ node }) => node.tierRank,
  },
  {
    name: 'reads',
    kind: 'count',
    definition: 'Reads that the node served in the interval.',
    value: ({ meters }) => meters.reads,
  },
  {
    name: 'writes',
    kind: 'count',
    definition: 'Writes that the node served in the interval.',
    value: ({ meters }) => meters.writes,
  },
  {
    name: 'access_share',
    kind: 'real',
    definition: 'Share of the accesses of the interval that the node served, 0 to 1.',
    value: ({ interval, meters }) =>
      share(
        meters.reads + meters.writes,
        interval.nodes.reduce((total, node) => total + node.reads + node.writes, 0),
      ),
  },
  {
    name: 'mean_latency_ns',
    kind: 'real',
    definition: 'Mean loaded latency of an access that the node served, in nanoseconds.',
    value: ({ meters }) => share(meters.occupancyNs, meters.reads + meters.writes),
  },
  {
    name: 'read_bandwidth_mbps',
    kind: 'real',
    definition: 'Bytes read from the node by accesses and moves over time, in MB/s (10^6 bytes).',
    value: ({ interval, meters }) => bandwidthMbps(meters.readBytes, interval),
  },
  {
    name: 'write_bandwidth_mbps',
    kind: 'real',
    definition: 'Bytes written to the node by accesses and moves over time, in MB/s (10^6 bytes).',
    value: ({ interval, meters }) => bandwidthMbps(meters.writeBytes, interval),
  },
  {
    name: 'moved_in_pages',
    kind: 'count',
    definition: 'Base pages that moved to the node in the interval.',
    value: ({ meters }) => meters.pagesIn,
  },
  {
    name: 'moved_out_pages',
    kind: 'count',
    definition: 'Base pages that moved away from the node in the interval.',
    value: ({ meters }) => meters.pagesOut,
  },
  {
    name: 'held_bytes',
    kind: 'count',
    definition: 'Pages of the trace on the node at the end of the interval, in bytes.',
    value: ({ run, meters }) => meters.pages * pageBytes(run.record),
  },
];

/** Bytes over the length of `interval`, in MB/s: 1 byte a nanosecond is 1000 MB/s. */
function bandwidthMbps(sizeBytes: number, { startNs, endNs }: RunInterval): number | undefined {
  const rate = share(sizeBytes, endNs - startNs);
  return rate === undefined ? undefined : rate * 1e3;
}
