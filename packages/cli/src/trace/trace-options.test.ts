import { traceFormats } from '@tierlab/trace';
import { expect, test } from 'vitest';

import { traceOptionNames } from './trace-options.ts';

test('the options of the command line are those of the formats', () => {
  const ofFormats = new Set(traceFormats.flatMap(({ options }) => options.map(({ name }) => name)));
  expect([...traceOptionNames].toSorted()).toEqual([...ofFormats].toSorted());
});
