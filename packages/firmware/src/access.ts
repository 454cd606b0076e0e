import {
  megabytesPerSecond,
  nanoseconds,
  nodeId,
  type AccessClass,
  type AccessCoordinate,
  type MachineNode,
  type NodeId,
  type PathPerformance,
} from '@tierlab/core';

import {
  findBestInitiators,
  noCoordinate,
  type Kinds,
  type Matrix,
} from './acpi/best-initiator.ts';
import { toCoordinate } from './acpi/hmat-targets.ts';
import { READ_BANDWIDTH, READ_LATENCY, WRITE_BANDWIDTH, WRITE_LATENCY } from './acpi/normalise.ts';

/** The coordinate of a path of which nothing is known: 0 is the kernel's "not provided". */
export const NO_COORDINATE: AccessCoordinate = {
  readLatency: nanoseconds(0),
  writeLatency: nanoseconds(0),
  readBandwidth: megabytesPerSecond(0),
  writeBandwidth: megabytesPerSecond(0),
};

/** What access classes are derived from: who there is, and how fast each reaches what. */
export interface Paths {
  readonly nodes: readonly Pick<MachineNode, 'id' | 'cpus' | 'online'>[];
  readonly performance: readonly PathPerformance[];
}

/**
 * Access classes 0 and 1 of `target`, as if an HMAT with one matrix of each kind told `paths`: those
 * of its attached initiator where firmware names one, else of the best initiators that the kernel's
 * search finds. Source: Linux drivers/acpi/numa/hmat.c hmat_register_target_initiators, 6.12.
 */
export function accessClasses(
  { nodes, performance }: Paths,
  target: NodeId,
  attachedInitiator: NodeId | undefined,
): readonly [AccessClass, AccessClass] {
  const online = new Set(nodes.filter((node) => node.online).map(({ id }) => id));
  const hasCpu = new Set(nodes.filter(({ cpus }) => cpus.length > 0).map(({ id }) => id));
  const initiators = [...new Set(performance.map(({ initiator }) => initiator))].sort(
    (a, b) => a - b,
  );
  const nearest = (candidates: readonly NodeId[]): AccessClass => {
    const coordinate = noCoordinate();
    const found = findBestInitiators(kindsOf(performance), target, candidates, coordinate);
    const survivors = found.map(nodeId).filter((id) => online.has(id));
    return { coordinate: toCoordinate(coordinate), initiators: survivors };
  };
  const nearestCpu = nearest(initiators.filter((id) => hasCpu.has(id)));
  if (attachedInitiator === undefined) return [nearest(initiators), nearestCpu];
  const path = performance.find(
    (one) => one.target === target && one.initiator === attachedInitiator,
  );
  const attached: AccessClass = {
    coordinate: path?.coordinate ?? NO_COORDINATE,
    initiators: online.has(attachedInitiator) ? [attachedInitiator] : [],
  };
  return [attached, hasCpu.has(attachedInitiator) ? attached : nearestCpu];
}

/** A matrix for each figure that any path has. */
function kindsOf(performance: readonly PathPerformance[]): Kinds {
  const matrix = (dataType: number, field: keyof AccessCoordinate): Matrix | undefined => {
    if (!performance.some(({ coordinate }) => coordinate[field] !== 0)) return undefined;
    return {
      dataType,
      value: (initiator, target) =>
        performance.find((path) => path.initiator === initiator && path.target === target)
          ?.coordinate[field] ?? 0,
    };
  };
  return {
    writeLatency: matrix(WRITE_LATENCY, 'writeLatency'),
    readLatency: matrix(READ_LATENCY, 'readLatency'),
    writeBandwidth: matrix(WRITE_BANDWIDTH, 'writeBandwidth'),
    readBandwidth: matrix(READ_BANDWIDTH, 'readBandwidth'),
  };
}
