import { isDeepStrictEqual } from 'node:util';

import {
  bytes,
  megabytesPerSecond,
  nanoseconds,
  nodeId,
  type AccessClass,
  type Hmat,
  type MachineNode,
  type MachineNote,
  type MemorySideCache,
  type MemoryTarget,
  type NodeId,
  type PathPerformance,
} from '@tierlab/core';

import { accessClasses } from '../access.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * What `nodeN/accessC/initiators` and `nodeN/memory_side_cache` show, or undefined where no node has
 * access classes: a kernel that was told nothing.
 *
 * A kernel before 5.10 shows class 0 only, of CPUs; where one class is missing the other stands for
 * both. A target whose classes do not come out of the paths by the kernel's search had an initiator
 * attached by firmware.
 */
export async function hmatFromAccess(
  snapshot: Snapshot,
  nodes: readonly MachineNode[],
  online: readonly NodeId[],
  notes: MachineNote[],
): Promise<Hmat | undefined> {
  const targets: MemoryTarget[] = [];
  for (const node of online) {
    const class0 = await readClass(snapshot, node, 0);
    const class1 = await readClass(snapshot, node, 1);
    const [first, second] = [class0 ?? class1, class1 ?? class0];
    if (first === undefined || second === undefined) continue;
    if (class0 === undefined || class1 === undefined) {
      const [shown, other] = class0 === undefined ? [1, 0] : [0, 1];
      notes.push({
        where: `node${node}/access${shown}`,
        text: `access${other} is not shown; access${shown} stands for it`,
      });
    }
    const caches = await readCaches(snapshot, node);
    targets.push({ node, access: [first, second], shown: true, caches });
  }
  if (targets.length === 0) return undefined;
  const performance = pathsOf(targets);
  return {
    targets: targets.map((target) => explained(target, nodes, performance)),
    performance,
    genericPorts: [],
  };
}

/** `target` as it is if the paths explain it, else with the initiator that must have been attached. */
function explained(
  target: MemoryTarget,
  nodes: readonly MachineNode[],
  performance: readonly PathPerformance[],
): MemoryTarget {
  const found = accessClasses({ nodes, performance }, target.node, undefined);
  const [only, ...others] = target.access[0].initiators;
  if (isDeepStrictEqual(found, target.access) || only === undefined || others.length > 0)
    return target;
  const attached = accessClasses({ nodes, performance }, target.node, only);
  return isDeepStrictEqual(attached, target.access)
    ? { ...target, attachedInitiator: only }
    : target;
}

function pathsOf(targets: readonly MemoryTarget[]): readonly PathPerformance[] {
  const paths = targets.flatMap(({ node, access }) =>
    access.flatMap(({ initiators, coordinate }) =>
      initiators.map((initiator) => ({ initiator, target: node, coordinate })),
    ),
  );
  const known = paths.filter(({ coordinate }) => Object.values(coordinate).some((v) => v !== 0));
  const byPair = new Map(known.map((path) => [`${path.initiator} ${path.target}`, path]));
  return [...byPair.values()].sort((a, b) => a.initiator - b.initiator || a.target - b.target);
}

async function readClass(
  snapshot: Snapshot,
  node: NodeId,
  accessClass: 0 | 1,
): Promise<AccessClass | undefined> {
  const directory = `node${node}/access${accessClass}/initiators`;
  const names = (await snapshot.nodeNames(directory)) ?? [];
  // The directory of a node that is no target of the class is there too, and empty.
  if (!names.some((name) => /^(?:node\d+|(?:read|write)_(?:latency|bandwidth))$/.test(name))) {
    return undefined;
  }
  const figure = (name: string): Promise<number> => readNumber(snapshot, `${directory}/${name}`);
  const initiators = names.flatMap((name) => {
    const id = /^node(\d+)$/.exec(name)?.[1];
    return id === undefined ? [] : [nodeId(Number(id))];
  });
  return {
    coordinate: {
      readLatency: nanoseconds(await figure('read_latency')),
      writeLatency: nanoseconds(await figure('write_latency')),
      readBandwidth: megabytesPerSecond(await figure('read_bandwidth')),
      writeBandwidth: megabytesPerSecond(await figure('write_bandwidth')),
    },
    initiators: initiators.sort((a, b) => a - b),
  };
}

/** A missing file counts as 0, the kernel's "not provided". */
async function readNumber(snapshot: Snapshot, path: string): Promise<number> {
  const value = Number((await snapshot.node(path)) ?? 0);
  return Number.isInteger(value) && value >= 0 ? value : 0;
}

const INDEXING = ['direct', 'indexed', 'other'] as const;
const WRITE_POLICY = ['write-back', 'write-through', 'other'] as const;
const EXTENDED_LINEAR = 1;

async function readCaches(snapshot: Snapshot, node: NodeId): Promise<readonly MemorySideCache[]> {
  const directory = `node${node}/memory_side_cache`;
  const caches: MemorySideCache[] = [];
  for (const name of (await snapshot.nodeNames(directory)) ?? []) {
    const level = /^index(\d+)$/.exec(name)?.[1];
    if (level === undefined) continue;
    const file = (field: string): Promise<number> =>
      readNumber(snapshot, `${directory}/${name}/${field}`);
    const addressMode = await file('address_mode');
    caches.push({
      level: Number(level),
      size: bytes(await file('size')),
      lineSize: bytes(await file('line_size')),
      indexing: INDEXING[await file('indexing')] ?? 'other',
      writePolicy: WRITE_POLICY[await file('write_policy')] ?? 'other',
      addressMode: addressMode === EXTENDED_LINEAR ? 'extended-linear' : 'reserved',
    });
  }
  return caches.sort((a, b) => a.level - b.level);
}
