import { InputError, type RunRecord } from '@tierlab/core';

/** What became of a run: its record, or why the policy or the model refused it. */
export type RunOutcome = RunRecord | RefusedOutcome;

/** A run that cannot be made, whatever else is. */
export interface RefusedOutcome {
  readonly refused: {
    /** Of the error that said so, such as `POLICY_OUT_OF_REACH`. */
    readonly code: string;
    readonly reason: string;
  };
}

/** Whether a run was refused. */
export function isRefused(outcome: RunOutcome): outcome is RefusedOutcome {
  return 'refused' in outcome;
}

/** The records of `outcomes`, none of which is refused; else throws the first refusal as an `InputError`. */
export function recordsOf(outcomes: readonly RunOutcome[]): readonly RunRecord[] {
  return outcomes.map((outcome) => {
    if (isRefused(outcome)) throw new InputError(outcome.refused.code, outcome.refused.reason);
    return outcome;
  });
}
