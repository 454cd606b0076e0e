import { type Machine, MEMORY_BLOCK, type MemoryRange, type NodeId, overlap } from '@tierlab/core';

import { KernelLabError } from '../errors.ts';
import type { GuestMachine } from './scenario.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** Of memory that is plugged in: more is more than most hosts give. */
const PLUGGED_BYTES_MAX = 8 * GIB;
/** Source: QEMU include/sysemu/numa.h MAX_NODES, 7.2. */
const QEMU_NODES_MAX = 128;

/**
 * The guest with slots for the memory that `machine` has room for and not yet: QEMU's DIMMs, which
 * ACPI announces. QEMU then has nodes of its own, by proximity domain, so that a DIMM can name one;
 * the kernel takes ours instead.
 *
 * Source: QEMU docs/memory-hotplug.txt, hw/mem/pc-dimm.c, hw/i386/pc.c pc_get_device_memory_range, 7.2.
 */
export function withMemorySlots({ qemu, tables }: GuestMachine, machine: Machine): GuestMachine {
  const windows = machine.nodes.flatMap(({ id }) => windowsOf(machine, id));
  if (windows.length === 0) return { qemu, ...(tables && { tables }) };
  const end = Math.max(...windows.map(({ base, size }) => base + size));
  const at = qemu.indexOf('-m') + 1;
  const ram = qemu[at];
  const roomMib = Math.ceil((end - 4 * GIB) / GIB) * 1024;
  const domains = 1 + Math.max(...machine.nodes.map((node) => node.proximityDomain ?? node.id));
  if (domains > QEMU_NODES_MAX) {
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      `machine: expected proximity domains below ${QEMU_NODES_MAX} to plug memory into, got ${domains - 1}`,
    );
  }
  return {
    qemu: [
      ...qemu.slice(0, at),
      `${ram},slots=${windows.length},maxmem=${Number.parseInt(ram, 10) + roomMib}M`,
      ...qemu.slice(at + 1),
      '-object',
      `memory-backend-ram,size=${ram},id=ram`,
      '-numa',
      'node,nodeid=0,memdev=ram',
      ...Array.from({ length: domains - 1 }, (_, i) => ['-numa', `node,nodeid=${i + 1}`]).flat(),
    ],
    ...(tables && { tables: tables.map(inPlaceOfQemus) }),
  };
}

/** Source: QEMU include/hw/acpi/aml-build.h ACPI_BUILD_APPNAME6, ACPI_BUILD_APPNAME8, 7.2, which sign revision 1. */
const QEMU_SIGNATURE = 'BOCHS BXPC    ';
const SIGNATURE_AT = 10;
const REVISION_AT = 24;
const CHECKSUM_AT = 9;

/**
 * The table signed so that Linux takes it instead of QEMU's of its kind: the same OEM, a later
 * revision. Seen on 6.12: with another OEM id it is installed beside QEMU's, which then holds.
 */
function inPlaceOfQemus(table: Uint8Array): Uint8Array {
  const signed = Uint8Array.from(table);
  signed.set(new TextEncoder().encode(QEMU_SIGNATURE), SIGNATURE_AT);
  new DataView(signed.buffer).setUint32(REVISION_AT, 2, true);
  signed[CHECKSUM_AT] = 0;
  signed[CHECKSUM_AT] = -signed.reduce((sum, byte) => sum + byte, 0);
  return signed;
}

/** Memory blocks that come, or go, with all DIMMs of `node`. */
export const blockCount = (machine: Machine, node: NodeId): number =>
  windowsOf(machine, node).reduce((sum, { size }) => sum + size / MEMORY_BLOCK, 0);

/** The monitor's commands that fill the empty ranges of `node`. Throws `LAB_BAD_SCENARIO`. */
export const plugCommands = (machine: Machine, node: NodeId): readonly string[] =>
  windowsOf(machine, node).flatMap((window, i) => [
    `object_add memory-backend-ram,id=${name(node, i)},size=${window.size / MIB}M`,
    `device_add pc-dimm,id=dimm-${name(node, i)},memdev=${name(node, i)},node=${domainOf(machine, node)},addr=${window.base}`,
  ]);

/** The monitor's commands that take them out again; the kernel is asked first. */
export const unplugCommands = (machine: Machine, node: NodeId): readonly string[] =>
  windowsOf(machine, node).map((_, i) => `device_del dimm-${name(node, i)}`);

const name = (node: NodeId, i: number): string => `node${node}-${i}`;

const domainOf = ({ nodes }: Machine, node: NodeId): number =>
  nodes.find(({ id }) => id === node)?.proximityDomain ?? node;

/** The ranges of a node behind which nothing is. */
function windowsOf({ memory, memoryMap }: Machine, node: NodeId): readonly MemoryRange[] {
  const windows = memory.filter(
    (range) => range.node === node && memoryMap.every((mapped) => overlap(range, mapped) === 0),
  );
  for (const window of windows) checkWindow(window);
  return windows;
}

function checkWindow({ node, base, size }: MemoryRange): void {
  const aligned = base % MEMORY_BLOCK === 0 && size % MEMORY_BLOCK === 0;
  if (aligned && base >= 4 * GIB && size <= PLUGGED_BYTES_MAX) return;
  throw new KernelLabError(
    'LAB_BAD_SCENARIO',
    `node ${node}: expected room for memory in whole blocks of 128 MiB above 4 GiB, of at most 8 GiB, got ${size / MIB} MiB at ${base / MIB} MiB; QEMU plugs none in elsewhere`,
  );
}
