import type { NodeId, PageSearch } from '@tierlab/policy';
import type { PageTable } from './pages.ts';

/** A search of `list` that looks at each page's node; `isOn` is 1 at the ids of the nodes that count. */
export function createPageSearch(
  pages: PageTable,
  list: Readonly<Uint32Array>,
  isOn: Readonly<Uint8Array>,
): PageSearch {
  const next = (
    from: number,
    end: number,
    on: number,
    among: Readonly<Uint32Array> | undefined,
  ): number => {
    const { nodeOf } = pages;
    let i = from;
    for (; i < end; i++) {
      if (isOn[nodeOf[list[i]]] !== on) continue;
      if (among === undefined || ((among[i >>> 5] >>> (i & 31)) & 1) === 1) break;
    }
    return i;
  };
  return {
    nextOn: (from, end, among) => next(from, end, 1, among),
    nextElsewhere: (from, end, among) => next(from, end, 0, among),
  };
}

/** 1 at the ids of these nodes, 0 elsewhere; the same table for the same array. */
export function createNodeTables(): (nodes: readonly NodeId[]) => Readonly<Uint8Array> {
  const tables = new WeakMap<readonly NodeId[], Uint8Array>();
  return (nodes) => {
    let table = tables.get(nodes);
    if (table === undefined) {
      table = new Uint8Array(256);
      for (const id of nodes) table[id] = 1;
      tables.set(nodes, table);
    }
    return table;
  };
}
