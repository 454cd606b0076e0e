import type { AccessBlock } from '../block.ts';
import { createPendingBlock, type OptionalColumns, type PendingBlock } from '../pack.ts';

/** Pages of a source renumbered in the order in which they appear in what is made of it. */
export interface Renumbering {
  /** The block that is being filled. */
  readonly pending: PendingBlock;
  /** Page number of each page of the source, by its id there. */
  numberOf: Float64Array;
  /** New id plus one of each page of the source; 0 where it has not appeared. */
  idOf: Uint32Array;
  count: number;
  /** Takes the page numbers that a block of the source brings. */
  declare(block: AccessBlock): void;
}

export function createRenumbering(columns: OptionalColumns): Renumbering {
  const pages: Renumbering = {
    pending: createPendingBlock(columns),
    numberOf: new Float64Array(1024),
    idOf: new Uint32Array(1024),
    count: 0,
    declare({ newPageFirst, newPageNumber }) {
      const needed = newPageFirst + newPageNumber.length;
      if (needed > pages.numberOf.length) {
        const numberOf = new Float64Array(2 * needed);
        numberOf.set(pages.numberOf);
        pages.numberOf = numberOf;
        const idOf = new Uint32Array(2 * needed);
        idOf.set(pages.idOf);
        pages.idOf = idOf;
      }
      pages.numberOf.set(newPageNumber, newPageFirst);
    },
  };
  return pages;
}

/** The new id of the source's page `page`, which appears now if it has not yet. */
export function renumber(pages: Renumbering, page: number): number {
  const known = pages.idOf[page];
  if (known > 0) return known - 1;
  pages.idOf[page] = ++pages.count;
  pages.pending.newPageNumbers.push(pages.numberOf[page]);
  return pages.count - 1;
}
