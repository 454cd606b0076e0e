import { assert } from '@tierlab/core';

/** What may be shown to a policy as a column. */
export type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Whether a value that a policy reads is a column. */
export function isColumn(value: unknown): value is Column {
  return ArrayBuffer.isView(value);
}

/** Copies of columns that a policy may look at for a while. */
export interface Loans {
  /** A copy of `column`, to be taken back with all others under `key`. */
  lend(name: string, column: Readonly<Column>, key: unknown): Column;
  /** Has an eye on a column of the policy's own, which must stay as it is. */
  keepEye(name: string, column: Readonly<Column>): void;
  /** `source` until all is taken back: reading it then throws, and so does writing; columns of it go through `column`. */
  lendObject<T extends object>(source: T, column: (value: Column, name: string) => Column): T;
  /**
   * Takes back what was lent under `key`, or all: nothing of it was written to, or an AssertionError names `hook`. From then
   * on its columns hold what no page and no node is.
   */
  takeBack(hook: string, key?: unknown): void;
}

interface Loan {
  readonly name: string;
  readonly given: Readonly<Column>;
  readonly before: Readonly<Column>;
  readonly key: unknown;
  readonly isOwn: boolean;
}

/** No loans to the policy `policyName` so far. */
export function createLoans(policyName: string): Loans {
  const refuse = (name: string | symbol): never => {
    throw new TypeError(`${policyName} writes to ${String(name)} of what it is shown`);
  };
  let loans: Loan[] = [];
  /** Counts the times that all was taken back: objects lent before are over. */
  let term = 0;
  return {
    lend(name, column, key) {
      const given = column.slice();
      loans.push({ name, given, before: column.slice(), key, isOwn: false });
      return given;
    },
    keepEye(name, column) {
      loans.push({ name, given: column, before: column.slice(), key: undefined, isOwn: true });
    },
    lendObject(source, column) {
      const lentIn = term;
      return new Proxy(source, {
        get(target, name) {
          assert(
            term === lentIn,
            `${policyName} reads ${String(name)} of what it was lent until its hook returned`,
          );
          const value: unknown = Reflect.get(target, name);
          return isColumn(value) ? column(value, String(name)) : value;
        },
        set: (_, name) => refuse(name),
        deleteProperty: (_, name) => refuse(name),
        defineProperty: (_, name) => refuse(name),
      });
    },
    takeBack(hook, key) {
      if (key === undefined) term++;
      const isDue = (loan: Loan): boolean => key === undefined || loan.key === key;
      const due = loans.filter(isDue);
      loans = loans.filter((loan) => !isDue(loan));
      for (const { name, given, before, isOwn } of due) {
        const changed = before.findIndex((value, i) => !Object.is(value, given[i]));
        assert(changed < 0, `${policyName}: ${hook} writes to the view ${name}, entry ${changed}`);
        if (!isOwn) (given as Column).fill(-1);
      }
    },
  };
}
