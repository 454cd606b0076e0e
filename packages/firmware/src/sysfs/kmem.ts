import { nodeId, type NodeId } from '@tierlab/core';

import type { Snapshot } from './snapshot.ts';

/** A dax device whose memory the kmem driver gave to a node. */
export interface KmemDevice {
  readonly node: NodeId;
  readonly sizeBytes: number;
  readonly kind: 'soft-reserved' | 'persistent';
}

const DRIVER = 'bus/dax/drivers/kmem';
const DEVICES = 'bus/dax/devices';

/**
 * The dax devices that are bound to kmem. One below an NVDIMM bus is persistent memory, every other
 * (hmem, CXL) memory that firmware set apart.
 * Source: Linux Documentation/ABI/testing/sysfs-bus-dax; drivers/dax/bus.c, 6.12.
 */
export async function readKmem(snapshot: Snapshot): Promise<readonly KmemDevice[]> {
  const devices: KmemDevice[] = [];
  for (const name of (await snapshot.sysNames(DRIVER)) ?? []) {
    if (!/^dax\d+\.\d+$/.test(name)) continue;
    const node = Number((await snapshot.sys(`${DEVICES}/${name}/target_node`)) ?? '-1');
    if (!Number.isInteger(node) || node < 0) continue;
    const sizeBytes = Number((await snapshot.sys(`${DEVICES}/${name}/size`)) ?? 0);
    const place = (await snapshot.sysLink(`${DEVICES}/${name}`)) ?? '';
    const kind = place.includes('/ndbus') ? 'persistent' : 'soft-reserved';
    devices.push({ node: nodeId(node), sizeBytes: sizeBytes || 0, kind });
  }
  return devices;
}
