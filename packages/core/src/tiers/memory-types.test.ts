import { expect, test } from 'vitest';
import { adistance, nodeId, type NodeId } from '../units.ts';
import { MemoryTypes } from './memory-types.ts';

const [n0, n1, n2] = [0, 1, 2].map(nodeId) as [NodeId, NodeId, NodeId];

/** Fastest first: chunk start, then its nodes. */
const show = (types: MemoryTypes): string =>
  types.tiers.map((tier) => `${tier.start}: ${types.nodesOf(tier).join(',')}`).join(' | ');

function place(types: MemoryTypes, node: NodeId, distance: number): void {
  types.initNodeType(node, types.findOrAllocate(adistance(distance), 'default'));
  types.joinTier(node);
}

test('a type is found by its exact distance, a tier by the chunk', () => {
  const types = new MemoryTypes();
  place(types, n0, 576);
  place(types, n1, 600);
  place(types, n2, -5);
  expect(show(types)).toBe('-128: 2 | 512: 0,1');
  expect(types.tiers[1]!.types).toHaveLength(2);
  expect(types.findOrAllocate(adistance(600), 'default')).toBe(types.typeOf(n1));
  expect(types.findOrAllocate(adistance(600), 'kmem')).not.toBe(types.typeOf(n1));
});

test('the list and the first map of each node hold one reference', () => {
  const types = new MemoryTypes();
  const type = types.findOrAllocate(adistance(2880), 'kmem');
  expect(type.references).toBe(1);
  expect(types.initNodeType(n1, type)).toBe(true);
  expect(types.initNodeType(n1, type)).toBe(true);
  expect([type.references, types.mapCount(n1)]).toEqual([2, 2]);

  const other = types.findOrAllocate(adistance(3000), 'kmem');
  expect(types.initNodeType(n1, other)).toBe(false);
  expect([other.references, types.mapCount(n1), types.typeOf(n1)]).toEqual([1, 2, type]);

  types.clearNodeType(n1);
  expect([type.references, types.typeOf(n1)]).toEqual([2, type]);
  types.clearNodeType(n1);
  expect([type.references, types.typeOf(n1)]).toEqual([1, undefined]);
  types.putTypes('kmem');
  expect(type.references).toBe(0);
  expect(types.findOrAllocate(adistance(2880), 'kmem')).not.toBe(type);
});

test('a node without memory leaves its tier and keeps its type', () => {
  const types = new MemoryTypes();
  place(types, n0, 576);
  place(types, n1, 3456);
  const type = types.typeOf(n1);
  expect(types.leaveTier(n1)).toBe(true);
  expect(types.leaveTier(n1)).toBe(false);
  expect(show(types)).toBe('512: 0');
  expect(types.typeOf(n1)).toBe(type);
  types.joinTier(n1);
  expect(show(types)).toBe('512: 0 | 3456: 1');
});

test('a type that the node forgot in its tier can still be left', () => {
  // kmem memory on a boot node, unbound: the boot memory's own map is what it takes away.
  const types = new MemoryTypes();
  place(types, n0, 576);
  types.clearNodeType(n0);
  expect(types.typeOf(n0)).toBe(undefined);
  expect(types.leaveTier(n0)).toBe(true);
  expect(show(types)).toBe('');
});
