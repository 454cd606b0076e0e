import type { NodeMeters, RunNode, RunRecord } from '@tierlab/core';

import { accessesOf, moveBandwidthShare, pageBytes, sumNodes, tierShare } from './run-figures.ts';
import type { ComparedRun } from './run-set.ts';
import { share, type Column } from './table.ts';

/** The columns of the tier of rank `rank`; their names begin with `tierR_`. */
export function tierColumns(rank: number): readonly Column<ComparedRun>[] {
  const inTier = (record: RunRecord, value: (meters: NodeMeters) => number): number =>
    sumNodes(record, (meters, node) => (node.tierRank === rank ? value(meters) : 0));
  const ofTier = (
    name: string,
    definition: string,
    value: (record: RunRecord) => number | undefined,
  ): Column<ComparedRun> => ({
    name: `tier${rank}_${name}`,
    kind: 'real',
    definition,
    value: ({ record }) =>
      record.nodes.some((node) => node.tierRank === rank) ? value(record) : undefined,
  });
  return [
    ofTier(
      'access_share',
      'Share of the accesses that the nodes of tier R served, 0 to 1; tier 0 is the fastest.',
      (record) => tierShare(record, rank),
    ),
    ofTier(
      'miss_share',
      'Share of the misses of the last cache that the nodes of tier R served; empty where the trace has every load and store, whose misses nobody knows, 0 to 1.',
      (record) => (record.manifest.trace.level === 'memory' ? tierShare(record, rank) : undefined),
    ),
    ofTier(
      'mean_latency_ns',
      'Mean loaded latency of an access served by tier R, in nanoseconds.',
      (record) =>
        share(
          inTier(record, (meters) => meters.occupancyNs),
          inTier(record, accessesOf),
        ),
    ),
  ];
}

/** The columns of node `id`; their names begin with `nodeN_`. */
export function nodeColumns(id: number): readonly Column<ComparedRun>[] {
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
      'migration_bandwidth_share',
      'real',
      'Share of the bandwidth of node N that moves took, 0 to 1.',
      (node, meters, record) => moveBandwidthShare(node, meters, record.totals.timeNs),
    ),
    column(
      'held_bytes',
      'count',
      'Pages of the trace on node N at the end, in bytes.',
      (_, meters, record) => meters.pages * pageBytes(record),
    ),
  ];
}
