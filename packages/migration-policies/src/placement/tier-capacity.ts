import type { MemoryView, NodeId } from '@tierlab/policy';

/** Pages that first touch can put on these nodes: down to their low watermarks. */
export function fillablePages(memory: MemoryView, nodes: readonly NodeId[]): number {
  let pages = 0;
  for (const id of nodes) {
    pages += Math.max(0, memory.node(id).capacityPages - memory.watermarks(id).lowPages);
  }
  return pages;
}

/** The node of these with the most free pages. */
export function roomiest(memory: MemoryView, nodes: readonly NodeId[]): NodeId {
  return nodes.reduce((best, id) => (memory.freePages(id) > memory.freePages(best) ? id : best));
}

/** Pages that moves can put on these nodes: down to their min watermarks. */
export function movablePages(memory: MemoryView, nodes: readonly NodeId[]): number {
  let pages = 0;
  for (const id of nodes) pages += memory.node(id).capacityPages - memory.watermarks(id).minPages;
  return pages;
}

/** The node of these with the most free pages, if a page can move to it. */
export function nodeWithRoom(memory: MemoryView, nodes: readonly NodeId[]): NodeId | undefined {
  const target = roomiest(memory, nodes);
  return memory.freePages(target) > memory.watermarks(target).minPages ? target : undefined;
}
