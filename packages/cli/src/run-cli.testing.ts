import { runProgram } from './program.ts';

/** What one call of the command line printed, and its exit code. */
export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs `tierlab ARGS` in this process, for tests. */
export async function runCli(...args: string[]): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  const exitCode = await runProgram(args, {
    stdout: (text) => (stdout += text),
    stderr: { write: (text) => (stderr += text) },
    signal: new AbortController().signal,
    exitCode: 0,
  });
  return { stdout, stderr, exitCode };
}
