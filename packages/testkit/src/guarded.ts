import { assert } from '@tierlab/core';
import { HOOK_NAMES } from '@tierlab/policy';
import type {
  HookName,
  MigrationContext,
  MigrationHooks,
  MigrationPolicy,
  PageIndex,
  PolicyClock,
  SampleBatch,
  Samples,
} from '@tierlab/policy';
import { withoutAmbientState } from './ambient-state.ts';
import { createLoans, isColumn } from './loans.ts';
import type { Loans } from './loans.ts';

/**
 * `policy`, watched while it runs: reading a signal or column that it did not declare, writing to
 * anything it was shown or reading it when it is no longer its turn, and asking the process for randomness or the
 * time of day all throw. What it is shown are copies, so that a write is seen and does no harm.
 */
export function guarded(policy: MigrationPolicy): MigrationPolicy {
  return {
    ...policy,
    create(context) {
      const loans: PolicyLoans = {
        untilReturn: createLoans(policy.name),
        depth: 0,
        untilAsked: createLoans(policy.name),
        wholeRun: createLoans(policy.name),
      };
      const inside: MigrationContext = {
        ...context,
        pages: lendingPages(context.pages, loans),
        signals: lendingSources(policy, context.signals, loans),
        clock: guardClock(policy, context.clock, loans),
      };
      const hooks = withoutAmbientState(policy.name, () => policy.create(inside));
      loans.untilReturn.takeBack('create');
      return guardHooks(policy, hooks, loans);
    },
  };
}

/** What a policy was shown, by how long it may look at it. */
interface PolicyLoans {
  readonly untilReturn: Loans;
  /** Hooks and ticks that have begun and not returned: a move asked for in one may call another. */
  depth: number;
  /** Until it asks for the like again. */
  readonly untilAsked: Loans;
  readonly wholeRun: Loans;
}

/** `view`, but columns read from it are lent until the hook returns, and so is the view. */
function lendingView(policy: MigrationPolicy, view: object, loans: Loans): object {
  return loans.lendObject(declaredOnly(policy, view), (column, name) =>
    loans.lend(name, column, 'view'),
  );
}

function lendingPages(
  pages: PageIndex,
  { untilReturn, untilAsked, wholeRun }: PolicyLoans,
): PageIndex {
  const searched = new WeakSet<object>();
  return new Proxy(pages, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (isColumn(value)) return untilReturn.lend(String(name), value, 'view');
      if (name === 'inRange') {
        return (...given: Parameters<PageIndex['inRange']>) => {
          untilAsked.takeBack('a hook', 'inRange');
          return untilAsked.lend('inRange', target.inRange(...given), 'inRange');
        };
      }
      if (name !== 'search') return value;
      return (...given: Parameters<PageIndex['search']>) => {
        const [list] = given;
        if (!searched.has(list)) wholeRun.keepEye('search list', list);
        searched.add(list);
        return target.search(...given);
      };
    },
  });
}

/**
 * `source`, but columns read from it, and from what it has that holds columns, are copies that a policy
 * may keep for the whole run; batches of samples, until the next one is drained.
 */
function lendingSources<T extends object>(
  policy: MigrationPolicy,
  source: T,
  { untilAsked, wholeRun }: PolicyLoans,
): T {
  const copies = new Map<unknown, unknown>();
  const copying = <U extends object>(from: U): U =>
    new Proxy(from, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name === 'samples') return lendingSamples(value as Samples, untilAsked);
        if (!isColumn(value) && !holdsColumns(value)) return value;
        if (!copies.has(value)) {
          const copy = isColumn(value)
            ? wholeRun.lend(String(name), value, 'column')
            : copying(value);
          copies.set(value, copy);
        }
        return copies.get(value);
      },
    });
  return copying(declaredOnly(policy, source));
}

function lendingSamples(samples: Samples, loans: Loans): Samples {
  return {
    open(spec) {
      const sampler = samples.open(spec);
      const key = {};
      return {
        drain() {
          loans.takeBack('a hook', key);
          const batch: Record<string, unknown> = { ...sampler.drain() };
          for (const [name, column] of Object.entries(batch)) {
            if (isColumn(column)) batch[name] = loans.lend(name, column, key);
          }
          return batch as unknown as SampleBatch;
        },
        setPeriod: (period) => sampler.setPeriod(period),
        get period() {
          return sampler.period;
        },
        get lost() {
          return sampler.lost;
        },
      };
    },
  };
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
function guardClock(policy: MigrationPolicy, clock: PolicyClock, loans: PolicyLoans): PolicyClock {
  const guard = (tick: () => void) => (): void => void callGuarded(policy, loans, 'a tick', tick);
  return {
    nowNs: () => clock.nowNs(),
    every: (periodNs, tick) => clock.every(periodNs, guard(tick)),
    after: (delayNs, tick) => clock.after(delayNs, guard(tick)),
  };
}

/** Hooks with an argument that is a view, or an object that the engine fills anew each time. */
const HOOKS_WITH_LOAN: ReadonlySet<HookName> = new Set([
  'start',
  'epoch',
  'block',
  'hintFault',
  'allocate',
]);

/** Hooks are found by name: those of a class are no properties of the object itself. */
function guardHooks(
  policy: MigrationPolicy,
  hooks: MigrationHooks,
  loans: PolicyLoans,
): MigrationHooks {
  const guardedHooks: Record<string, unknown> = {};
  for (const name of HOOK_NAMES) {
    const hook: unknown = hooks[name];
    if (hook === undefined) continue;
    const call = (...given: unknown[]): unknown => {
      const args = HOOKS_WITH_LOAN.has(name)
        ? given.map((view) => lendingView(policy, view as object, loans.untilReturn))
        : given;
      const work = (): unknown =>
        Reflect.apply(hook as (...args: unknown[]) => unknown, hooks, args);
      return callGuarded(policy, loans, name, work);
    };
    guardedHooks[name] = typeof hook === 'function' ? call : hook;
  }
  const watched: MigrationHooks = { ...guardedHooks };
  guardedHooks['finish'] = (): void => {
    watched.finish?.();
    loans.untilAsked.takeBack('a hook');
    loans.wholeRun.takeBack('a hook');
  };
  return guardedHooks;
}

/** What the hook or tick `where` returns, when what it was lent is taken back. */
function callGuarded(
  { name }: MigrationPolicy,
  loans: PolicyLoans,
  where: string,
  work: () => unknown,
): unknown {
  loans.depth++;
  const result = withoutAmbientState(name, work);
  loans.depth--;
  const isPromise = typeof result === 'object' && result !== null && 'then' in result;
  assert(!isPromise, `${name}: ${where} returns a promise, for which no time is simulated`);
  if (loans.depth === 0) loans.untilReturn.takeBack(where);
  return result;
}
