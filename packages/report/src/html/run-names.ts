import type { RunRecord } from '@tierlab/core';

import { showBytes } from '../terminal.ts';

/** The sizes of the nodes: `node 0 64 MiB, node 1 4 GiB`. */
export function capacityText(record: RunRecord): string {
  const pageBytes = record.manifest.trace.pageBytes;
  return record.nodes
    .map((node) => `node ${node.id} ${showBytes(node.capacityPages * pageBytes)}`)
    .join(', ');
}
