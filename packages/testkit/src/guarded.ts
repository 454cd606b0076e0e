import { assert, AssertionError } from '@tierlab/core';
import type {
  MigrationContext,
  MigrationHooks,
  MigrationPolicy,
  PageIndex,
  PolicyClock,
} from '@tierlab/policy';

/**
 * `policy`, watched while it runs: reading a signal or column that it did not declare, writing to
 * anything it was shown, and asking the process for randomness or the time of day all throw. What it
 * is shown are copies, so that a write is seen and does no harm.
 */
export function guarded(policy: MigrationPolicy): MigrationPolicy {
  return {
    ...policy,
    create(context) {
      const shown: Shown[] = [];
      const kept: Shown[] = [];
      const inside: MigrationContext = {
        ...context,
        pages: searching(copying(context.pages, shown), kept),
        signals: keeping(declaredOnly(policy, context.signals), kept),
        clock: guardClock(policy, context.clock, shown),
      };
      const hooks = withoutAmbientState(policy, () => policy.create(inside));
      checkUnwritten(policy, 'create', shown);
      return guardHooks(policy, hooks, shown, kept);
    },
  };
}

interface Shown {
  readonly name: string;
  readonly given: Readonly<Column>;
  readonly before: Column;
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

function isColumn(value: unknown): value is Column {
  return ArrayBuffer.isView(value);
}

/** `source`, but columns read from it are fresh copies, which `shown` remembers. */
function copying<T extends object>(source: T, shown: Shown[]): T {
  return new Proxy(source, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (!isColumn(value)) return value;
      const given = value.slice();
      shown.push({ name: String(name), given, before: value.slice() });
      return given;
    },
  });
}

/**
 * `source`, but columns read from it, and from what it has that holds columns, are copies that a policy
 * may keep for the whole run; `kept` remembers them.
 */
function keeping<T extends object>(source: T, kept: Shown[]): T {
  const copies = new Map<unknown, unknown>();
  return new Proxy(source, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (!isColumn(value) && !holdsColumns(value)) return value;
      if (copies.has(value)) return copies.get(value);
      const given = isColumn(value) ? value.slice() : keeping(value, kept);
      if (isColumn(value)) {
        kept.push({ name: String(name), given: given as Column, before: value.slice() });
      }
      copies.set(value, given);
      return given;
    },
  });
}

/** `pages`, but `kept` remembers the lists that were searched, which must stay as they were. */
function searching(pages: PageIndex, kept: Shown[]): PageIndex {
  const searched = new WeakSet<object>();
  return new Proxy(pages, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== 'search') return value;
      return (...given: Parameters<PageIndex['search']>) => {
        const [list] = given;
        if (!searched.has(list))
          kept.push({ name: 'search list', given: list, before: list.slice() });
        searched.add(list);
        return target.search(...given);
      };
    },
  });
}

function holdsColumns(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.values(value).some(isColumn);
}

/** `source`, but reading a property that is absent throws. */
function declaredOnly<T extends object>(policy: MigrationPolicy, source: T): T {
  return new Proxy(source, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      assert(value !== undefined, `${policy.name} reads ${String(name)}, which it did not declare`);
      return value;
    },
  });
}

/** `clock`, whose ticks are watched as hooks are. */
function guardClock(policy: MigrationPolicy, clock: PolicyClock, shown: Shown[]): PolicyClock {
  const guard = (tick: () => void) => (): void => {
    withoutAmbientState(policy, tick);
    checkUnwritten(policy, 'a tick', shown);
  };
  return {
    nowNs: () => clock.nowNs(),
    every: (periodNs, tick) => clock.every(periodNs, guard(tick)),
    after: (delayNs, tick) => clock.after(delayNs, guard(tick)),
  };
}

function guardHooks(
  policy: MigrationPolicy,
  hooks: MigrationHooks,
  shown: Shown[],
  kept: Shown[],
): MigrationHooks {
  const guardedHooks: Record<string, unknown> = {};
  for (const [name, hook] of Object.entries(hooks) as [string, unknown][]) {
    if (typeof hook !== 'function') continue;
    guardedHooks[name] = (...given: unknown[]): unknown => {
      const args =
        name === 'epoch' || name === 'block' || name === 'start'
          ? given.map((view) => copying(declaredOnly(policy, view as object), shown))
          : given;
      const result: unknown = withoutAmbientState(policy, () => hook(...args));
      checkUnwritten(policy, name, shown);
      return result;
    };
  }
  const watched: MigrationHooks = { ...guardedHooks };
  guardedHooks['finish'] = (): void => {
    watched.finish?.();
    checkUnwritten(policy, 'a hook', kept);
  };
  return guardedHooks;
}

function checkUnwritten(policy: MigrationPolicy, hook: string, shown: Shown[]): void {
  for (const { name, given, before } of shown) {
    const changed = before.findIndex((value, i) => !Object.is(value, given[i]));
    assert(changed < 0, `${policy.name}: ${hook} writes to the view ${name}, entry ${changed}`);
  }
  shown.length = 0;
}

/** Runs `work` with Math.random and the clocks of the process out of reach. */
function withoutAmbientState<T>(policy: MigrationPolicy, work: () => T): T {
  const { random } = Math;
  const { now } = Date;
  const refuse = (what: string) => (): never => {
    throw new AssertionError(`${policy.name} uses ${what}; use the context's random and clock`);
  };
  Math.random = refuse('Math.random');
  Date.now = refuse('Date.now');
  try {
    return work();
  } finally {
    Math.random = random;
    Date.now = now;
  }
}
