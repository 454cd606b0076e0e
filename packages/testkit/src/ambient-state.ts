import { AssertionError } from '@tierlab/core';

/** What a process knows that a simulation must not, by the object and the name it is found under. */
const AMBIENT: readonly (readonly [object, string, string])[] = [
  [Math, 'random', 'Math.random'],
  [Date, 'now', 'Date.now'],
  [performance, 'now', 'performance.now'],
  [crypto, 'getRandomValues', 'crypto.getRandomValues'],
  [crypto, 'randomUUID', 'crypto.randomUUID'],
  [process, 'hrtime', 'process.hrtime'],
];

/**
 * Runs `work` with the randomness and the clocks of the process out of reach: asking for them throws an AssertionError
 * that names `policyName`.
 */
export function withoutAmbientState<T>(policyName: string, work: () => T): T {
  const refuse = (what: string) => (): never => {
    throw new AssertionError(`${policyName} uses ${what}; use the context's random and clock`);
  };
  const before = AMBIENT.map(([owner, name]) => Object.getOwnPropertyDescriptor(owner, name));
  for (const [owner, name, what] of AMBIENT) {
    Object.defineProperty(owner, name, { value: refuse(what), configurable: true, writable: true });
  }
  const { Date: dates } = globalThis;
  globalThis.Date = new Proxy(dates, {
    construct: (target, given) =>
      given.length === 0 ? refuse('new Date()')() : (Reflect.construct(target, given) as object),
    apply: refuse('Date()'),
  });
  try {
    return work();
  } finally {
    globalThis.Date = dates;
    for (const [i, [owner, name]] of AMBIENT.entries()) {
      const descriptor = before[i];
      if (descriptor === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, descriptor);
    }
  }
}
