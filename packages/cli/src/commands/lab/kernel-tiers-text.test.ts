import { tierDifferences, type ShownTiers } from '@tierlab/kernel-lab';
import { expect, test } from 'vitest';

import { kernelTiersJson, kernelTiersText } from './kernel-tiers-text.ts';

const shown = (
  tiers: ShownTiers['tiers'],
  demotion: Readonly<Record<string, readonly [string, string] | null>>,
): ShownTiers => ({
  tiers,
  demotion: Object.fromEntries(
    Object.entries(demotion).map(([node, targets]) => [
      node,
      { preferred: targets?.[0] ?? null, fallback: targets?.[1] ?? null },
    ]),
  ),
  access: {},
  initiators: {},
  distances: {},
});

const beside = (ours: ShownTiers, theirs: ShownTiers) => ({
  release: '6.12.107',
  ours,
  theirs,
  differences: tierDifferences(ours, theirs),
  steps: [],
});

const built = shown(
  { 4: '0-1', 27: '2-3' },
  { 0: ['2', '2-3'], 1: ['3', '2-3'], 2: null, 3: null },
);

test('the same: a row a node', () => {
  expect(kernelTiersText('vm', beside(built, built))).toBe(
    [
      'vm, Linux 6.12.107 beside ours',
      '',
      'node  tier  ours  demotes to   ours',
      '----  ----  ----  -----------  -----------',
      '   0  4     4     2, then 2-3  2, then 2-3',
      '   1  4     4     3, then 2-3  3, then 2-3',
      '   2  27    27    none         none',
      '   3  27    27    none         none',
      'the same tiers, demotion targets, coordinates, initiators and distances',
      '',
    ].join('\n'),
  );
});

test('what differs is named, and is in the JSON', () => {
  const blind = shown({ 4: '0-3' }, { 0: null, 1: null, 2: null, 3: null });
  const answer = beside(blind, built);
  expect(kernelTiersText('vm', answer)).toContain('  tiers 4: the kernel 0-1, ours 0-3\n');
  expect(kernelTiersText('vm', answer)).toContain('  tiers 27: the kernel 2-3, ours has none\n');
  expect(kernelTiersJson('vm', answer)).toMatchObject({
    kernel: '6.12.107',
    same: false,
    theirs: { tiers: { 27: '2-3' } },
    ours: { tiers: { 4: '0-3' } },
  });
});

test('a kernel that logs no demotion targets is not held to them', () => {
  const answer = beside(built, { ...built, demotion: {} });
  expect(answer.differences).toEqual([]);
  expect(kernelTiersText('vm', answer)).toMatch(/does not log its demotion targets\)\n$/);
});

test('step by step: what the kernel refused, and what differs after it', () => {
  const alone = shown({ 4: '0-1' }, { 0: null, 1: null });
  const { differences } = beside(built, alone);
  const answer = {
    ...beside(built, built),
    steps: [
      {
        step: 'offline 2',
        refused: ['memory5 stays online'],
        ours: built,
        theirs: built,
        differences: [],
      },
      { step: 'offline 3', refused: [], ours: built, theirs: alone, differences },
    ],
  };
  const text = kernelTiersText('vm', answer);
  expect(text).toContain(
    '\nafter offline 2:\nthe kernel refused: memory5 stays online\n\nnode  tier',
  );
  expect(text).toMatch(/after offline 3:\n\n(.*\n)+.*tiers 27: the kernel has none, ours 2-3\n/);
  expect(kernelTiersJson('vm', answer)).toMatchObject({
    same: false,
    differences: [],
    steps: [
      { step: 'offline 2', refused: ['memory5 stays online'] },
      { theirs: { tiers: { 4: '0-1' } } },
    ],
  });
});
