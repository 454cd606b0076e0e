/** Addresses from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Addresses that belong to a node. */
export interface NodeBlock {
  start: number;
  end: number;
  readonly node: number;
}

/**
 * The blocks that hold RAM, cut to where RAM begins and ends, and joined: two blocks of one node
 * become one where no other node lies between them, so that RAM in the gap is the node's as well.
 * `overlap` tells of two nodes that claim the same addresses, which refuses the whole SRAT.
 * `ram` is sorted. Source: Linux mm/numa_memblks.c numa_cleanup_meminfo.
 */
export function cleanBlocks(
  blocks: readonly NodeBlock[],
  ram: readonly Span[],
): { blocks: NodeBlock[]; overlap: string | undefined } {
  const low = ram[0]?.start ?? 0;
  const high = ram.at(-1)?.end ?? 0;
  const kept: NodeBlock[] = blocks
    .filter((block) => ram.some((span) => span.start < block.end && block.start < span.end))
    .map(({ start, end, node }) => ({
      start: Math.max(start, low),
      end: Math.min(end, high),
      node,
    }));
  for (let i = 0; i < kept.length; i++) {
    const block = kept[i]!;
    for (let j = i + 1; j < kept.length; j++) {
      const other = kept[j]!;
      if (block.node !== other.node) {
        if (block.end > other.start && block.start < other.end)
          return { blocks: [], overlap: overlapText(block, other) };
        continue;
      }
      const start = Math.min(block.start, other.start);
      const end = Math.max(block.end, other.end);
      const inTheWay = kept.some(
        ({ node, ...span }) => node !== block.node && start < span.end && end > span.start,
      );
      if (inTheWay) continue;
      block.start = start;
      block.end = end;
      kept.splice(j--, 1);
    }
  }
  return { blocks: kept, overlap: undefined };
}

const hex = (value: number): string => `0x${value.toString(16)}`;

function overlapText(a: NodeBlock, b: NodeBlock): string {
  const range = ({ start, end }: NodeBlock): string => `${hex(start)}-${hex(end - 1)}`;
  return `memory ${range(a)} of node ${a.node} overlaps ${range(b)} of node ${b.node}`;
}

/** Bytes of RAM in no block. */
export function uncoveredBytes(blocks: readonly NodeBlock[], ram: readonly Span[]): number {
  const sorted = [...blocks].sort((a, b) => a.start - b.start);
  let uncovered = 0;
  for (const span of ram) {
    let at = span.start;
    for (const block of sorted) {
      if (block.end <= at || block.start >= span.end) continue;
      if (block.start > at) uncovered += block.start - at;
      at = Math.max(at, block.end);
    }
    uncovered += Math.max(0, span.end - at);
  }
  return uncovered;
}
