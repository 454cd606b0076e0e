import { LINE_BYTES, type NodeMeters, type RunNode, type RunRecord } from '@tierlab/core';

import { share } from './table.ts';

/** Bytes of a base page of the run. */
export function pageBytes(record: RunRecord): number {
  return record.manifest.trace.pageBytes;
}

/** Bytes of all pages that moved, each counted as it arrived. */
export function migrationBytes(record: RunRecord): number {
  return sumNodes(record, (node) => node.pagesIn) * pageBytes(record);
}

/** Share of the accesses that the nodes of tier `rank` served. */
export function tierShare(record: RunRecord, rank: number): number | undefined {
  const served = sumNodes(record, (meters, node) =>
    node.tierRank === rank ? accessesOf(meters) : 0,
  );
  return share(served, record.totals.accesses);
}

/** Accesses that a node served. */
export function accessesOf({ reads, writes }: NodeMeters): number {
  return reads + writes;
}

/** Bytes that moves read from a node and wrote to it: none where they were free or copied nothing. */
export function moveTraffic(meters: NodeMeters): {
  readonly read: number;
  readonly written: number;
} {
  return {
    read: meters.readBytes - meters.reads * LINE_BYTES,
    written: meters.writeBytes - meters.writes * LINE_BYTES,
  };
}

/** Bytes that moves read and wrote on all nodes. */
export function moveTrafficBytes(record: RunRecord): number {
  return sumNodes(record, (meters) => moveTraffic(meters).read + moveTraffic(meters).written);
}

/** The part of its time that a node would need for its moves alone, at its full bandwidth. */
export function moveBandwidthShare(
  node: RunNode,
  meters: NodeMeters,
  timeNs: number,
): number | undefined {
  const { read, written } = moveTraffic(meters);
  // B / (MB/s) is microseconds.
  const busyNs = (read / node.readBandwidthMbps + written / node.writeBandwidthMbps) * 1e3;
  return share(busyNs, timeNs);
}

/** CPU time of everything that the policy does: its threads, and what the application does for it. */
export function policyCpuNs({ totals }: RunRecord): number | undefined {
  const { kernelThreadNs, firstTouchNs, time } = totals;
  if (firstTouchNs === undefined) return undefined;
  return kernelThreadNs + time.moveNs + time.sampleNs + time.faultNs - firstTouchNs;
}

/** The sum over the nodes of a record of `value`. */
export function sumNodes(
  record: RunRecord,
  value: (meters: NodeMeters, node: RunNode) => number,
): number {
  return record.totals.nodes.reduce((total, meters, i) => {
    const node = record.nodes[i];
    return node === undefined ? total : total + value(meters, node);
  }, 0);
}
