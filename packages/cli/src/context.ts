import type { ProgressStream } from './terminal/progress.ts';

/** What a command has of the process around it: so that a test can run one without a process. */
export interface CommandContext {
  readonly stdout: (text: string) => unknown;
  readonly stderr: ProgressStream;
  /** Aborted by Ctrl-C: long work stops at the next safe place and keeps what it has. */
  readonly signal: AbortSignal;
  /** Ends the command with this exit code once it returns; 0 unless a command says otherwise. */
  exitCode: number;
}

/** Exit codes, as `tierlab --help` documents them. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  badInput: 2,
  thresholdCrossed: 3,
  interrupted: 130,
} as const;
