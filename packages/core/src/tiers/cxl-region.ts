import { holds, type KernelVersion } from '../kernel.ts';
import type { AccessCoordinate, CxlDevice, CxlLink, GenericPort, Machine } from '../machine.ts';
import { megabytesPerSecond, nanoseconds, type NodeId } from '../units.ts';
import { CXL_SHARED_BANDWIDTH } from './rules.ts';

/** Coordinates of a CXL region by access class, or why Linux knows none. */
export type CxlRegionAccess =
  | readonly [AccessCoordinate, AccessCoordinate]
  | { readonly unknown: string };

/**
 * The coordinates of a region over the whole window of `node`: latencies of device, links, switches
 * and host bridge add up, bandwidth is the least of them; over devices the worst latency counts and
 * bandwidths add up.
 *
 * It takes a generic port in SRAT and HMAT for the host bridge, and firmware that answers the QoS
 * question. Source: Linux drivers/cxl/core/cdat.c cxl_port_perf_data_calculate,
 * cxl_region_perf_data_calculate, 6.12.
 */
export function cxlRegionAccess(
  machine: Machine,
  node: NodeId,
  kernel: KernelVersion,
): CxlRegionAccess {
  const window = machine.cxl?.windows.find((window) => window.node === node);
  if (!window || !machine.cxl) return { unknown: `node ${node} has no CXL window` };
  if (!machine.cxl.qosAnswered)
    return { unknown: 'firmware does not answer the QTG _DSM, so devices have no coordinates' };
  const devices = machine.cxl.devices.filter((device) =>
    window.hostBridges.includes(device.hostBridge),
  );
  if (devices.length === 0) return { unknown: 'no device below the window has a CDAT' };
  const ports = machine.hmat?.genericPorts ?? [];
  const missing = devices.find(
    (device) => !ports.some((port) => port.acpiUid === device.hostBridge),
  );
  if (missing)
    return {
      unknown: `host bridge ${missing.hostBridge} has no coordinates: that takes a generic port in the SRAT and its row in the HMAT`,
    };
  const portOf = (device: CxlDevice): GenericPort =>
    ports.find((port) => port.acpiUid === device.hostBridge)!;
  const shared = holds(CXL_SHARED_BANDWIDTH, kernel);
  return [
    regionClass(devices, (device) => portOf(device).access[0], shared),
    regionClass(devices, (device) => portOf(device).access[1], shared),
  ];
}

function regionClass(
  devices: readonly CxlDevice[],
  portOf: (device: CxlDevice) => AccessCoordinate,
  shared: boolean,
): AccessCoordinate {
  const paths = devices.map((device) => {
    const toPort = devicePath(device, shared);
    return { device, toPort, whole: combine(toPort, portOf(device)) };
  });
  const worst = (field: 'readLatency' | 'writeLatency'): number =>
    Math.max(...paths.map(({ whole }) => whole[field]));
  const sum = (field: 'readBandwidth' | 'writeBandwidth'): number => {
    if (!shared) return paths.reduce((total, { whole }) => total + whole[field], 0);
    let total = 0;
    for (const bridge of new Set(devices.map((device) => device.hostBridge))) {
      const below = paths.filter(({ device }) => device.hostBridge === bridge);
      const devicesTotal = below.reduce((total, { toPort }) => total + toPort[field], 0);
      total += leastBandwidth(devicesTotal, portOf(below[0]!.device)[field]);
    }
    return total;
  };
  return {
    readLatency: nanoseconds(worst('readLatency')),
    writeLatency: nanoseconds(worst('writeLatency')),
    readBandwidth: megabytesPerSecond(sum('readBandwidth')),
    writeBandwidth: megabytesPerSecond(sum('writeBandwidth')),
  };
}

/** A device up to, not with, its host bridge; one without a range has nothing to say. */
function devicePath(device: CxlDevice, shared: boolean): AccessCoordinate {
  let path = device.ranges[0]?.coordinate ?? NOTHING;
  for (const link of device.links) path = combine(path, linkCoordinate(link, !shared));
  for (const crossed of device.switches) path = combine(path, crossed);
  return path;
}

const NOTHING: AccessCoordinate = {
  readLatency: nanoseconds(0),
  writeLatency: nanoseconds(0),
  readBandwidth: megabytesPerSecond(0),
  writeBandwidth: megabytesPerSecond(0),
};

/** Bytes of a flit up to 32 GT/s and above. Source: CXL 3.1, 4.2; Linux drivers/cxl/core/pci.c cxl_flit_size. */
const FLIT_BYTES = { slow: 68, fast: 256 } as const;
/** Lines a second of payload, in MT/s of raw rate, after line coding. Source: Linux drivers/pci/pci.h PCIE_SPEED2MBS_ENC. */
const LINE_CODING: Readonly<Record<number, number>> = {
  2500: (2500 * 8) / 10,
  5000: (5000 * 8) / 10,
  8000: Math.trunc((8000 * 128) / 130),
  16000: Math.trunc((16000 * 128) / 130),
  32000: Math.trunc((32000 * 128) / 130),
  64000: 64000,
};

/**
 * What a link adds. Its latency is the time of one flit on one lane in picoseconds, and it is added
 * to nanoseconds as it is: at 2.5 GT/s that is 217,948.
 * Source: Linux drivers/cxl/core/pci.c cxl_pci_get_latency, cxl_pci_get_bandwidth; drivers/pci/pci.c pcie_bandwidth_available.
 */
export function linkCoordinate({ transferRate, lanes }: CxlLink, coded: boolean): AccessCoordinate {
  const laneMegabytes = Math.trunc(transferRate / 8);
  const flit = transferRate > 32000 ? FLIT_BYTES.fast : FLIT_BYTES.slow;
  const latency = nanoseconds(Math.trunc((flit * 1_000_000) / laneMegabytes));
  const megabits = (coded && LINE_CODING[transferRate]) || transferRate;
  const bandwidth = megabytesPerSecond(
    coded ? Math.trunc((megabits * lanes) / 8) : laneMegabytes * lanes,
  );
  return {
    readLatency: latency,
    writeLatency: latency,
    readBandwidth: bandwidth,
    writeBandwidth: bandwidth,
  };
}

/** Source: Linux drivers/cxl/core/cdat.c cxl_coordinates_combine. */
function combine(a: AccessCoordinate, b: AccessCoordinate): AccessCoordinate {
  return {
    readLatency: nanoseconds((a.readLatency + b.readLatency) >>> 0),
    writeLatency: nanoseconds((a.writeLatency + b.writeLatency) >>> 0),
    readBandwidth: megabytesPerSecond(leastBandwidth(a.readBandwidth, b.readBandwidth)),
    writeBandwidth: megabytesPerSecond(leastBandwidth(a.writeBandwidth, b.writeBandwidth)),
  };
}

/** A bandwidth that one side does not know stays what the other says. */
const leastBandwidth = (a: number, b: number): number => (a === 0 || b === 0 ? a : Math.min(a, b));
