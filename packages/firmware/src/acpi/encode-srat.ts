import type { Machine, MachineNode, MemoryRange } from '@tierlab/core';

import { acpiTable, type ByteWriter } from './writer.ts';

/** Types 0 and 9 of a MADT, 0 and 2 of an SRAT: an APIC id of 255 or more needs the longer form. */
const APIC_ID_MAX = 254;
const ENABLED = 1;
const ONLINE_CAPABLE = 2;
const HOT_PLUGGABLE = 2;
const NON_VOLATILE = 4;
const ACPI_HANDLE = 0;

/** A CPU of a node; its APIC id is its logical number, for CPUs are listed in that order. */
interface Cpu {
  readonly node: MachineNode;
  readonly apicId: number;
  readonly plugged: boolean;
}

/**
 * Every CPU, and one that is not plugged in for each node that nothing else makes online.
 */
function cpusOf({ nodes, memory, memoryMap }: Machine): readonly Cpu[] {
  const plugged = nodes.flatMap((node) =>
    node.cpus.map((apicId) => ({ node, apicId, plugged: true })),
  );
  const isRam = (range: MemoryRange): boolean =>
    memoryMap.some(
      ({ kind, base, size }) =>
        kind === 'ram' && base < range.base + range.size && range.base < base + size,
    );
  const waiting = nodes.filter(
    (node) =>
      node.online &&
      node.cpus.length === 0 &&
      !node.genericInitiator &&
      !memory.some((range) => range.node === node.id && isRam(range)),
  );
  return [
    ...plugged,
    ...waiting.map((node, i) => ({ node, apicId: plugged.length + i, plugged: false })),
  ];
}

const domainOf = ({ proximityDomain, id }: MachineNode): number => proximityDomain ?? id;

/**
 * The SRAT: nodes are numbered by their first mention, CPUs and generic initiators before memory,
 * so entries come in the order of node ids.
 * Source: ACPI 6.5, 5.2.16; the order: Linux drivers/acpi/numa/srat.c acpi_numa_init.
 */
export function encodeSrat(machine: Machine): Uint8Array {
  const cpus = cpusOf(machine);
  return acpiTable('SRAT', 3, (writer) => {
    writer.u32(1).u64(0);
    for (const node of machine.nodes) {
      for (const cpu of cpus) if (cpu.node === node) writeCpuAffinity(writer, cpu);
      if (node.genericInitiator) {
        writeGeneric(writer, { type: 5, domain: domainOf(node), hid: 'TLAB0001', uid: node.id });
      }
    }
    for (const node of machine.nodes) {
      for (const range of machine.memory) {
        if (range.node === node.id) writeMemoryAffinity(writer, domainOf(node), range);
      }
    }
    for (const { acpiUid, proximityDomain } of machine.hmat?.genericPorts ?? []) {
      writeGeneric(writer, { type: 6, domain: proximityDomain, hid: 'ACPI0016', uid: acpiUid });
    }
  });
}

function writeCpuAffinity(writer: ByteWriter, { node, apicId }: Cpu): void {
  const domain = domainOf(node);
  if (apicId <= APIC_ID_MAX) {
    writer
      .u8(0)
      .u8(16)
      .u8(domain % 256)
      .u8(apicId)
      .u32(ENABLED)
      .u8(0);
    const high = Math.floor(domain / 256);
    writer
      .u8(high % 256)
      .u8(Math.floor(high / 256) % 256)
      .u8(Math.floor(high / 65_536))
      .u32(0);
  } else {
    writer.u8(2).u8(24).u16(0).u32(domain).u32(apicId).u32(ENABLED).u32(0).u32(0);
  }
}

interface Generic {
  readonly type: 5 | 6;
  readonly domain: number;
  /** The ACPI device, eight characters. */
  readonly hid: string;
  readonly uid: number;
}

function writeGeneric(writer: ByteWriter, { type, domain, hid, uid }: Generic): void {
  writer.u8(type).u8(32).u8(0).u8(ACPI_HANDLE).u32(domain);
  writer.ascii(hid).u32(uid).u32(0).u32(ENABLED).u32(0);
}

function writeMemoryAffinity(writer: ByteWriter, domain: number, range: MemoryRange): void {
  const flags =
    ENABLED + (range.hotPluggable ? HOT_PLUGGABLE : 0) + (range.nonVolatile ? NON_VOLATILE : 0);
  writer.u8(1).u8(40).u32(domain).u16(0).u64(range.base).u64(range.size);
  writer.u32(0).u32(flags).u64(0);
}

const LOCAL_APIC_ADDRESS = 0xfee00000;
const IO_APIC_ADDRESS = 0xfec00000;

/** The MADT, with the I/O APIC that every PC has. Source: ACPI 6.5, 5.2.12. */
export function encodeMadt(machine: Machine): Uint8Array {
  const cpus = cpusOf(machine).toSorted((a, b) => a.apicId - b.apicId);
  return acpiTable('APIC', 5, (writer) => {
    writer.u32(LOCAL_APIC_ADDRESS).u32(1);
    for (const { apicId, plugged } of cpus) {
      const flags = plugged ? ENABLED : ONLINE_CAPABLE;
      if (apicId <= APIC_ID_MAX) writer.u8(0).u8(8).u8(apicId).u8(apicId).u32(flags);
      else writer.u8(9).u8(16).u16(0).u32(apicId).u32(flags).u32(apicId);
    }
    writer.u8(1).u8(12).u8(0).u8(0).u32(IO_APIC_ADDRESS).u32(0);
  });
}
