import {
  allocateOnNode,
  folioKind,
  freeFolio,
  type AllocationMark,
  type KernelMemory,
} from './memory.ts';

/**
 * What the machinery does to pages rather than to its own books: page-table bits and copies.
 *
 * A recorded guest keeps both in {@link KernelMemory}; a simulator keeps the pages itself and is asked.
 */
export interface Hardware {
  /** Tests and clears the accessed bit of a folio's entry. */
  takeAccessed(folio: number): boolean;
  /** As `takeAccessed`, of the first `count` folios: bit 0 of `young[i]` says what was found of `folios[i]`. */
  takeAccessedMany(folios: Uint32Array, count: number, young: Uint8Array): void;
  /** The accessed bit of a folio's entry, untouched; a machine that leaves it out does not charge for what walks pass over. */
  isAccessed?(folio: number): boolean;
  isProtected(folio: number): boolean;
  /** Makes the folio's next touch a hint fault. */
  protect(folio: number): void;
  /** Makes touches of a folio wait until it is mapped again. Source: mm/migrate.c, migration_entry_wait. */
  unmap?(folio: number): void;
  remap?(folio: number): void;
  /**
   * Moves a folio to the first zone of `node` that stays above `mark`, and notes its new node and zone in
   * {@link KernelMemory}; false: no zone does, or the machine refused.
   */
  move(folio: number, node: number, mark: AllocationMark): boolean;
}

/** Hardware whose state is the columns of `memory` and the free pages of its zones. */
export function columnHardware(memory: KernelMemory): Hardware {
  return {
    takeAccessed(folio) {
      const accessed = memory.accessed[folio] === 1;
      memory.accessed[folio] = 0;
      return accessed;
    },
    takeAccessedMany(folios, count, young) {
      const { accessed } = memory;
      for (let i = 0; i < count; i++) {
        young[i] = accessed[folios[i]];
        accessed[folios[i]] = 0;
      }
    },
    isAccessed: (folio) => memory.accessed[folio] === 1,
    isProtected: (folio) => memory.hintProtected[folio] === 1,
    protect(folio) {
      memory.hintProtected[folio] = 1;
    },
    unmap(folio) {
      memory.unmapped[folio] = 1;
    },
    remap(folio) {
      memory.unmapped[folio] = 0;
    },
    move(folio, node, mark) {
      const zone = allocateOnNode(memory, node, mark, folioKind(memory, folio));
      if (zone < 0) return false;
      freeFolio(memory, folio);
      memory.zoneOf[folio] = zone;
      memory.nodeOf[folio] = node;
      memory.hintProtected[folio] = 0;
      return true;
    },
  };
}
