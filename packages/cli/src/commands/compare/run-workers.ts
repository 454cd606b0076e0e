import { Worker } from 'node:worker_threads';

import { portExecutor, type Executor, type MachineChange } from '@tierlab/experiment';
import type { ExperimentOptions } from './read-experiment.ts';

/** What a worker is started with. */
export interface RunWorkerData {
  readonly options: ExperimentOptions;
  readonly directory: string;
  /** What-ifs: every machine is there as it is, and with each of them. */
  readonly machineChanges?: readonly MachineChange[];
}

/** Threads that carry out runs. */
export interface RunWorkers {
  readonly executors: readonly Executor[];
  /** Ends the threads; what they were doing fails. */
  stop(): Promise<void>;
}

/** Starts `count` threads that read the experiment of `workerData` and carry out runs of it. */
export function startRunWorkers(
  count: number,
  workerData: RunWorkerData,
  signal: AbortSignal,
): RunWorkers {
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
