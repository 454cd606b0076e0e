import {
  LOCAL_DISTANCE,
  REMOTE_DISTANCE,
  type LoadedLatency,
  type Machine,
  type MachineNode,
  type NodeId,
} from '@tierlab/core';

import { parseIdList } from '../id-list.ts';
import { hasBootMemory } from '../layout.ts';
import { parseMachineDocument, type MachineDocument } from './document.ts';
import { entriesOf, type Entry } from './entries.ts';
import { memoryOf } from './memory.ts';
import { hmatOf } from './speed.ts';

/**
 * The machine that a machine file describes, in YAML or JSON; `source` names the file in messages.
 *
 * Throws FIRMWARE_BAD_SYNTAX or FIRMWARE_BAD_MACHINE_FILE, in one line that begins with
 * `source:line:column`.
 */
export function readMachineFile(text: string, source: string): Machine {
  const document = parseMachineDocument(text, source);
  const { file } = document;
  const entries = entriesOf(document);
  const layout = memoryOf(document, entries);
  const cpus = cpusOf(document, entries);
  const distances = distancesOf(document, entries);
  const nodes = entries.map(({ id, node, path }): MachineNode => {
    const proximityDomain = node.proximityDomain === undefined ? id : node.proximityDomain;
    const numbers = cpus.get(id) ?? [];
    const genericInitiator = node.genericInitiator ?? false;
    const busy = numbers.length > 0 || genericInitiator || hasBootMemory(layout, id);
    if (busy && node.online === true) {
      document.reject([...path, 'online'], `node ${id} is online anyway; leave out online`);
    }
    return {
      id,
      ...(proximityDomain === null ? {} : { proximityDomain }),
      online: busy || node.online === true,
      cpus: numbers,
      genericInitiator,
    };
  });
  const hmat = hmatOf(document, { entries, nodes, distances, layout });
  const loadedLatencies = loadedLatenciesOf(document, entries);
  return {
    nodes,
    distances,
    ...layout,
    ...(hmat === undefined ? {} : { hmat }),
    ...(loadedLatencies.length === 0 ? {} : { loadedLatencies }),
    movableNode: file.movableNode ?? false,
    tables: {},
    notes: [],
  };
}

/** What nodes say of their latency under load. */
function loadedLatenciesOf(
  { reject }: MachineDocument,
  entries: readonly Entry[],
): readonly LoadedLatency[] {
  return entries.flatMap(({ id, node: { underLoad }, path }) => {
    if (underLoad === undefined) return [];
    const falls = underLoad.findIndex(([share], i) => share <= (underLoad[i - 1]?.[0] ?? -1));
    if (falls >= 0) {
      reject([...path, 'underLoad', falls], 'expected a larger share of the bandwidth than before');
    }
    return [
      { node: id, points: underLoad.map(([utilisation, factor]) => ({ utilisation, factor })) },
    ];
  });
}

/** CPU numbers by node: lists as they are, counts from the lowest numbers that no list names. */
function cpusOf({ reject }: MachineDocument, entries: readonly Entry[]): Map<NodeId, number[]> {
  const owner = new Map<number, NodeId>();
  const cpus = new Map<NodeId, number[]>();
  for (const { id, node, path } of entries) {
    if (typeof node.cpus !== 'string') continue;
    const numbers = parseIdList(node.cpus) ?? [];
    for (const cpu of numbers) {
      const other = owner.get(cpu);
      if (other !== undefined) {
        reject([...path, 'cpus'], `CPU ${cpu} is in node ${other} already; a CPU has one node`);
      }
      owner.set(cpu, id);
    }
    cpus.set(id, numbers);
  }
  let next = 0;
  for (const { id, node } of entries) {
    if (typeof node.cpus !== 'number') continue;
    const numbers: number[] = [];
    for (; numbers.length < node.cpus; next++) if (!owner.has(next)) numbers.push(next);
    cpus.set(id, numbers);
  }
  return cpus;
}

function distancesOf(
  { file, reject }: MachineDocument,
  entries: readonly Entry[],
): readonly (readonly number[])[] {
  const given = file.distances;
  if (given !== undefined && given.length !== entries.length) {
    reject(
      ['distances'],
      `expected ${entries.length} rows, one for each node, got ${given.length}`,
    );
  }
  return entries.map((from) =>
    entries.map((to) => {
      const local = from === to;
      if (given === undefined) return local ? LOCAL_DISTANCE : REMOTE_DISTANCE;
      const row = given[from.position] ?? [];
      if (row.length !== entries.length) {
        reject(
          ['distances', from.position],
          `expected ${entries.length} distances, one for each node, got ${row.length}`,
        );
      }
      const distance = row[to.position] ?? 0;
      if (local ? distance !== LOCAL_DISTANCE : distance <= LOCAL_DISTANCE) {
        reject(
          ['distances', from.position, to.position],
          `expected ${local ? `${LOCAL_DISTANCE}, the distance of a node to itself` : `more than ${LOCAL_DISTANCE}`}, ` +
            `got ${distance}; Linux ignores the whole table for it`,
        );
      }
      return distance;
    }),
  );
}
