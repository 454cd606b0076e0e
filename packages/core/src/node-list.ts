import { InputError } from './errors.ts';
import { nodeId, type NodeId } from './units.ts';

/**
 * Prints nodes as the kernel does: ascending, runs joined, `0-1,3`; no node is the empty string.
 * Source: Linux lib/bitmap-str.c, the `%*pbl` format.
 */
export function nodeList(nodes: Iterable<number>): string {
  const sorted = [...new Set(nodes)].sort((a, b) => a - b);
  const runs: string[] = [];
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    runs.push(start === end ? `${sorted[start]}` : `${sorted[start]}-${sorted[end]}`);
    start = end + 1;
  }
  return runs.join(',');
}

/** Highest node number a list may name; MAX_NUMNODES is 1024 in the largest distribution kernels. */
const NODE_MAX = 1023;

/** Reads `0-1,3` into ascending node ids. Throws `CORE_BAD_NODE_LIST`. */
export function parseNodeList(text: string): NodeId[] {
  const nodes = new Set<number>();
  const trimmed = text.trim();
  for (const part of trimmed === '' ? [] : trimmed.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (!match || last < first || last > NODE_MAX)
      throw new InputError(
        'CORE_BAD_NODE_LIST',
        `node list ${JSON.stringify(text)}: expected numbers and ranges up to ${NODE_MAX} such as "0-1,3", got ${JSON.stringify(part)}`,
      );
    for (let node = first; node <= last; node++) nodes.add(node);
  }
  return [...nodes].sort((a, b) => a - b).map(nodeId);
}
