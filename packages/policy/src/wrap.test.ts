import { expect, test } from 'vitest';
import { defineMigrationPolicy } from './migration-policy.ts';
import { gateMoves } from './moves.ts';
import type { Moves } from './moves.ts';
import { nodeId } from './index.ts';
import { wrapPolicy } from './wrap.ts';

test('the whole has the signals, parameters and relaxations of both', () => {
  const host = defineMigrationPolicy({
    name: 'host',
    doc: 'Exempt from a law.',
    signals: ['samples', 'allocation'],
    relaxes: ['moveCost'],
    create: () => ({}),
  });
  const whole = wrapPolicy(host, {
    name: 'regulated',
    doc: 'Regulates it.',
    signals: ['telemetry', 'samples'],
    around: (context, inside) => inside(context),
  });
  expect(whole.signals).toEqual(['samples', 'allocation', 'telemetry']);
  expect(whole.relaxes).toEqual(['moveCost']);
});

test('a gate lets through what it allows, of a batch as well', () => {
  const asked: number[][] = [];
  const moves = {
    request: (page: number) => asked.push([page]) > 0,
    requestBatch: (pages: ArrayLike<number>) => asked.push(Array.from(pages)),
  } as unknown as Moves;
  const even = gateMoves(moves, (page) => page % 2 === 0);
  expect(even.request(3, nodeId(0))).toBe(false);
  expect(even.request(4, nodeId(0))).toBe(true);
  even.requestBatch([1, 2, 3, 4], nodeId(0));
  expect(asked).toEqual([[4], [2, 4]]);
});
