import { expect, test } from 'vitest';
import { parseKernelVersion } from '../kernel.ts';
import { nodeId, type NodeId } from '../units.ts';
import { nextDemotionNode } from './next-demotion-node.ts';
import type { TierNode, TierState } from './state.ts';

const nodes = (...ids: number[]): NodeId[] => ids.map(nodeId);

/** Node 0 demotes to 1 and 2, and below them are 3 (40 away) and 4 (30 away). */
const node = (
  id: number,
  preferred: NodeId[],
  fallback: NodeId[],
  distances: number[],
): TierNode => ({
  id: nodeId(id),
  hasMemory: true,
  hasCpu: id === 0,
  topTier: id === 0,
  demotion: { preferred, fallback },
  distances,
  nodeLoad: 0,
});
const state: TierState = {
  tiers: [],
  nodes: [
    node(0, nodes(1, 2), nodes(1, 2, 3, 4), [10, 20, 20, 40, 30]),
    ...[1, 2, 3, 4].map((id) => node(id, [], [], [20, 20, 20, 20, 20])),
  ],
  topTierAdistance: 639,
  dramReference: undefined,
};
const from = nodeId(0);
const [newer, older] = [parseKernelVersion('7.0'), parseKernelVersion('6.18')];

test('it is drawn from the preferred', () => {
  const drawn = [0, 0.49, 0.5, 0.99].map((random) =>
    nextDemotionNode(state, from, undefined, () => random, newer),
  );
  expect(drawn).toEqual([1, 1, 2, 2]);
});

test.each([
  [[2, 3], 2],
  [[3, 4], 4], // none preferred: the nearest below
  [[0], undefined],
  [[], undefined],
])('7.0 with %j allowed: %s', (allowed, expected) =>
  expect(nextDemotionNode(state, from, new Set(nodes(...allowed)), () => 0, newer)).toBe(expected),
);

test('before 7.0 what is allowed is not looked at', () =>
  expect(nextDemotionNode(state, from, new Set(nodes(3)), () => 0, older)).toBe(1));

test('the last tier, and a node that is not there, have none', () => {
  expect(nextDemotionNode(state, nodeId(3), undefined, () => 0, newer)).toBe(undefined);
  expect(nextDemotionNode(state, nodeId(9), undefined, () => 0, newer)).toBe(undefined);
});
