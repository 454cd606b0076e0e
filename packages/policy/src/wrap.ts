import { defineMigrationPolicy } from './migration-policy.ts';
import type { MigrationContext, MigrationHooks, MigrationPolicy } from './migration-policy.ts';
import type { Params } from './params.ts';
import type { Signal } from './signals.ts';

/** A policy around another one: how Colloid and Alto regulate a host. */
export interface PolicyWrapper {
  readonly name: string;
  readonly doc: string;
  /** Signals and parameters on top of those of the policy inside. */
  readonly signals?: readonly Signal[];
  readonly params?: Params;
  /**
   * The hooks of the whole. `inside` makes the hooks of the policy inside, with a context that may
   * differ from the outer one, for instance by `gateMoves`.
   */
  around(
    context: MigrationContext,
    inside: (context: MigrationContext) => MigrationHooks,
  ): MigrationHooks;
}

/**
 * `policy` regulated by `wrapper`: it has the signals, parameters and relaxations of both.
 *
 * @throws {PolicyError} `POLICY_BAD_DEFINITION`, `POLICY_UNKNOWN_SIGNAL`.
 */
export function wrapPolicy(policy: MigrationPolicy, wrapper: PolicyWrapper): MigrationPolicy {
  return defineMigrationPolicy<readonly Signal[], Params>({
    name: wrapper.name,
    doc: wrapper.doc,
    signals: [...new Set([...policy.signals, ...(wrapper.signals ?? [])])],
    params: { ...policy.params, ...wrapper.params },
    relaxes: policy.relaxes,
    create: (context) => wrapper.around(context, (inner) => policy.create(inner)),
  });
}
