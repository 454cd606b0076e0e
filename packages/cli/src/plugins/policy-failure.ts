import { InputError } from '@tierlab/core';
import { checkHooks, HOOK_NAMES } from '@tierlab/policy';
import type { MigrationPolicy, PolicyClock } from '@tierlab/policy';

import { CliError } from '../errors.ts';

/**
 * `policy`, somebody's own, but what its code throws, or what the engine throws at a request that makes no sense, is
 * told as its mistake and where it is: it is bad input, and no bug of tierlab.
 *
 * Its `create`, hooks and ticks throw `CLI_POLICY_FAILED`.
 */
export function tellingFailures(policy: MigrationPolicy): MigrationPolicy {
  return {
    ...policy,
    create(context) {
      const clock = tellingClock(policy.name, context.clock);
      const inside = { ...context, clock };
      const made = runPolicyCode(policy.name, 'create', () => policy.create(inside));
      const hooks = checkHooks(policy, made) as Readonly<Record<string, unknown>>;
      const telling: Record<string, unknown> = {};
      for (const name of HOOK_NAMES) {
        const hook = hooks[name];
        if (hook === undefined) continue;
        const call = (...given: unknown[]): unknown =>
          runPolicyCode(policy.name, `hook ${name}`, () =>
            Reflect.apply(hook as Hook, hooks, given),
          );
        telling[name] = typeof hook === 'function' ? call : hook;
      }
      return telling;
    },
  };
}

type Hook = (...given: unknown[]) => unknown;

function tellingClock(policyName: string, clock: PolicyClock): PolicyClock {
  const telling = (tick: () => void) => (): void =>
    runPolicyCode(policyName, 'a tick', () => tick());
  return {
    nowNs: () => clock.nowNs(),
    every: (periodNs, tick) => clock.every(periodNs, telling(tick)),
    after: (delayNs, tick) => clock.after(delayNs, telling(tick)),
  };
}

function runPolicyCode<T>(policyName: string, where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new CliError('CLI_POLICY_FAILED', `${policyName}: ${where}: ${failureText(error)}`, {
      cause: error,
    });
  }
}

/** What was thrown, and the calls from the policy's code to there; those of tierlab around it are left out. */
function failureText(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${JSON.stringify(error) ?? String(error)}`;
  const lines = (error.stack ?? String(error)).split('\n');
  const end = lines.findIndex((line) => line.includes(runPolicyCode.name));
  // The frame before it is of the closure that calls the policy.
  return (end < 1 ? lines : lines.slice(0, end - 1)).join('\n');
}
