import { bytes } from '@tierlab/core';

import { normaliseMap } from '../acpi/memory-map.ts';
import { layOut, layoutOf, type MemoryLayout, type MemoryPiece } from '../layout.ts';
import type { MachineDocument } from './document.ts';
import type { FilePath } from './yaml-document.ts';
import type { Entry } from './entries.ts';
import type { FileNode, FileRange } from './schema.ts';

/** Where the memory of a file's nodes lies: at the addresses given, or laid out where sizes are given. */
export function memoryOf(document: MachineDocument, entries: readonly Entry[]): MemoryLayout {
  const { file, reject } = document;
  const fixed = entries.filter(({ node }) => Array.isArray(node.memory));
  const sized = entries.find(({ node }) => typeof node.memory === 'number');
  if (fixed.length > 0 && sized !== undefined) {
    reject(
      [...sized.path, 'memory'],
      'expected a list of ranges with base and size, because another node has one',
    );
  }
  const layout =
    fixed.length > 0 ? fixedLayout(document, entries) : layOut(piecesOf(document, entries));
  if (file.memoryMap === undefined) return layout;
  const memoryMap = file.memoryMap
    .map(({ base, size, kind }) => ({ base: bytes(base), size: bytes(size), kind }))
    .sort((a, b) => a.base - b.base);
  rejectOverlap(memoryMap, (i) =>
    reject(['memoryMap'], `range ${i} by address overlaps the one before it`),
  );
  return { memory: layout.memory, memoryMap: normaliseMap(memoryMap) };
}

const FLAGS = ['kind', 'hotPluggable', 'nonVolatile'] as const;

function piecesOf({ reject }: MachineDocument, entries: readonly Entry[]): readonly MemoryPiece[] {
  return entries.flatMap(({ id, node, path }) => {
    if (typeof node.memory !== 'number') {
      const idle = FLAGS.find((flag) => node[flag] !== undefined);
      if (idle !== undefined)
        reject([...path, idle], `node ${id} has no memory; leave out ${idle}`);
      return [];
    }
    if (node.memory === 0) {
      reject([...path, 'memory'], `node ${id} has no memory; leave out memory`);
    }
    return [{ node: id, sizeBytes: node.memory, ...traits(node, path, reject) }];
  });
}

function traits(
  { kind = 'ram', hotPluggable, nonVolatile }: Pick<FileNode, (typeof FLAGS)[number]>,
  path: FilePath,
  reject: MachineDocument['reject'],
): Pick<MemoryPiece, (typeof FLAGS)[number]> {
  if (kind === 'hot-plug' && hotPluggable === false) {
    reject([...path, 'hotPluggable'], 'hot-plug memory is always hot-pluggable; leave it out');
  }
  if (kind === 'persistent' && nonVolatile === false) {
    reject([...path, 'nonVolatile'], 'persistent memory is always non-volatile; leave it out');
  }
  return {
    kind,
    hotPluggable: hotPluggable ?? kind === 'hot-plug',
    nonVolatile: nonVolatile ?? kind === 'persistent',
  };
}

function fixedLayout({ reject }: MachineDocument, entries: readonly Entry[]): MemoryLayout {
  const placed = entries.flatMap(({ id, node, path }) => {
    if (!Array.isArray(node.memory)) return [];
    const idle = FLAGS.find((flag) => node[flag] !== undefined);
    if (idle !== undefined) reject([...path, idle], `expected ${idle} in each range of memory`);
    return node.memory.map((range: FileRange, i) => {
      const place: FilePath = [...path, 'memory', i];
      const { kind, hotPluggable, nonVolatile } = traits(range, place, reject);
      const [base, size] = [bytes(range.base), bytes(range.size)];
      return { range: { node: id, base, size, hotPluggable, nonVolatile }, kind, place };
    });
  });
  placed.sort((a, b) => a.range.base - b.range.base);
  rejectOverlap(
    placed.map(({ range }) => range),
    (i) =>
      reject(placed[i]?.place ?? [], `overlaps the memory of node ${placed[i - 1]?.range.node}`),
  );
  return layoutOf(placed);
}

/** Calls `found` with the place of the first of `spans`, which are by base, that begins too early. */
function rejectOverlap(
  spans: readonly { readonly base: number; readonly size: number }[],
  found: (i: number) => void,
): void {
  for (const [i, span] of spans.entries()) {
    const before = spans[i - 1];
    if (before !== undefined && before.base + before.size > span.base) found(i);
  }
}
