import {
  createAddressSpace,
  PAGES_PER_PMD,
  rulesOf,
  type AddressSpace,
  type KernelVersion,
} from '@tierlab/linux-mm';

/** Page ids of the lab's program: its mapping first, then its own buffers, then what else node 0 holds. */
export interface ProgramPages {
  readonly mapping: number;
  /** The array into which `move_pages` writes nodes: 4 bytes a page, all but its first page, which holds malloc's
   *  header, first touched by the first query. */
  readonly statusFirst: number;
  readonly statusCount: number;
  /** The array of addresses that the queries read: 8 bytes a page, written before the first touch. */
  readonly addressFirst: number;
  readonly addressCount: number;
  /** Pages of the initramfs's files, which lie on the LRU among anonymous memory: those that nobody has mapped, and those
   *  that the shell and the program have. */
  readonly unmappedFileFirst: number;
  readonly unmappedFileCount: number;
  readonly mappedFileFirst: number;
  readonly mappedFileCount: number;
  /** Pages of the shell's and the program's small mappings. */
  readonly olderFirst: number;
  readonly olderCount: number;
  /** One page, never touched, for each of the program's smaller mappings. */
  readonly smallFirst: number;
  readonly total: number;
}

const PAGE_BYTES = 4096;
/** What malloc puts before a block that it maps. Source: glibc malloc/malloc.c, a mapped chunk's header. */
const CHUNK_HEADER_BYTES = 16;

/** What else node 0 holds when the program starts, in pages: the initramfs's files, those of them that somebody has
 *  mapped, and the shell's and the program's small mappings. */
export interface OlderPages {
  readonly files: number;
  readonly mappedFiles: number;
  readonly smallMappings: number;
}

/** Pages of a block of memory that malloc maps. */
function pagesOf(bytes: number): number {
  return Math.ceil((bytes + CHUNK_HEADER_BYTES) / PAGE_BYTES);
}

export function programPages(mapping: number, older: OlderPages): ProgramPages {
  const statusCount = pagesOf(mapping * 4);
  const addressCount = pagesOf(mapping * 8);
  const statusFirst = mapping;
  const addressFirst = statusFirst + statusCount;
  const unmappedFileFirst = addressFirst + addressCount;
  const unmappedFileCount = older.files - older.mappedFiles;
  const mappedFileFirst = unmappedFileFirst + unmappedFileCount;
  const olderFirst = mappedFileFirst + older.mappedFiles;
  const smallFirst = olderFirst + older.smallMappings;
  return {
    mapping,
    statusFirst,
    statusCount,
    addressFirst,
    addressCount,
    unmappedFileFirst,
    unmappedFileCount,
    mappedFileFirst,
    mappedFileCount: older.mappedFiles,
    olderFirst,
    olderCount: older.smallMappings,
    smallFirst,
    total: smallFirst + SMALL_BELOW.length + SMALL_ABOVE.length,
  };
}

/**
 * Mappings that the hint-fault scanner visits besides, by address: the program's data, its zeroed data and its heap;
 * above all others the vDSO and the stack. Their pages stay with the CPU, but a visit to one that is not touched can
 * take a turn of the scanner. Source: /proc/self/maps of the agent.
 */
const SMALL_BELOW = ['data', 'bss', 'heap'] as const;
const SMALL_ABOVE = ['vdso', 'stack'] as const;

/** End of the mapping's address in huge pages: far from 0, its value means nothing. */
const TOP_PMD = 1_000_000;

/**
 * The program's mappings by address. The kernel maps downwards from 128 MiB below the highest address, which is a page
 * under a huge page's border: first vvar and the vDSO, six pages in 6.12, then the program's mapping; `pagesBelowBorder`
 * is where that ends. Source: arch/x86/mm/mmap.c, mmap_base; arch/x86/entry/vdso.
 *
 * Since 6.7 a mapping of whole huge pages is aligned to one, whether it may hold any
 * or not: room for one more huge page is taken above what is free, and what that leaves above the mapping has place for
 * the arrays. Else they are below it. Both arrays are one mapping. Source: mm/mmap.c, __get_unmapped_area;
 * mm/huge_memory.c, __thp_get_unmapped_area, Linux 6.12.
 */
export function programSpace(
  pages: ProgramPages,
  kernel: KernelVersion,
  pagesBelowBorder: number,
): AddressSpace {
  const top = TOP_PMD * PAGES_PER_PMD - pagesBelowBorder;
  const aligned = rulesOf(kernel).alignsMappings && pages.mapping % PAGES_PER_PMD === 0;
  const end = aligned ? Math.floor((top - 1) / PAGES_PER_PMD) * PAGES_PER_PMD : top;
  const start = end - pages.mapping;
  const bufferPages = pages.statusCount + pages.addressCount;
  const buffers = {
    virtualPage: (top - end >= bufferPages ? top : start) - bufferPages,
    pages: ids(pages.statusFirst, bufferPages),
  };
  const mapping = { virtualPage: start, pages: ids(0, pages.mapping) };
  // Walks of page tables meet them, once; where they lie means nothing.
  const files = {
    virtualPage: PAGES_PER_PMD,
    pages: ids(pages.mappedFileFirst, pages.mappedFileCount),
    readOnlyFile: true,
  };
  const small = (
    index: number,
    virtualPage: number,
  ): { virtualPage: number; pages: Uint32Array } => ({
    virtualPage,
    pages: ids(pages.smallFirst + index, 1),
  });
  return createAddressSpace(pages.total, [
    files,
    ...SMALL_BELOW.map((_, i) => small(i, 2 * PAGES_PER_PMD + pages.mappedFileCount + i)),
    ...(buffers.virtualPage < start ? [buffers, mapping] : [mapping, buffers]),
    ...SMALL_ABOVE.map((_, i) => small(SMALL_BELOW.length + i, (TOP_PMD + 1 + i) * PAGES_PER_PMD)),
  ]);
}

function ids(first: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => first + i);
}
