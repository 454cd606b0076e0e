import { InputError } from '@tierlab/core';

import type { Executor } from './executor.ts';
import type { RunPoint } from './matrix.ts';
import type { RunOutcome } from './outcome.ts';

/** One end of a channel to another thread or process: a `Worker`, its `parentPort`, a `MessagePort`. */
export interface PortEnd {
  postMessage(message: unknown): void;
  // What the other end sends: each listener knows what comes with its event.
  on(event: string, listener: (value: any) => void): unknown;
}

interface Call {
  readonly call: number;
  readonly points: readonly RunPoint[];
}

type Answer =
  | { readonly call: number; readonly outcomes: readonly RunOutcome[] }
  | { readonly call: number; readonly code?: string; readonly problem: string };

/**
 * The executor that {@link serveExecutor} serves at the other end of `port`. When the other end ends, what it was
 * doing fails.
 */
export function portExecutor(port: PortEnd): Executor {
  const waiting = new Map<number, (answer: Answer) => void>();
  let calls = 0;
  port.on('message', (answer: Answer) => {
    waiting.get(answer.call)?.(answer);
    waiting.delete(answer.call);
  });
  const ended = (problem: string): void => {
    for (const [call, settle] of waiting) settle({ call, problem });
    waiting.clear();
  };
  port.on('error', (error: Error) => ended(`a worker failed: ${error.message}`));
  port.on('exit', (code: number) => ended(`a worker ended with exit code ${code}`));
  return {
    execute: (points) =>
      new Promise((resolve, reject) => {
        const call = calls++;
        waiting.set(call, (answer) => {
          if ('outcomes' in answer) resolve(answer.outcomes);
          else if (answer.code === undefined) reject(new Error(answer.problem));
          else reject(new InputError(answer.code, answer.problem));
        });
        port.postMessage({ call, points } satisfies Call);
      }),
  };
}

/** Lets the other end of `port` use `executor`. */
export function serveExecutor(port: PortEnd, executor: Executor): void {
  port.on('message', ({ call, points }: Call) => {
    executor.execute(points).then(
      (outcomes) => port.postMessage({ call, outcomes } satisfies Answer),
      (error: unknown) => port.postMessage(failure(call, error)),
    );
  });
}

function failure(call: number, error: unknown): Answer {
  if (error instanceof InputError) return { call, code: error.code, problem: error.message };
  return { call, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
