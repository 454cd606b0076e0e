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
  /** Pages of the shell's small mappings that are older than the setup, and the page of the program's stack in use. */
  readonly olderFirst: number;
  readonly olderCount: number;
  /** Those that the shell wrote after the setup, and of the program's data: small, too, and never looked into. */
  readonly recentFirst: number;
  readonly recentCount: number;
  /** The program's own small mappings that the hint-fault scanner looks into: zeroed data, heap, vDSO, stack. */
  readonly small: readonly SmallMapping[];
  readonly total: number;
}

/** A small mapping: its resident pages have ids from `first` on, the busy ones before those that only reports touch. */
export interface SmallMapping extends OwnPages {
  readonly first: number;
  /** Ids that it takes: one at least, whose page is not there if none is resident. */
  readonly count: number;
}

/** Resident pages of a small mapping: all, those touched all the time, and those touched then or by a report. */
export interface OwnPages {
  readonly pages: number;
  readonly busy: number;
  readonly reporting: number;
}

export const PAGE_BYTES = 4096;
/** What malloc puts before a block that it maps. Source: glibc malloc/malloc.c, a mapped chunk's header. */
export const CHUNK_HEADER_BYTES = 16;

/** What else node 0 holds when the program starts, in pages: the initramfs's files, those of them that somebody has
 *  mapped, and the shell's and the program's small mappings. */
export interface OlderPages {
  readonly files: number;
  readonly mappedFiles: number;
  readonly smallMappings: number;
  /** Of the small mappings, what is older than the setup and was not written since. */
  readonly olderSmallMappings: number;
  /** Of the small mappings, the program's own that the scanner looks into. */
  readonly own: Readonly<Record<'bss' | 'heap' | 'stack', OwnPages>>;
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
  const small = smallMappings(olderFirst + older.smallMappings, older.own);
  const ownPages = small.reduce((sum, { pages }) => sum + pages, 0);
  const olderCount = older.olderSmallMappings + older.own.stack.busy;
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
    olderCount,
    recentFirst: olderFirst + olderCount,
    recentCount: older.smallMappings - ownPages - olderCount,
    small,
    total: olderFirst + older.smallMappings + small.reduce((sum, { count }) => sum + count, 0),
  };
}

/**
 * The small mappings by address: zeroed data and heap are below all others, vDSO and stack above. A visit of the scanner
 * to one that is not touched can take a turn of it. It never looks into the program's data, a mapping of a file in the
 * initramfs, whose pages have a policy of their own. Source: /proc/self/maps of the agent; mm/mempolicy.c, vma_policy_mof;
 * mm/shmem.c, shmem_get_policy.
 *
 * The page of the stack that is in use is left among the older: traced kernels did not demote it.
 */
function smallMappings(first: number, { bss, heap, stack }: OlderPages['own']): SmallMapping[] {
  const vdso = { pages: 0, busy: 0, reporting: 0 };
  const idleStack = {
    pages: stack.pages - stack.busy,
    busy: 0,
    reporting: stack.reporting - stack.busy,
  };
  let next = first;
  return [bss, heap, vdso, idleStack].map((own) => {
    const count = Math.max(1, own.pages);
    next += count;
    return { ...own, first: next - count, count };
  });
}

/** How many of the small mappings lie below the others. */
const SMALL_BELOW = 2;

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
  const small = pages.small.map(({ first, count }) => ids(first, count));
  const below = 2 * PAGES_PER_PMD + pages.mappedFileCount;
  return createAddressSpace(pages.total, [
    files,
    ...small.slice(0, SMALL_BELOW).map((own) => ({
      virtualPage: below + own[0] - small[0][0],
      pages: own,
    })),
    ...(buffers.virtualPage < start ? [buffers, mapping] : [mapping, buffers]),
    ...small.slice(SMALL_BELOW).map((own, i) => ({
      virtualPage: (TOP_PMD + 1 + i) * PAGES_PER_PMD,
      pages: own,
    })),
  ]);
}

function ids(first: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => first + i);
}
