import { overlap, type Machine, type MappedRange } from '../machine.ts';
import { bytes, type Bytes, type NodeId } from '../units.ts';

/** Memory that waits for the kmem driver. */
export interface DaxDevice {
  readonly node: NodeId;
  readonly base: Bytes;
  readonly size: Bytes;
  readonly made: 'hmem' | 'cxl';
}

/** Smallest memory block on x86; larger machines have larger ones. Source: Linux arch/x86/include/asm/sparsemem.h SECTION_SIZE_BITS. */
export const MEMORY_BLOCK: Bytes = bytes(128 * 2 ** 20);

/**
 * The dax devices of soft-reserved memory. With an HMAT the SRAT range of a target is the unit, and
 * it is a device only if nothing but soft-reserved memory is mapped in it; what such a range claimed
 * cannot be claimed again. Elsewhere each soft-reserved range of the memory map is a device.
 * Source: Linux drivers/acpi/numa/hmat.c hmat_register_target_devices; drivers/dax/hmem/device.c.
 */
export function daxDevices(machine: Machine): DaxDevice[] {
  const softReserved = machine.memoryMap.filter(({ kind }) => kind === 'soft-reserved');
  const targets = new Set(machine.hmat?.targets.map((target) => target.node));
  const claimed = machine.memory.filter((range) => targets.has(range.node));
  const units = [
    ...claimed
      .filter((range) => isSoftReserved(range, machine.memoryMap))
      .map(({ node, base, size }): DaxDevice => ({ node, base, size, made: 'hmem' })),
    ...softReserved
      .filter((mapped) => claimed.every((range) => overlap(range, mapped) === 0))
      .flatMap((mapped) => unitOf(mapped, machine)),
  ];
  return units.sort((a, b) => a.base - b.base);
}

function isSoftReserved(
  range: { readonly base: Bytes; readonly size: Bytes },
  memoryMap: readonly MappedRange[],
): boolean {
  const inside = memoryMap.filter((mapped) => overlap(range, mapped) > 0);
  return inside.length > 0 && inside.every(({ kind }) => kind === 'soft-reserved');
}

/** A soft-reserved range belongs to the node in which it starts; without one kmem refuses it. */
function unitOf({ base, size }: MappedRange, machine: Machine): DaxDevice[] {
  const range = machine.memory.find(
    (range) => range.base <= base && base < range.base + range.size,
  );
  return range ? [{ node: range.node, base, size, made: 'hmem' }] : [];
}

/** The whole memory blocks of a device, which is all that kmem brings online. */
export function wholeBlocks({ base, size }: DaxDevice): { base: Bytes; size: Bytes } | undefined {
  const start = Math.ceil(base / MEMORY_BLOCK) * MEMORY_BLOCK;
  const end = Math.floor((base + size) / MEMORY_BLOCK) * MEMORY_BLOCK;
  return start < end ? { base: bytes(start), size: bytes(end - start) } : undefined;
}
