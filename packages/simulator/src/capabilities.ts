import { TOUCH_SIGNALS } from '@tierlab/policy';
import { SimulatorError } from './errors.ts';
import type { RunSetup } from './run-setup.ts';

/**
 * Checks that the trace can feed the policy's signals, before anything runs.
 *
 * @throws {SimulatorError} `SIM_NO_TOUCHES`, `SIM_NO_LOOKAHEAD`, `SIM_BAD_SETTING`.
 */
export function checkCapabilities(setup: RunSetup): void {
  const { policy, declaration, settings, foresight } = setup;
  if (declaration.samplePeriod !== undefined) requireTouches(setup);
  if (settings.loop === 'open' && declaration.clock === 'accesses') {
    throw new SimulatorError(
      'SIM_BAD_SETTING',
      `loop open: the trace (${declaration.format}) has no clock to follow; use loop closed`,
    );
  }
  const lacks =
    (policy.signals.includes('runAccesses') && foresight?.runAccesses === undefined) ||
    (policy.signals.includes('futureAccesses') && foresight?.nextEpoch === undefined) ||
    (policy.signals.includes('nextUse') && foresight?.nextUse === undefined) ||
    (policy.signals.includes('wholeTrace') && foresight?.wholeTrace === undefined);
  if (lacks) {
    throw new SimulatorError(
      'SIM_NO_LOOKAHEAD',
      `${policy.name} looks ahead, which needs a trace that can be read twice`,
    );
  }
}

/**
 * Refuses a policy whose signals see every touch of a page where the trace has misses only: at
 * set-up where it is sampled, which never has touches beside it, else when it has ended without any.
 *
 * @throws {SimulatorError} `SIM_NO_TOUCHES`.
 */
export function requireTouches({ policy, declaration }: RunSetup): void {
  const touches = policy.signals.filter((signal) => TOUCH_SIGNALS.includes(signal));
  if (touches.length === 0 || declaration.level === 'cpu') return;
  throw new SimulatorError(
    'SIM_NO_TOUCHES',
    `${policy.name} needs ${touches.join(' and ')}, which see every touch of a page, but the trace (${declaration.format}) only has what missed the caches; use a trace of all accesses, or filter one and keep its touches`,
  );
}
