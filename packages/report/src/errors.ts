import { InputError } from '@tierlab/core';

/** What can be wrong with results that are to be reported. */
export type ReportErrorCode =
  /** Bytes or text that hold no tierlab result. */
  | 'REPORT_NOT_A_RESULT'
  /** A result written by a newer tierlab. */
  | 'REPORT_NEWER_VERSION'
  /** There is nothing to report. */
  | 'REPORT_NO_RUNS';

/** Results cannot be reported; the message says which, and what to do. */
export class ReportError extends InputError<ReportErrorCode> {
  override readonly name: string = 'ReportError';
}
