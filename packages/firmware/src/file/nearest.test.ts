import { expect, test } from 'vitest';

import { nearestName } from './nearest.ts';

const names = ['latency', 'readLatency', 'memory', 'cpus'];

test.each([
  ['latnecy', 'latency'],
  ['readlatency', 'readLatency'],
  ['memroy', 'memory'],
  ['cpu', 'cpus'],
  ['colour', undefined],
  ['x', undefined],
])('%s is probably %s', (typed, meant) => expect(nearestName(typed, names)).toBe(meant));
