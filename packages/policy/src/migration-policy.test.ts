import { expect, expectTypeOf, test } from 'vitest';
import { count, defineMigrationPolicy, PolicyError } from './index.ts';

test('the smallest policy is one line', () => {
  const stayPut = defineMigrationPolicy({
    name: 'stay-put',
    doc: 'Nothing moves.',
    create: () => ({}),
  });
  expect(stayPut).toMatchObject({ name: 'stay-put', signals: [], params: {}, relaxes: [] });
});

test('what a policy may read follows from what it declares', () => {
  defineMigrationPolicy({
    name: 'typed',
    doc: 'Compiles.',
    signals: ['accesses', 'telemetry'],
    params: { hotAccesses: count({ default: 4, min: 1, doc: 'Accesses that make a page hot.' }) },
    create({ params, signals }) {
      expectTypeOf(params.hotAccesses).toEqualTypeOf<number>();
      expectTypeOf(signals.telemetry.stallNs()).toEqualTypeOf<number>();
      // @ts-expect-error no such signal was declared
      void signals.samples;
      return {
        epoch(view) {
          expectTypeOf(view.accesses).toEqualTypeOf<Readonly<Uint32Array>>();
          // @ts-expect-error no such column was declared
          void view.futureAccesses;
        },
      };
    },
  });
  defineMigrationPolicy({
    name: 'no-faults-declared',
    doc: 'Does not compile.',
    signals: ['accesses'],
    // @ts-expect-error the hook needs the signal hintFaults
    create: () => ({ hintFault() {} }),
  });
});

test('a bad name and an unknown signal are told', () => {
  expect(() => defineMigrationPolicy({ name: 'Hot Pages', doc: '', create: () => ({}) })).toThrow(
    PolicyError,
  );
  expect(() =>
    defineMigrationPolicy({
      name: 'psychic',
      doc: '',
      signals: ['mindReading' as 'accesses'],
      create: () => ({}),
    }),
  ).toThrow(/no signal "mindReading"; there are: accessedBits/);
});
