import { createPageLists, growPageLists, type PageLists } from './page-lists.ts';
import { createVmstat, type Vmstat } from './vmstat.ts';
import { freePages, takePages, watermarkOk, type PageKind, type Zone } from './zones.ts';

/** Order of a huge page: 512 base pages, one PMD. */
export const HUGE_ORDER = 9;

/** Base pages that one page-table page maps, and that one PMD covers. */
export const PAGES_PER_PMD = 512;

/** In `nodeOf`: not mapped yet. */
export const NODE_ABSENT = 255;

/** What the kernel knows of a node besides its zones. */
export interface MemoryNode {
  /** Indices into `zones`, highest zone first: the order in which the kernel takes pages. */
  readonly zones: readonly number[];
  readonly presentPages: number;
  /** Whether the node's tier is a top tier: nothing faster holds a CPU. */
  readonly topTier: boolean;
  /** Nodes that demotion tries first, one drawn at random per call. */
  readonly preferredTargets: readonly number[];
  /** Every node of a lower tier, nearest first. */
  readonly fallbackTargets: readonly number[];
  /** All nodes with memory as allocation on this node tries them. */
  readonly zonelist: readonly number[];
}

/**
 * The pages of one address space as the kernel sees them, in columns indexed by folio.
 *
 * A folio is named by its first page; base pages are folios of one page. Columns have length `pageCount`, and only
 * the entries of folios' first pages mean anything, but for `folioOf`.
 */
export interface KernelMemory {
  pageCount: number;
  readonly nodes: readonly MemoryNode[];
  readonly zones: readonly Zone[];
  readonly vmstat: Vmstat;
  /** First page of the folio that a page belongs to. */
  folioOf: Uint32Array;
  /** Order of the folio: 0, or {@link HUGE_ORDER}. */
  order: Uint8Array;
  nodeOf: Uint8Array;
  /** Index into `zones`. */
  zoneOf: Uint8Array;
  /** The accessed bit of the folio's page-table entry. */
  accessed: Uint8Array;
  /** The entry is PROT_NONE: the next touch is a hint fault. */
  hintProtected: Uint8Array;
  /** The entry is that of a folio under way to another node: the next touch waits. */
  unmapped: Uint8Array;
  /** Milliseconds of jiffies when the scanner protected the folio, or when it last faulted. */
  accessTimeMs: Float64Array;
  /** Node of the CPU that touched the folio at its last hint fault; {@link NODE_ABSENT}: none yet. */
  lastNode: Uint8Array;
  /** PG_referenced. */
  referenced: Uint8Array;
  /** PG_active. */
  active: Uint8Array;
  /** PG_workingset. */
  workingset: Uint8Array;
  readonly lists: PageLists;
}

/** Makes the memory of `pageCount` pages, none of them mapped. `listCount`: lists that the LRU in use needs. */
export function createMemory(
  pageCount: number,
  nodes: readonly MemoryNode[],
  zones: readonly Zone[],
  listCount: number,
): KernelMemory {
  const folioOf = new Uint32Array(pageCount);
  for (let page = 0; page < pageCount; page++) folioOf[page] = page;
  return {
    pageCount,
    nodes,
    zones,
    vmstat: createVmstat(),
    folioOf,
    order: new Uint8Array(pageCount),
    nodeOf: new Uint8Array(pageCount).fill(NODE_ABSENT),
    zoneOf: new Uint8Array(pageCount),
    accessed: new Uint8Array(pageCount),
    hintProtected: new Uint8Array(pageCount),
    unmapped: new Uint8Array(pageCount),
    accessTimeMs: new Float64Array(pageCount),
    lastNode: new Uint8Array(pageCount).fill(NODE_ABSENT),
    referenced: new Uint8Array(pageCount),
    active: new Uint8Array(pageCount),
    workingset: new Uint8Array(pageCount),
    lists: createPageLists(pageCount, listCount),
  };
}

/** Makes room for `pageCount` pages; columns read before are stale. */
export function growMemory(memory: KernelMemory, pageCount: number): void {
  const grown = createMemory(pageCount, memory.nodes, memory.zones, 0);
  for (const column of [
    'folioOf',
    'order',
    'nodeOf',
    'zoneOf',
    'accessed',
    'hintProtected',
    'unmapped',
    'accessTimeMs',
    'lastNode',
    'referenced',
    'active',
    'workingset',
  ] as const)
    grown[column].set(memory[column]);
  Object.assign(memory, { ...grown, lists: memory.lists, vmstat: memory.vmstat });
  growPageLists(memory.lists, pageCount);
}

/** Which watermark an allocation may go down to. */
export type AllocationMark = 'low' | 'min';

/** Takes a page or a block from the first zone of `node` that keeps its watermark; -1: none does. */
export function allocateOnNode(
  memory: KernelMemory,
  node: number,
  mark: AllocationMark,
  kind: PageKind,
): number {
  for (const index of memory.nodes[node].zones) {
    const zone = memory.zones[index];
    if (takePages(zone, zone[mark], kind)) return index;
  }
  return -1;
}

/** Gives a folio's pages back to its zone. */
export function freeFolio(memory: KernelMemory, folio: number): void {
  freePages(memory.zones[memory.zoneOf[folio]], folioKind(memory, folio));
}

/** Whether a zone of the node has more than `mark` pages left after `extraPages` more are taken. */
export function anyZoneAbove(
  memory: KernelMemory,
  node: number,
  mark: 'high' | 'promo',
  extraPages = 0,
  order = 0,
): boolean {
  for (const index of memory.nodes[node].zones) {
    const zone = memory.zones[index];
    const pages = mark === 'high' ? zone.high : zone.promo;
    if (watermarkOk(zone, pages + extraPages, order)) return true;
  }
  return false;
}

/** What a folio takes of a zone. */
export function folioKind(memory: KernelMemory, folio: number): PageKind {
  return memory.order[folio] === HUGE_ORDER ? 'huge' : 'movable';
}

/** Base pages of a folio. */
export function folioPages(memory: KernelMemory, folio: number): number {
  return 1 << memory.order[folio];
}
