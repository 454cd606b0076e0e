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
  /**
   * As `takeAccessed`, of those of the base pages `[from, to)` of a list that are on `node`. Writes the young ones to `young`, in
   * their order, and returns how many they are.
   */
  takeAccessedOn(
    node: number,
    folios: Readonly<Uint32Array>,
    from: number,
    to: number,
    young: Uint32Array,
  ): number;
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
    takeAccessedOn(node, folios, from, to, young) {
      const { accessed, nodeOf } = memory;
      let count = 0;
      for (let i = from; i < to; i++) {
        const folio = folios[i];
        // Without a branch, as where the next folio is cannot be foretold: 1 where both are the same.
        const had = accessed[folio] & (((nodeOf[folio] ^ node) - 1) >>> 31);
        accessed[folio] ^= had;
        young[count] = folio;
        count += had;
      }
      return count;
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
