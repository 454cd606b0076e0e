import {
  nodeId,
  nodeList,
  type AccessCoordinate,
  type Hmat,
  type Machine,
  type MachineNode,
  type MemoryTarget,
  type NodeId,
  type PathPerformance,
} from '@tierlab/core';

import { accessClasses, NO_COORDINATE } from '../access.ts';
import { FirmwareError } from '../errors.ts';
import { nearestName } from './nearest.ts';
import { parseQuantity } from './quantity.ts';
import { coordinateOf, nearestCpus } from './speed.ts';
import type { FileFigures } from './schema.ts';

type Field = keyof AccessCoordinate;

/** The figures that each name sets. */
const FIGURES: Readonly<Record<string, readonly Field[]>> = {
  latency: ['readLatency', 'writeLatency'],
  readLatency: ['readLatency'],
  writeLatency: ['writeLatency'],
  bandwidth: ['readBandwidth', 'writeBandwidth'],
  readBandwidth: ['readBandwidth'],
  writeBandwidth: ['writeBandwidth'],
};

/** Everything that {@link setMachineValue} can set, as help shows it. */
export const SETTABLE: readonly string[] = [
  ...Object.keys(FIGURES).map((figure) => `nodeN.${figure}`),
  ...Object.keys(FIGURES).map((figure) => `nodeN.from.nodeM.${figure}`),
  'nodeN.distance.nodeM',
];

/**
 * `machine` with one thing changed, `node1.readLatency` to `250 ns`: what `--set` does.
 *
 * A figure of a node is what its nearest CPUs see, `nodeN/access1/initiators`: every path that would
 * be better is set too, so that the figure comes out as asked. `node1.from.node0.latency` sets one
 * path and leaves it to the kernel's search who is nearest; `node0.distance.node1` sets one
 * direction. A machine that has no HMAT gets one.
 *
 * Throws FIRMWARE_BAD_SETTING, in one line that begins with `path=value`.
 */
export function setMachineValue(machine: Machine, path: string, value: string): Machine {
  const reject: Reject = (message) => {
    throw new FirmwareError('FIRMWARE_BAD_SETTING', `${path}=${value}: ${message}`);
  };
  const [nodeText = '', field = '', ...rest] = path.trim().split('.');
  const node = nodeNamed(machine, nodeText, reject);
  if (field === 'distance' && rest.length === 1) {
    return withDistance(
      machine,
      node.id,
      nodeNamed(machine, rest[0] ?? '', reject).id,
      value,
      reject,
    );
  }
  if (field === 'from' && rest.length === 2) {
    const initiator = nodeNamed(machine, rest[0] ?? '', reject).id;
    const figure = figureNamed(rest[1] ?? '', reject);
    return withPaths(machine, node.id, reject, (hmat) =>
      setPaths(hmat, [initiator], node.id, coordinateText(figure, value, reject)),
    );
  }
  const figure = figureNamed([field, ...rest].join('.'), reject);
  const wanted = coordinateText(figure, value, reject);
  return withPaths(machine, node.id, reject, (hmat) =>
    setNearest(machine, hmat, node.id, wanted, reject),
  );
}

type Reject = (message: string) => never;

function nodeNamed(machine: Machine, text: string, reject: Reject): MachineNode {
  const id = /^(?:node)?(\d+)$/.exec(text)?.[1];
  if (id === undefined) {
    return reject(`expected a node such as node1, got ${JSON.stringify(text)}`);
  }
  return (
    machine.nodes.find((node) => node.id === nodeId(Number(id))) ??
    reject(
      `there is no node ${id}; the machine has ${nodeList(machine.nodes.map((node) => node.id))}`,
    )
  );
}

function figureNamed(text: string, reject: Reject): string {
  if (FIGURES[text] !== undefined) return text;
  const names = [...Object.keys(FIGURES), 'from.nodeM.latency', 'distance.nodeM'];
  const meant = nearestName(text, names);
  return reject(
    meant === undefined
      ? `unknown field ${JSON.stringify(text)}; expected one of ${names.join(', ')}`
      : `unknown field ${JSON.stringify(text)}; did you mean ${meant}?`,
  );
}

/** The part of a coordinate that `value` sets, as the kernel would hold it. */
function coordinateText(figure: string, value: string, reject: Reject): Partial<AccessCoordinate> {
  const kind = figure.toLowerCase().endsWith('latency') ? 'time' : 'bandwidth';
  let number: number;
  try {
    number = parseQuantity(kind, value);
  } catch (error) {
    if (error instanceof FirmwareError) return reject(error.message);
    throw error;
  }
  const figures: FileFigures = { [figure]: number };
  const coordinate = coordinateOf(figures, (_, message) => reject(message));
  return Object.fromEntries((FIGURES[figure] ?? []).map((field) => [field, coordinate[field]]));
}

function withDistance(
  machine: Machine,
  from: NodeId,
  to: NodeId,
  value: string,
  reject: Reject,
): Machine {
  const distance = Number(value);
  if (from === to) reject('the distance of a node to itself is 10');
  if (!/^\d+$/.test(value.trim()) || distance <= 10 || distance > 255) {
    reject('expected a distance from 11 to 255');
  }
  const [row, column] = [from, to].map((id) => machine.nodes.findIndex((node) => node.id === id));
  return {
    ...machine,
    distances: machine.distances.map((distances, i) =>
      i === row ? distances.map((old, j) => (j === column ? distance : old)) : distances,
    ),
  };
}

/** `machine` with the paths that `change` leaves, and the access classes that follow from them. */
function withPaths(
  machine: Machine,
  target: NodeId,
  reject: Reject,
  change: (hmat: Hmat) => readonly PathPerformance[],
): Machine {
  if (!machine.memory.some(({ node }) => node === target)) {
    reject(`node ${target} has no memory`);
  }
  const hmat = machine.hmat ?? { targets: targetsOf(machine), performance: [], genericPorts: [] };
  return { ...machine, hmat: derived(machine.nodes, hmat, change(hmat)) };
}

function targetsOf(machine: Machine): readonly MemoryTarget[] {
  const silent = { coordinate: NO_COORDINATE, initiators: [] };
  const withMemory = new Set(machine.memory.map(({ node }) => node));
  return machine.nodes
    .filter(({ id }) => withMemory.has(id))
    .map(({ id }) => ({ node: id, access: [silent, silent], shown: true, caches: [] }));
}

function derived(
  nodes: Machine['nodes'],
  hmat: Hmat,
  performance: readonly PathPerformance[],
): Hmat {
  const rederived = (target: MemoryTarget): MemoryTarget => ({
    ...target,
    access: accessClasses({ nodes, performance }, target.node, target.attachedInitiator),
  });
  return { ...hmat, performance, targets: hmat.targets.map(rederived) };
}

function setPaths(
  { performance }: Pick<Hmat, 'performance'>,
  initiators: readonly NodeId[],
  target: NodeId,
  wanted: Partial<AccessCoordinate>,
): readonly PathPerformance[] {
  const others = performance.filter(
    (path) => path.target !== target || !initiators.includes(path.initiator),
  );
  const changed = initiators.map((initiator) => {
    const old = performance.find((path) => path.target === target && path.initiator === initiator);
    return { initiator, target, coordinate: { ...(old?.coordinate ?? NO_COORDINATE), ...wanted } };
  });
  return [...others, ...changed].sort((a, b) => a.initiator - b.initiator || a.target - b.target);
}

/** Sets the paths of the nearest CPUs until no nearer one is left that says otherwise. */
function setNearest(
  machine: Machine,
  hmat: Hmat,
  target: NodeId,
  wanted: Partial<AccessCoordinate>,
  reject: Reject,
): readonly PathPerformance[] {
  let { performance } = hmat;
  let now = hmat.targets.find(({ node }) => node === target)?.access[1];
  if (now === undefined || now.initiators.length === 0) {
    const nearest = nearestCpus(machine.nodes, machine.distances, target);
    if (nearest.length === 0) reject('no node has CPUs that could see it');
    return setPaths({ performance }, nearest, target, wanted);
  }
  const attached = hmat.targets.find(({ node }) => node === target)?.attachedInitiator;
  for (let round = 0; round <= machine.nodes.length; round++) {
    performance = setPaths({ performance }, now.initiators, target, wanted);
    [, now] = accessClasses({ nodes: machine.nodes, performance }, target, attached);
    const { coordinate } = now;
    if (Object.entries(wanted).every(([field, figure]) => coordinate[field as Field] === figure))
      break;
  }
  return performance;
}
