import {
  bytes,
  type MachineNode,
  type MappedRange,
  type MemoryRange,
  type NodeId,
} from '@tierlab/core';

import { normaliseMap } from './acpi/memory-map.ts';

/** Memory of a node that has a size but no addresses yet. */
export interface MemoryPiece {
  readonly node: NodeId;
  readonly sizeBytes: number;
  /** What the memory map says of it; `hot-plug` is room for memory that is not there at boot. */
  readonly kind: MappedRange['kind'] | 'hot-plug';
  readonly hotPluggable: boolean;
  readonly nonVolatile: boolean;
}

/** Where memory lies, as {@link import('@tierlab/core').Machine} says it. */
export interface MemoryLayout {
  readonly memory: readonly MemoryRange[];
  readonly memoryMap: readonly MappedRange[];
}

const GIB = 2 ** 30;
/** From this much memory on, q35 puts only 2 GiB below 4 GiB. Source: QEMU hw/i386/pc_q35.c, pc_q35_init, 7.2. */
const LOW_MEMORY_MAX = 0xb0000000;
const HOLE_START = 2 * GIB;
const HOLE_END = 4 * GIB;

/**
 * Gives every piece addresses: one after another in the order given, around the hole below 4 GiB
 * where QEMU's q35 has it, so that a guest with this much memory has memory at just these addresses;
 * room for hot-plugged memory comes last, each at a multiple of 1 GiB.
 */
export function layOut(pieces: readonly MemoryPiece[]): MemoryLayout {
  const present = pieces.filter(({ kind, sizeBytes }) => kind !== 'hot-plug' && sizeBytes > 0);
  const total = present.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const hasHole = total >= LOW_MEMORY_MAX;

  const placed: PlacedRange[] = [];
  const place = (piece: MemoryPiece, base: number, size: number): void => {
    const { node, kind, hotPluggable, nonVolatile } = piece;
    const range = { node, base: bytes(base), size: bytes(size), hotPluggable, nonVolatile };
    placed.push({ range, kind });
  };
  let next = 0;
  for (const piece of present) {
    const below = hasHole && next < HOLE_START ? Math.min(piece.sizeBytes, HOLE_START - next) : 0;
    if (below > 0) {
      place(piece, next, below);
      next += below;
      if (next === HOLE_START) next = HOLE_END;
    }
    const rest = piece.sizeBytes - below;
    if (rest > 0) {
      place(piece, next, rest);
      next += rest;
    }
  }
  for (const piece of pieces) {
    if (piece.kind !== 'hot-plug' || piece.sizeBytes === 0) continue;
    next = Math.max(HOLE_END, Math.ceil(next / GIB) * GIB);
    place(piece, next, piece.sizeBytes);
    next += piece.sizeBytes;
  }
  return layoutOf(placed);
}

/** A range and what lies behind it. */
export interface PlacedRange {
  readonly range: MemoryRange;
  readonly kind: MemoryPiece['kind'];
}

/** The layout that `placed`, by ascending base, makes when nothing else is in the memory map. */
export function layoutOf(placed: readonly PlacedRange[]): MemoryLayout {
  return {
    memory: placed.map(({ range }) => range),
    memoryMap: normaliseMap(
      placed.flatMap(({ range: { base, size }, kind }) =>
        kind === 'hot-plug' ? [] : [{ base, size, kind }],
      ),
    ),
  };
}

/** Whether a node is online at boot for what `layout` gives it. */
export function hasBootMemory(layout: MemoryLayout, node: MachineNode['id']): boolean {
  return layout.memory.some(
    (range) =>
      range.node === node &&
      layout.memoryMap.some(
        (mapped) =>
          mapped.kind === 'ram' &&
          mapped.base < range.base + range.size &&
          range.base < mapped.base + mapped.size,
      ),
  );
}
