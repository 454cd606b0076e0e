import { InputError } from '@tierlab/core';

/** What can be wrong with a run that was asked for. */
export type SimulatorErrorCode =
  | 'SIM_BAD_MEMORY'
  | 'SIM_BAD_CURVE'
  | 'SIM_BAD_SETTING'
  | 'SIM_BAD_PLACEMENT'
  | 'SIM_NO_TOUCHES'
  | 'SIM_NO_LOOKAHEAD'
  | 'SIM_OUT_OF_MEMORY'
  | 'SIM_BAD_TRACE'
  | 'SIM_TOO_MANY_PAGES'
  | 'SIM_SMALL_SAMPLE';

/** A run cannot be made or go on with what it was given. */
export class SimulatorError extends InputError<SimulatorErrorCode> {
  override readonly name: string = 'SimulatorError';
}
