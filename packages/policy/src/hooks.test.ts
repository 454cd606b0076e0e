import { expect, test } from 'vitest';
import { checkHooks } from './hooks.ts';
import { defineMigrationPolicy } from './migration-policy.ts';

const policy = defineMigrationPolicy({
  name: 'mine',
  doc: 'For one test.',
  signals: ['allocation'],
  create: () => ({}),
});

const told = (made: unknown): string => {
  try {
    checkHooks(policy, made);
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  }
  return 'fine';
};

test('hooks are what their names say, of signals that are declared', () => {
  expect(told({})).toBe('fine');
  expect(told({ epoch: () => undefined, mapped: () => undefined, pressure: undefined })).toBe(
    'fine',
  );
  expect(told(Object.assign(Object.create(null), { finish: () => undefined }))).toBe('fine');
});

test('there may be values beside the hooks, and in an object of a class functions', () => {
  expect(told({ epoch: () => undefined, heat: new Map() })).toBe('fine');
  class Hot {
    readonly heat = new Map<number, number>();
    epoch(): void {
      this.cool();
    }
    cool(): void {
      this.heat.clear();
    }
  }
  expect(told(new Hot())).toBe('fine');
  class Faulting {
    hintFault(): void {}
  }
  expect(told(new Faulting())).toMatch(/^POLICY_SIGNAL_UNDECLARED mine: the hook hintFault needs/);
});

test.each([
  [undefined, /BAD_HOOKS mine: create: expected an object of hooks, got undefined/],
  [Promise.resolve({}), /BAD_HOOKS mine: create: .*got a promise/],
  [() => ({}), /BAD_HOOKS mine: create: expected an object/],
  [{ epcoh: () => undefined }, /BAD_HOOKS mine: no hook "epcoh"; there are: start, epoch/],
  [{ epoch: 7 }, /BAD_HOOKS mine: hook epoch: expected a function, got a number/],
  [{ epoch: async () => {} }, /BAD_HOOKS mine: hook epoch is async/],
  [{ cache: {} }, /SIGNAL_UNDECLARED mine: the hook cache needs the signal accessStream/],
])('other hooks are refused by name: case %#', (made, message) => {
  expect(told(made)).toMatch(message);
});
