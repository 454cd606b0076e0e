import { Worker } from 'node:worker_threads';

import { portExecutor, type Executor } from '@tierlab/experiment';

import type { CompareOptions } from './compare.ts';

/** What a worker is started with. */
export interface RunWorkerData {
  readonly options: CompareOptions;
  readonly directory: string;
}

/** Threads that carry out runs. */
export interface RunWorkers {
  readonly executors: readonly Executor[];
  /** Ends the threads; what they were doing fails. */
  stop(): Promise<void>;
}

/** Starts `count` threads that read the experiment of `options` and carry out runs of it. */
export function startRunWorkers(
  count: number,
  { options, directory }: RunWorkerData,
  signal: AbortSignal,
): RunWorkers {
  const workerData: RunWorkerData = { options, directory };
  const workers = Array.from(
    { length: count },
    () => new Worker(new URL('./run-worker.js', import.meta.url), { workerData }),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  const onAbort = (): void => void stop();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    executors: workers.map((worker) => portExecutor(worker)),
    async stop() {
      signal.removeEventListener('abort', onAbort);
      await stop();
    },
  };
}
