import { assert } from '@tierlab/core';

type Call = (a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown) => unknown;

/** `source`, of functions of at most five parameters and values, each of which calls `first` before its own work. */
export function callFirst<T extends object>(source: T, first: () => void): T {
  const made: Record<string, PropertyDescriptor> = {};
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(source))) {
    const call = typeof property.value === 'function' ? (property.value as Call) : undefined;
    assert((call?.length ?? 0) <= 5, `${key} has ${call?.length} parameters`);
    const get = (): unknown => {
      first();
      return source[key as keyof T];
    };
    const value: Call = (a, b, c, d, e) => {
      first();
      return call!(a, b, c, d, e);
    };
    made[key] = call === undefined ? { get } : { value };
  }
  return Object.defineProperties({}, made) as T;
}
