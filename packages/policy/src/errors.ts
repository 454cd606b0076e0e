import { InputError } from '@tierlab/core';

/** What can be wrong with a policy that a user wrote, named or configured. */
export type PolicyErrorCode =
  | 'POLICY_BAD_DEFINITION'
  | 'POLICY_BAD_PARAM'
  | 'POLICY_UNKNOWN_PARAM'
  | 'POLICY_UNKNOWN_SIGNAL'
  | 'POLICY_SIGNAL_UNDECLARED'
  | 'POLICY_BAD_HOOKS'
  | 'POLICY_DUPLICATE_NAME'
  | 'POLICY_OUT_OF_REACH';

/** A policy cannot be used as it was given; the message names the policy and says what to change. */
export class PolicyError extends InputError<PolicyErrorCode> {
  override readonly name: string = 'PolicyError';
}
