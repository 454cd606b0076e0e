import { holds } from '../kernel.ts';
import type { NodeId } from '../units.ts';
import { cxlRegionAccess } from './cxl-region.ts';
import { daxDevices, wholeBlocks, type DaxDevice } from './dax.ts';
import type { MemoryTiering } from './memory-tiering.ts';
import type { MemoryPiece } from './node-memory.ts';
import { CXL_ADISTANCE } from './rules.ts';
import type { HotplugStep } from './steps.ts';

/** Does `step`; a returned text is why it is not done. */
export function runStep(tiering: MemoryTiering, step: HotplugStep): string | undefined {
  switch (step.kind) {
    case 'offline':
      return offlineNode(tiering, step.node);
    case 'online':
      return onlineNode(tiering, step.node);
    case 'offline-block':
      return changeBlock(tiering, step.block, 'offline');
    case 'online-block':
      return changeBlock(tiering, step.block, 'online');
    case 'kmem':
      return bindKmem(tiering, `node ${step.node}`, ({ node }) => node === step.node);
    case 'kmem-all':
      return bindKmem(tiering, 'the machine', () => true);
    case 'unbind':
      return unbindKmem(tiering, (node) => node === step.node);
    case 'unbind-all':
      return unbindKmem(tiering, () => true);
    case 'unload-kmem':
      return unloadKmem(tiering);
    case 'add':
      return addMemory(tiering, step.node);
    case 'remove':
      return removeMemory(tiering, step.node);
    case 'offline-cpu':
      return changeCpu(tiering, step.cpu, 'offline');
    case 'online-cpu':
      return changeCpu(tiering, step.cpu, 'online');
    default:
      return step satisfies never;
  }
}

/** Runs `change` and lets the kernel react to what it did to the memory and the zones of `node`. */
function withReaction(tiering: MemoryTiering, node: NodeId, change: () => unknown): void {
  const { memory } = tiering;
  const hadMemory = memory.hasMemory(node);
  const hadZones = memory.zones(node);
  change();
  if (memory.zones(node) !== hadZones) tiering.rebuildZonelists();
  const hasMemory = memory.hasMemory(node);
  if (hasMemory && !hadMemory) tiering.gainedMemory(node);
  if (!hasMemory && hadMemory) tiering.lostMemory(node);
}

function offlineNode(tiering: MemoryTiering, node: NodeId): string | undefined {
  const { memory } = tiering;
  if (!memory.hasMemory(node)) return `node ${node} has no online memory`;
  const refusal = stuckMemory(tiering, node);
  if (refusal !== undefined) return refusal;
  withReaction(tiering, node, () => memory.setNode(node, 'offline'));
  return undefined;
}

/** Why memory of `node` does not go offline; and a note where a kernel may well refuse. */
function stuckMemory(tiering: MemoryTiering, node: NodeId): string | undefined {
  const { memory, machine, immovableNodes } = tiering;
  if (immovableNodes.has(node)) return `node ${node} holds pages of the kernel itself`;
  const others = machine.nodes.some(({ id }) => id !== node && memory.hasMemory(id));
  if (!others) return `node ${node} is the only one with memory`;
  const boot = memory.piecesOf(node).find(({ origin }) => origin === 'boot');
  if (boot && boot.zone !== 'MOVABLE')
    tiering.note(
      'offline',
      node,
      'it is boot memory that kernel pages may be on (not hot-pluggable, or booted without movable_node): Linux goes through with it only if every page can move, which is assumed here',
    );
  return undefined;
}

function onlineNode(tiering: MemoryTiering, node: NodeId): string | undefined {
  let changed = false;
  withReaction(tiering, node, () => {
    changed = tiering.memory.setNode(node, 'online');
  });
  return changed ? undefined : `node ${node} has no offline memory`;
}

function changeBlock(
  tiering: MemoryTiering,
  block: number,
  to: 'online' | 'offline',
): string | undefined {
  const { memory } = tiering;
  const [node, ...others] = memory.nodesOfBlock(block);
  if (node === undefined) return `there is no memory block ${block}`;
  if (others.length > 0) return `memory block ${block} has memory of several nodes`;
  const refusal = to === 'offline' ? stuckMemory(tiering, node) : undefined;
  if (refusal !== undefined) return refusal;
  let changed = false;
  withReaction(tiering, node, () => {
    changed = memory.setBlock(block, to);
  });
  return changed ? undefined : `memory block ${block} is ${to} already`;
}

/** Source: Linux drivers/dax/kmem.c dev_dax_kmem_probe. */
function bindKmem(
  tiering: MemoryTiering,
  where: string,
  concerns: (device: DaxDevice) => boolean,
): string | undefined {
  const { memory, machine } = tiering;
  const devices = daxDevices(machine).filter(concerns);
  const bound = (device: DaxDevice): boolean =>
    memory
      .pieces()
      .some((piece) => piece.origin === 'kmem' && piece.base === wholeBlocks(device)?.base);
  const waiting = devices.filter((device) => !bound(device));
  if (devices.length === 0)
    return `${where} has no dax device: no soft-reserved or persistent memory that makes one, and no CXL window`;
  if (waiting.length === 0) return `every dax device of ${where} is kmem memory already`;
  for (const device of waiting) bindDevice(tiering, device);
  return undefined;
}

function bindDevice(tiering: MemoryTiering, device: DaxDevice): void {
  const { memory, machine } = tiering;
  const { node } = device;
  if (device.made === 'cxl') createRegion(tiering, node);
  const usable = wholeBlocks(device);
  if (!usable) {
    tiering.note('kmem', node, `a dax device of ${device.size} bytes has no whole memory block`);
    return;
  }
  tiering.kmemType(node);
  tiering.registerNode(node);
  withReaction(tiering, node, () =>
    memory.add({
      node,
      ...usable,
      zone: machine.movableNode ? 'MOVABLE' : 'NORMAL',
      origin: 'kmem',
    }),
  );
}

function createRegion(tiering: MemoryTiering, node: NodeId): void {
  const access = cxlRegionAccess(tiering.machine, node, tiering.kernel);
  if ('unknown' in access) {
    tiering.note('cxl-region', node, `its region has no coordinates: ${access.unknown}`);
    return;
  }
  if (!holds(CXL_ADISTANCE, tiering.kernel))
    tiering.note(CXL_ADISTANCE.name, node, 'this kernel does not ask its region for a distance');
  tiering.cxlRegions.set(node, access);
}

/**
 * kmem gives back memory that is offline; a device with memory online stays.
 * Source: Linux drivers/dax/kmem.c dev_dax_kmem_remove.
 */
function unbindKmem(
  tiering: MemoryTiering,
  concerns: (node: NodeId) => boolean,
): string | undefined {
  const { memory, types } = tiering;
  const bound = memory.pieces().filter((piece) => piece.origin === 'kmem' && concerns(piece.node));
  if (bound.length === 0) return 'there is no kmem memory';
  const stuck = bound.filter((piece) => memory.isOnline(piece));
  for (const piece of bound) {
    if (stuck.includes(piece)) {
      tiering.note(
        'kmem',
        piece.node,
        'memory of a dax device is online and cannot be removed: it stays, with its tier',
      );
      continue;
    }
    memory.remove(piece);
    types.clearNodeType(piece.node);
    unregisterIfEmpty(tiering, piece.node);
  }
  return stuck.length === bound.length
    ? 'its memory is online and cannot be removed: offline the node first'
    : undefined;
}

/**
 * The module goes: what can be unbound is, and its list lets go of the memory types.
 * Source: Linux drivers/dax/kmem.c dax_kmem_exit; mm/memory-tiers.c mt_put_memory_types.
 */
function unloadKmem(tiering: MemoryTiering): string | undefined {
  const refusal = unbindKmem(tiering, () => true);
  tiering.types.putTypes('kmem');
  return refusal;
}

/** A node without memory and CPUs goes. Source: Linux mm/memory_hotplug.c try_offline_node. */
function unregisterIfEmpty(tiering: MemoryTiering, node: NodeId): void {
  const { machine, memory } = tiering;
  const description = machine.nodes.find(({ id }) => id === node);
  if (memory.piecesOf(node).length > 0 || (description?.cpus.length ?? 0) > 0) return;
  tiering.unregisterNode(node);
}

function addMemory(tiering: MemoryTiering, node: NodeId): string | undefined {
  const { machine, memory } = tiering;
  const present = [...memory.pieces(), ...machine.memoryMap];
  const windows = machine.memory.filter(
    (range) =>
      range.node === node && range.size > 0 && present.every((other) => !intersects(range, other)),
  );
  if (windows.length === 0) return `node ${node} has no memory range that is empty`;
  tiering.registerNode(node);
  for (const { base, size } of windows) {
    const piece: MemoryPiece = {
      node,
      base,
      size,
      zone: machine.movableNode ? 'MOVABLE' : 'NORMAL',
      origin: 'acpi',
    };
    withReaction(tiering, node, () => memory.add(piece));
  }
  return undefined;
}

interface Span {
  readonly base: number;
  readonly size: number;
}

const intersects = (a: Span, b: Span): boolean =>
  a.base < b.base + b.size && b.base < a.base + a.size;

/** ACPI takes memory offline before it removes it. */
function removeMemory(tiering: MemoryTiering, node: NodeId): string | undefined {
  const { memory } = tiering;
  const added = memory.piecesOf(node).filter((piece) => piece.origin === 'acpi');
  if (added.length === 0) return `node ${node} has no memory that ACPI added`;
  withReaction(tiering, node, () => {
    for (const piece of added) memory.remove(piece);
  });
  unregisterIfEmpty(tiering, node);
  return undefined;
}

/** Nothing is rebuilt, so tiers and demotion targets stay as they were. */
function changeCpu(
  { machine, offlineCpus }: MemoryTiering,
  cpu: number,
  to: 'online' | 'offline',
): string | undefined {
  if (!machine.nodes.some((node) => node.cpus.includes(cpu))) return `there is no CPU ${cpu}`;
  if (offlineCpus.has(cpu) === (to === 'offline')) return `CPU ${cpu} is ${to} already`;
  if (to === 'offline') offlineCpus.add(cpu);
  else offlineCpus.delete(cpu);
  return undefined;
}
