import { PolicyError } from './errors.ts';
import type { MigrationHooks, MigrationPolicy } from './migration-policy.ts';
import type { Signal } from './signals.ts';

/** The name of what a policy may return for the engine to call or to follow. */
export type HookName = keyof MigrationHooks;

/** Every hook, and the signal that a policy declares to have it; undefined where none is needed. */
export const HOOK_SIGNALS: Readonly<Record<HookName, Signal | undefined>> = {
  start: undefined,
  epoch: undefined,
  moved: undefined,
  finish: undefined,
  bound: undefined,
  explain: undefined,
  hintFault: 'hintFaults',
  allocate: 'allocation',
  mapped: 'allocation',
  mappedMany: 'allocation',
  pressure: 'pressure',
  block: 'accessStream',
  cache: 'accessStream',
};

/** The names of all hooks, in the order of {@link HOOK_SIGNALS}. */
export const HOOK_NAMES: readonly HookName[] = Object.keys(HOOK_SIGNALS) as HookName[];

/**
 * `made`, which the `create` of `policy` returned, if it is hooks that the engine can call: what a compiler tells
 * an author in TypeScript, an author in JavaScript is told before the run. A misspelt hook would be a policy
 * that does nothing.
 *
 * Beside its hooks it may have values of its own, and an object of a class functions, too.
 *
 * @throws {PolicyError} `POLICY_BAD_HOOKS`, `POLICY_SIGNAL_UNDECLARED`.
 */
export function checkHooks(policy: MigrationPolicy, made: unknown): MigrationHooks {
  if (typeof made !== 'object' || made === null || 'then' in made) {
    const got = made instanceof Object && 'then' in made ? 'a promise' : String(made);
    throw new PolicyError(
      'POLICY_BAD_HOOKS',
      `${policy.name}: create: expected an object of hooks, got ${got}; a policy that does nothing returns {}`,
    );
  }
  const hooks = made as Readonly<Record<string, unknown>>;
  if ([Object.prototype, null].includes(Object.getPrototypeOf(made) as object | null)) {
    for (const name of Object.keys(hooks)) {
      if (Object.hasOwn(HOOK_SIGNALS, name) || typeof hooks[name] !== 'function') continue;
      throw new PolicyError(
        'POLICY_BAD_HOOKS',
        `${policy.name}: no hook ${JSON.stringify(name)}; there are: ${HOOK_NAMES.join(', ')}`,
      );
    }
  }
  for (const name of HOOK_NAMES) {
    if (hooks[name] !== undefined) checkHook(policy, name, hooks[name]);
  }
  return hooks;
}

function checkHook(policy: MigrationPolicy, name: HookName, hook: unknown): void {
  const signal = HOOK_SIGNALS[name];
  if (signal !== undefined && !policy.signals.includes(signal)) {
    throw new PolicyError(
      'POLICY_SIGNAL_UNDECLARED',
      `${policy.name}: the hook ${name} needs the signal ${signal}; add it to its signals`,
    );
  }
  if (name === 'cache') return;
  if (typeof hook !== 'function') {
    throw new PolicyError(
      'POLICY_BAD_HOOKS',
      `${policy.name}: hook ${name}: expected a function, got a ${typeof hook}`,
    );
  }
  // What it does after its first await would be done at no time of the simulation.
  if (Object.prototype.toString.call(hook) === '[object AsyncFunction]') {
    throw new PolicyError(
      'POLICY_BAD_HOOKS',
      `${policy.name}: hook ${name} is async; simulated time does not wait for promises: do its work before it returns`,
    );
  }
}
