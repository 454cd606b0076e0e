import { expect, test } from 'vitest';

import { type ShownTiers, tierDifferences } from './shown-tiers.ts';

const coordinate = { read_latency: 100, write_latency: 100, read_bandwidth: 9, write_bandwidth: 9 };
const shown: ShownTiers = {
  tiers: { '4': '0', '27': '1' },
  demotion: { '0': { preferred: '1', fallback: '1' }, '1': { preferred: null, fallback: null } },
  access: { '1': { access0: coordinate } },
  initiators: { '1': { access0: [0] } },
  distances: { '0': [10, 20], '1': [20, 10] },
};
const text = (ours: ShownTiers, theirs: ShownTiers): string[] =>
  tierDifferences(ours, theirs).map(
    ({ where, ours, theirs }) => `${where}: ${ours ?? 'nothing'}, ${theirs ?? 'nothing'}`,
  );

test('equal answers have no difference', () => {
  expect(text(shown, structuredClone(shown))).toEqual([]);
});

test('each value that differs is named by the way to it', () => {
  const theirs: ShownTiers = {
    tiers: { '4': '0-1' },
    demotion: { '0': { preferred: null, fallback: null }, '1': shown.demotion['1'] },
    access: { '1': { access0: { ...coordinate, read_latency: 101 } } },
    initiators: { '1': { access0: [0, 2] } },
    distances: { '0': [10, 21], '1': [20, 10] },
  };
  expect(text(shown, theirs)).toEqual([
    'tiers 4: 0, 0-1',
    'tiers 27: 1, nothing',
    'demotion 0 preferred: 1, null',
    'demotion 0 fallback: 1, null',
    'access 1 access0 read_latency: 100, 101',
    'initiators 1 access0: 0, 0 2',
    'distances 0: 10 20, 10 21',
  ]);
});

test('a kernel that logs no demotion targets is not compared by them', () => {
  expect(text(shown, { ...shown, demotion: {} })).toEqual([]);
});
