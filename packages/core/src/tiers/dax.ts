import { overlap, type Machine, type MappedRange } from '../machine.ts';
import { bytes, type Bytes, type NodeId } from '../units.ts';

/** Memory that waits for the kmem driver. */
export interface DaxDevice {
  readonly node: NodeId;
  readonly base: Bytes;
  readonly size: Bytes;
  /** Soft-reserved memory, persistent memory given to applications, or a CXL region. */
  readonly made: 'hmem' | 'pmem' | 'cxl';
}

/** Smallest memory block on x86; larger machines have larger ones. Source: Linux arch/x86/include/asm/sparsemem.h SECTION_SIZE_BITS. */
export const MEMORY_BLOCK: Bytes = bytes(128 * 2 ** 20);

/**
 * The dax devices that the machine has, or has as soon as somebody makes a region or a namespace of
 * them, by ascending base.
 */
export function daxDevices(machine: Machine): DaxDevice[] {
  const regions = cxlDevices(machine);
  const apart = (device: DaxDevice): boolean =>
    (machine.cxl?.windows ?? []).every((window) => overlap(window, device) === 0);
  const persistent = machine.memoryMap
    .filter(({ kind }) => kind === 'persistent')
    .flatMap((mapped) => unitOf(mapped, machine, 'pmem'));
  // What lies in a CXL window is left to the CXL drivers.
  const others = [...hmemDevices(machine), ...persistent].filter(apart);
  return [...others, ...regions].sort((a, b) => a.base - b.base);
}

/**
 * Devices of soft-reserved memory. With an HMAT the SRAT range of a target is the unit, and it is a
 * device only if nothing but soft-reserved memory is mapped in it; what such a range claimed cannot
 * be claimed again. Elsewhere each soft-reserved range of the memory map is a device.
 * Source: Linux drivers/acpi/numa/hmat.c hmat_register_target_devices; drivers/dax/hmem/device.c.
 */
function hmemDevices(machine: Machine): DaxDevice[] {
  const softReserved = machine.memoryMap.filter(({ kind }) => kind === 'soft-reserved');
  const targets = new Set(machine.hmat?.targets.map((target) => target.node));
  const claimed = machine.memory.filter((range) => targets.has(range.node));
  return [
    ...claimed
      .filter((range) => isSoftReserved(range, machine.memoryMap))
      .map(({ node, base, size }): DaxDevice => ({ node, base, size, made: 'hmem' })),
    ...softReserved
      .filter((mapped) => claimed.every((range) => overlap(range, mapped) === 0))
      .flatMap((mapped) => unitOf(mapped, machine, 'hmem')),
  ];
}

/**
 * A region a CXL window: over the memory that firmware set up in it, or else over as much of the
 * window as its devices have.
 */
function cxlDevices(machine: Machine): DaxDevice[] {
  const { windows, devices } = machine.cxl ?? { windows: [], devices: [] };
  return windows.flatMap(({ node, base, size, hostBridges }): DaxDevice[] => {
    if (node === undefined) return [];
    const setUp = machine.memoryMap.filter(
      (mapped) => mapped.kind === 'soft-reserved' && overlap(mapped, { base, size }) > 0,
    );
    if (setUp.length > 0)
      return setUp.map((mapped) => ({ node, base: mapped.base, size: mapped.size, made: 'cxl' }));
    const capacity = devices
      .filter((device) => hostBridges.includes(device.hostBridge))
      .flatMap((device) => device.ranges)
      .reduce((total, range) => total + range.size, 0);
    const used = capacity === 0 ? size : Math.min(size, capacity);
    return [{ node, base, size: bytes(used), made: 'cxl' }];
  });
}

function isSoftReserved(
  range: { readonly base: Bytes; readonly size: Bytes },
  memoryMap: readonly MappedRange[],
): boolean {
  const inside = memoryMap.filter((mapped) => overlap(range, mapped) > 0);
  return inside.length > 0 && inside.every(({ kind }) => kind === 'soft-reserved');
}

/** A mapped range belongs to the node in which it starts; without one kmem refuses it. */
function unitOf({ base, size }: MappedRange, machine: Machine, made: 'hmem' | 'pmem'): DaxDevice[] {
  const range = machine.memory.find(
    (range) => range.base <= base && base < range.base + range.size,
  );
  return range ? [{ node: range.node, base, size, made }] : [];
}

/** The whole memory blocks of a device, which is all that kmem brings online. */
export function wholeBlocks({ base, size }: DaxDevice): { base: Bytes; size: Bytes } | undefined {
  const start = Math.ceil(base / MEMORY_BLOCK) * MEMORY_BLOCK;
  const end = Math.floor((base + size) / MEMORY_BLOCK) * MEMORY_BLOCK;
  return start < end ? { base: bytes(start), size: bytes(end - start) } : undefined;
}
