import { isDeepStrictEqual } from 'node:util';

import {
  LOCAL_DISTANCE,
  nodeList,
  REMOTE_DISTANCE,
  type Machine,
  type MachineNode,
} from '@tierlab/core';

import { decodeAcpi, type AcpiOptions, type AcpiTables } from './decode.ts';
import { encodeCdat, encodeCedt } from './encode-cxl.ts';
import { cannotEncode } from './encode-error.ts';
import { encodeHmat, type OnRounded } from './encode-hmat.ts';
import { encodeMadt, encodeSrat } from './encode-srat.ts';
import { formatMemoryMap, parseMemoryMap } from './memory-map.ts';
import { acpiTable } from './writer.ts';

/** A machine as firmware tells it to Linux. */
export interface EncodedAcpi {
  readonly tables: AcpiTables;
  /** The memory map, as `/sys/firmware/memmap` has it. */
  readonly memoryMap: string;
  /** With these {@link decodeAcpi} reads the same machine again. */
  readonly options: AcpiOptions;
}

/** How exact tables are. */
export interface EncodeOptions {
  /**
   * Allows figures that have no common unit, which is 16 bits wide, to become the nearest that do, and is told of each.
   * Absent: such a machine is refused.
   */
  readonly onRounded?: OnRounded;
}

/**
 * The firmware tables of `machine`: SRAT, APIC (the MADT), a SLIT where distances are not 10 and 20,
 * an HMAT (revision 2) where the machine has one, CEDT and CDAT where it has CXL windows.
 * Reading them gives the same machine, but for `tables`, `notes` and what was rounded; a node without a proximity
 * domain gets its id for one.
 *
 * Throws FIRMWARE_CANNOT_ENCODE for a machine of which no tables tell, and says what of it.
 */
export function encodeAcpi(unnamed: Machine, { onRounded }: EncodeOptions = {}): EncodedAcpi {
  const machine = { ...unnamed, nodes: unnamed.nodes.map(withDomain) };
  requireTellable(machine);
  const { cxl } = machine;
  const [device] = cxl?.devices ?? [];
  let rounded = false;
  const noted: OnRounded = (value, read) => {
    rounded = true;
    onRounded?.(value, read);
  };
  const tables: AcpiTables = {
    SRAT: encodeSrat(machine),
    APIC: encodeMadt(machine),
    ...(hasDefaultDistances(machine) ? {} : { SLIT: encodeSlit(machine) }),
    ...(machine.hmat === undefined
      ? {}
      : { HMAT: encodeHmat(machine, machine.hmat, onRounded && noted) }),
    ...(cxl === undefined ? {} : { CEDT: encodeCedt(cxl) }),
    ...(device === undefined ? {} : { CDAT: encodeCdat(device) }),
  };
  const memoryMap = formatMemoryMap(machine.memoryMap);
  const options: AcpiOptions = {
    memoryMap: parseMemoryMap(memoryMap),
    ...(machine.movableNode ? { bootOptions: ['movable_node'] } : {}),
    ...(cxl === undefined ? {} : { qosAnswered: cxl.qosAnswered }),
    ...(device === undefined ? {} : { cxlLinks: device.links }),
  };
  const read = decodeAcpi(tables, options);
  const { hmat } = read;
  verify(rounded && hmat !== undefined ? { ...machine, hmat } : machine, read);
  return { tables, memoryMap, options };
}

const withDomain = (node: MachineNode): MachineNode =>
  node.proximityDomain === undefined ? { ...node, proximityDomain: node.id } : node;

function requireTellable(machine: Machine): void {
  const cpus = machine.nodes.flatMap((node) => node.cpus);
  const gap = cpus.toSorted((a, b) => a - b).findIndex((cpu, i) => cpu !== i);
  if (gap !== -1) throw cannotEncode(`CPU ${gap} is missing, and Linux numbers CPUs without gaps`);
  if ((machine.cxl?.devices.length ?? 0) > 1) {
    throw cannotEncode('it has more than one CXL device, and only one CDAT can be given');
  }
  const processors = machine.nodes.filter((node) => node.cpus.length > 0 || node.genericInitiator);
  const order = [
    ...new Set([
      ...processors,
      ...machine.nodes.filter((node) => machine.memory.some((range) => range.node === node.id)),
      ...machine.nodes,
    ]),
  ].map(({ id }) => id);
  const misplaced = order.findIndex((id, i) => id !== i);
  if (misplaced !== -1 && machine.nodes.every(({ online }) => online)) {
    throw cannotEncode(
      `Linux numbers nodes without gaps, those with CPUs or generic initiators first, ` +
        `so nodes ${nodeList(order)} would get other numbers`,
    );
  }
}

function hasDefaultDistances({ distances }: Machine): boolean {
  return distances.every((row, i) =>
    row.every((distance, j) => distance === (i === j ? LOCAL_DISTANCE : REMOTE_DISTANCE)),
  );
}

/** Domains that no node has are 10 from themselves and 20 from all others, or Linux ignores the table. */
function encodeSlit(machine: Machine): Uint8Array {
  const nodes = machine.nodes.map(({ proximityDomain, id }) => proximityDomain ?? id);
  const count = 1 + Math.max(...nodes);
  if (count > 1024) throw cannotEncode(`proximity domain ${count - 1} makes its SLIT too large`);
  return acpiTable('SLIT', 1, (writer) => {
    writer.u64(count);
    for (let from = 0; from < count; from++) {
      for (let to = 0; to < count; to++) {
        const distance = machine.distances[nodes.indexOf(from)]?.[nodes.indexOf(to)];
        writer.u8(distance ?? (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE));
      }
    }
  });
}

const PARTS = ['nodes', 'distances', 'memory', 'memoryMap', 'hmat', 'cxl', 'movableNode'] as const;

/** The tables are right if Linux reads the machine out of them; nothing less is promised. */
function verify(machine: Machine, read: Machine): void {
  for (const part of PARTS) {
    const [wanted, got] = [JSON.stringify(machine[part]), JSON.stringify(read[part])];
    if (!isDeepStrictEqual(machine[part], read[part])) {
      const reason = read.notes.map(({ text }) => text).at(-1);
      throw cannotEncode(
        `Linux would read other ${part}: ${excerpt(got, wanted)} instead of ${excerpt(wanted, got)}` +
          (reason === undefined ? '' : ` (${reason})`),
      );
    }
  }
}

/** The part of `text` around the first character in which `other` differs. */
function excerpt(text: string | undefined, other: string | undefined): string {
  if (text === undefined || other === undefined) return (text ?? 'none').slice(0, 60);
  let i = 0;
  while (i < text.length && text[i] === other[i]) i++;
  return text.slice(Math.max(0, i - 40), i + 20);
}
