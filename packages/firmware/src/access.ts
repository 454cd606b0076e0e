import {
  megabytesPerSecond,
  nanoseconds,
  type AccessClass,
  type AccessCoordinate,
  type MachineNode,
  type NodeId,
  type PathPerformance,
} from '@tierlab/core';

/** The coordinate of a path of which nothing is known: 0 is the kernel's "not provided". */
export const NO_COORDINATE: AccessCoordinate = {
  readLatency: nanoseconds(0),
  writeLatency: nanoseconds(0),
  readBandwidth: megabytesPerSecond(0),
  writeBandwidth: megabytesPerSecond(0),
};

/** What access classes are derived from: who there is, and how fast each reaches what. */
export interface Paths {
  readonly nodes: readonly Pick<MachineNode, 'id' | 'cpus'>[];
  readonly performance: readonly PathPerformance[];
}

/** The figures by which the kernel narrows the initiators of a target, in its order. */
const NARROWING = ['writeLatency', 'readLatency', 'writeBandwidth', 'readBandwidth'] as const;

/**
 * Access classes 0 and 1 of `target`: of its attached initiator where firmware names one, else of
 * the best initiators that the kernel's search finds.
 *
 * Source: Linux drivers/acpi/numa/hmat.c, hmat_update_target_attrs and
 * hmat_register_target_initiators, 6.12, for tables with one matrix of each kind.
 */
export function accessClasses(
  paths: Paths,
  target: NodeId,
  attachedInitiator: NodeId | undefined,
): readonly [AccessClass, AccessClass] {
  const hasCpu = new Set(paths.nodes.filter(({ cpus }) => cpus.length > 0).map(({ id }) => id));
  const initiators = [...new Set(paths.performance.map(({ initiator }) => initiator))].sort(
    (a, b) => a - b,
  );
  const figures = new Map(
    paths.performance
      .filter((path) => path.target === target)
      .map((path) => [path.initiator, path.coordinate]),
  );
  const nearestCpu = (): AccessClass =>
    nearest(
      figures,
      initiators.filter((id) => hasCpu.has(id)),
    );
  if (attachedInitiator === undefined) return [nearest(figures, initiators), nearestCpu()];
  const attached: AccessClass = {
    coordinate: figures.get(attachedInitiator) ?? NO_COORDINATE,
    initiators: [attachedInitiator],
  };
  return [attached, hasCpu.has(attachedInitiator) ? attached : nearestCpu()];
}

/** The best of `initiators`; those without a figure stay for as long as nobody has one. */
function nearest(
  figures: ReadonlyMap<NodeId, AccessCoordinate>,
  initiators: readonly NodeId[],
): AccessClass {
  let survivors = initiators;
  const best = { readLatency: 0, writeLatency: 0, readBandwidth: 0, writeBandwidth: 0 };
  for (const field of NARROWING) {
    const values = survivors.map((id) => figures.get(id)?.[field] ?? 0).filter((v) => v !== 0);
    if (values.length === 0) continue;
    best[field] = field.endsWith('Latency') ? Math.min(...values) : Math.max(...values);
    survivors = survivors.filter((id) => (figures.get(id)?.[field] ?? 0) === best[field]);
  }
  return { coordinate: best as AccessCoordinate, initiators: survivors };
}
