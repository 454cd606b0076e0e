import {
  LOCAL_DISTANCE,
  nodeId,
  nodeList,
  REMOTE_DISTANCE,
  type Machine,
  type MachineNode,
  type MachineNote,
  type NodeId,
} from '@tierlab/core';

import { FirmwareError } from '../errors.ts';
import { parseIdList, parseIdMask } from '../id-list.ts';
import { layOut, type MemoryPiece } from '../layout.ts';
import { hmatFromAccess } from './access.ts';
import { readKmem, type KmemDevice } from './kmem.ts';
import type { SysfsReader } from './reader.ts';
import { findSnapshot, type Snapshot } from './snapshot.ts';

/** A running machine as its sysfs showed it. */
export interface SysfsMachine {
  /** The machine before any driver added memory to it. */
  readonly machine: Machine;
  /** Nodes whose memory the kmem driver had brought: the steps from `machine` to what was running. */
  readonly kmemNodes: readonly NodeId[];
  readonly observed: ObservedKernel;
}

/** What the running kernel had made of the machine. */
export interface ObservedKernel {
  /** As `uname -r` prints it. */
  readonly release?: string;
  /** Memory tiers, the kernel's number to its node list; absent where the kernel showed none. */
  readonly tiers?: Readonly<Record<string, string>>;
}

/**
 * The machine of a sysfs snapshot: nodes, CPUs, distances, memory, access coordinates and
 * memory-side caches of `/sys/devices/system/node`, and what drivers brought.
 *
 * sysfs shows the best paths to each node and no others, and how much memory a node has but not
 * where: paths that it does not show have no figures, and addresses are laid out anew; `notes` say so.
 * Throws FIRMWARE_BAD_SYSFS for a snapshot without nodes, or with a file that no kernel writes.
 * Source: Linux Documentation/ABI/stable/sysfs-devices-node, drivers/base/node.c, 6.12.
 */
export async function machineFromSysfs(reader: SysfsReader): Promise<SysfsMachine> {
  const snapshot = await findSnapshot(reader);
  if (snapshot === undefined) {
    throw badSysfs(
      'no node directories found',
      'give a copy of /sys/devices/system/node or of /sys',
    );
  }
  const notes: MachineNote[] = [];
  const { online, possible } = await readStates(snapshot);
  const kmem = await readKmem(snapshot);
  const memory = new Map<NodeId, number>();
  for (const id of online) memory.set(id, await readMemory(snapshot, id));
  const pieces = [...memory].flatMap(([id, sizeBytes]) => piecesOf(id, sizeBytes, kmem));
  const nodes: MachineNode[] = [];
  for (const id of possible) nodes.push(await readNode(snapshot, id, { online, pieces }));
  notes.push({
    where: 'sysfs',
    text: 'sysfs does not say where memory lies: addresses are laid out in the order of nodes',
  });
  const layout = layOut(pieces);
  const hmat = await hmatFromAccess(snapshot, nodes, online, notes);
  return {
    machine: {
      nodes,
      distances: await readDistances(snapshot, online, possible),
      ...layout,
      ...(hmat === undefined ? {} : { hmat }),
      movableNode: false,
      tables: {},
      notes,
    },
    kmemNodes: possible.filter((id) =>
      pieces.some((piece) => piece.node === id && piece.kind !== 'ram'),
    ),
    observed: await readObserved(snapshot),
  };
}

function badSysfs(what: string, advice: string): FirmwareError {
  return new FirmwareError('FIRMWARE_BAD_SYSFS', `sysfs snapshot: ${what}; ${advice}`);
}

interface States {
  readonly online: readonly NodeId[];
  readonly possible: readonly NodeId[];
}

/** Nodes that are online are the directories: a list that names more of them is from another time. */
async function readStates(snapshot: Snapshot): Promise<States> {
  const names = (await snapshot.nodeNames('')) ?? [];
  const present = names.flatMap((name) => {
    const id = /^node(\d+)$/.exec(name)?.[1];
    return id === undefined ? [] : [Number(id)];
  });
  const listed = await readIds(snapshot, 'online');
  const online = listed?.filter((id) => present.includes(id)) ?? present;
  const possible = (await readIds(snapshot, 'possible')) ?? [];
  return { online: nodeIds(online), possible: nodeIds([...online, ...possible]) };
}

/** Ascending, each once. */
const nodeIds = (ids: Iterable<number>): NodeId[] =>
  [...new Set(ids)].sort((a, b) => a - b).map(nodeId);

async function readIds(snapshot: Snapshot, path: string): Promise<readonly number[] | undefined> {
  const text = await snapshot.node(path);
  if (text === undefined) return undefined;
  const ids = parseIdList(text);
  if (ids === undefined) throw badFile(path, text, 'a list such as 0-3,8');
  return ids;
}

const badFile = (path: string, text: string, expected: string): FirmwareError =>
  badSysfs(
    `devices/system/node/${path}: expected ${expected}, got ${JSON.stringify(text.slice(0, 60))}`,
    'copy the snapshot again',
  );

interface Known {
  readonly online: readonly NodeId[];
  readonly pieces: readonly MemoryPiece[];
}

/** Online in the machine is what is online at boot, before kmem. */
async function readNode(
  snapshot: Snapshot,
  id: NodeId,
  { online, pieces }: Known,
): Promise<MachineNode> {
  const cpus = online.includes(id) ? await readCpus(snapshot, id) : [];
  const initiators = await readIds(snapshot, 'has_generic_initiator');
  const genericInitiator = initiators?.includes(id) ?? false;
  const fromKmemOnly =
    cpus.length === 0 &&
    !genericInitiator &&
    pieces.some(({ node }) => node === id) &&
    pieces.every(({ node, kind }) => node !== id || kind !== 'ram');
  return { id, online: online.includes(id) && !fromKmemOnly, cpus, genericInitiator };
}

async function readCpus(snapshot: Snapshot, id: NodeId): Promise<readonly number[]> {
  const list = await readIds(snapshot, `node${id}/cpulist`);
  if (list !== undefined) return list;
  const text = await snapshot.node(`node${id}/cpumap`);
  if (text === undefined) return [];
  const mask = parseIdMask(text);
  if (mask === undefined)
    throw badFile(`node${id}/cpumap`, text, 'a mask such as 00f000f0,00f000f0');
  return mask;
}

/** `MemTotal` in bytes: what is left to Linux, some less than what is built in. */
async function readMemory(snapshot: Snapshot, id: NodeId): Promise<number> {
  const path = `node${id}/meminfo`;
  const text = await snapshot.node(path);
  if (text === undefined) return 0;
  const total = /\bMemTotal:\s*(\d+) kB/.exec(text)?.[1];
  if (total === undefined) throw badFile(path, text, 'a line with MemTotal: 1024 kB');
  return Number(total) * 1024;
}

/** What of a node's memory was there at boot, and what kmem brought. */
function piecesOf(
  node: NodeId,
  sizeBytes: number,
  kmem: readonly KmemDevice[],
): readonly MemoryPiece[] {
  const devices = kmem.filter((device) => device.node === node);
  const boot = { node, kind: 'ram', hotPluggable: false, nonVolatile: false } as const;
  const [first] = devices;
  if (sizeBytes === 0) return [];
  if (first === undefined) return [{ ...boot, sizeBytes }];
  const brought = devices.reduce((sum, device) => sum + device.sizeBytes, 0);
  // A device takes some of its memory for itself, so a little more than what it brought is there.
  const rest = brought === 0 || brought >= sizeBytes ? 0 : sizeBytes - brought;
  const nonVolatile = first.kind === 'persistent';
  const driven = { node, kind: first.kind, hotPluggable: false, nonVolatile };
  return [
    ...(rest > 0 ? [{ ...boot, sizeBytes: rest }] : []),
    { ...driven, sizeBytes: sizeBytes - rest },
  ];
}

/** A row has a column for each online node, in some made-up snapshots for each possible one. */
async function readDistances(
  snapshot: Snapshot,
  online: readonly NodeId[],
  possible: readonly NodeId[],
): Promise<readonly (readonly number[])[]> {
  const rows: number[][] = [];
  for (const from of possible) {
    const text = online.includes(from) ? await snapshot.node(`node${from}/distance`) : undefined;
    const given = text?.trim().split(/\s+/).map(Number) ?? [];
    const columns = [online, possible].find((nodes) => nodes.length === given.length);
    if (text !== undefined && (columns === undefined || !given.every(Number.isInteger))) {
      throw badFile(
        `node${from}/distance`,
        text,
        `${online.length} distances, one for each of the nodes ${nodeList(online)}`,
      );
    }
    const column = (to: NodeId): number => columns?.indexOf(to) ?? -1;
    rows.push(
      possible.map((to) => given[column(to)] ?? (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE)),
    );
  }
  return rows;
}

const TIERS = 'devices/virtual/memory_tiering';

async function readObserved(snapshot: Snapshot): Promise<ObservedKernel> {
  const version = (await snapshot.proc('version')) ?? '';
  const release =
    (await snapshot.proc('sys/kernel/osrelease'))?.trim() ??
    /^Linux version (\S+)/.exec(version)?.[1];
  const tiers: Record<string, string> = {};
  for (const name of (await snapshot.sysNames(TIERS)) ?? []) {
    const number = /^memory_tier(\d+)$/.exec(name)?.[1];
    const nodes = await snapshot.sys(`${TIERS}/${name}/nodelist`);
    if (number !== undefined && nodes !== undefined) tiers[number] = nodes.trim();
  }
  return {
    ...(release === undefined ? {} : { release }),
    ...(Object.keys(tiers).length === 0 ? {} : { tiers }),
  };
}
