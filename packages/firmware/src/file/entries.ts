import { nodeId, type NodeId } from '@tierlab/core';

import type { MachineDocument } from './document.ts';
import type { FilePath } from './yaml-document.ts';
import type { FileNode } from './schema.ts';

/** A node of the file with its id and where it stands; by ascending id. */
export interface Entry {
  readonly id: NodeId;
  readonly node: FileNode;
  readonly path: FilePath;
  readonly position: number;
}

/** The nodes of a file; two with one id are refused. */
export function entriesOf({ file, reject }: MachineDocument): readonly Entry[] {
  const entries = file.nodes.map((node, position) => ({
    id: nodeId(node.id ?? position),
    node,
    path: ['nodes', position],
    position,
  }));
  entries.sort((a, b) => a.id - b.id);
  for (const [i, entry] of entries.entries()) {
    if (entries[i - 1]?.id === entry.id) {
      reject([...entry.path, 'id'], `node ${entry.id} is there twice; give each node its own id`);
    }
  }
  return entries;
}
