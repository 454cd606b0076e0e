import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { read, sourceOf } from '../testing.ts';

// The agent's `emit` with 4 pages, 2 accesses a millisecond: a first touch of every page, then a phase.
const STREAM = '0 0 W\n500000 1 W\n1000000 2 W\n1500000 3 W\n2000000 3 R\n2500000 0 W\n';

test('nanoseconds, page, operation', async () => {
  expect(await read(STREAM)).toBe('W0@0 W1@500000 W2@1000000 W3@1500000 R3@2000000 W0@2500000');
  const { declaration } = await openTrace(sourceOf(STREAM));
  expect(declaration).toMatchObject({
    format: 'lab-stream',
    clock: 'nanoseconds',
    level: 'memory',
  });
});
