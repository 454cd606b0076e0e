import { InputError } from '@tierlab/core';

/** Codes of errors that the command line itself finds; `tierlab explain CODE` tells more of each. */
export type CliErrorCode =
  | 'CLI_USAGE'
  | 'CLI_FILE_NOT_FOUND'
  | 'CLI_FILE_UNREADABLE'
  | 'CLI_OUTPUT_UNWRITABLE'
  | 'CLI_BAD_OPTION'
  | 'CLI_OPTION_WITHOUT_EFFECT'
  | 'CLI_UNKNOWN_POLICY'
  | 'CLI_BAD_PLUGIN'
  | 'CLI_POLICY_FAILED'
  | 'CLI_BAD_EXPERIMENT_FILE'
  | 'CLI_NO_SHARD';

/** Bad input on the command line: the message names the argument and says what to write instead. */
export class CliError extends InputError<CliErrorCode> {
  override readonly name: string = 'CliError';
}
