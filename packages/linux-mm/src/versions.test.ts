import { expect, test } from 'vitest';

import { KERNEL_VERSIONS, MACHINERY_RULES, modelledKernel, rulesOf } from './versions.ts';

test('a record of a kernel is replayed by the last that is modelled and not newer', () => {
  const named = ['5.15', '6.1.0', '6.6', '6.12.107', '6.13', '6.14', '6.17.3', '6.18', '7.2.13'];
  expect(named.map(modelledKernel)).toEqual([
    '6.1',
    '6.1',
    '6.1',
    '6.12',
    '6.12',
    '6.14',
    '6.14',
    '6.18',
    '6.18',
  ]);
});

test('each modelled kernel differs from the one before it', () => {
  const shown = KERNEL_VERSIONS.map((version) =>
    Object.entries(rulesOf(version)).flatMap(([name, holds]) => (holds ? [name] : [])),
  );
  expect(shown).toEqual([
    [],
    ['passesAreasOver', 'alignsMappings', 'firstWalkSeesAll', 'showsCountsLate'],
    [
      'passesAreasOver',
      'alignsMappings',
      'firstWalkSeesAll',
      'showsCountsLate',
      'secondTouchRejuvenates',
      'agesAtThreeGenerations',
    ],
    Object.keys(MACHINERY_RULES),
  ]);
});
