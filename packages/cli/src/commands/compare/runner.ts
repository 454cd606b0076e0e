import { canonicalJson, type RunRecord } from '@tierlab/core';
import {
  inProcessExecutor,
  memoryStore,
  runSweep,
  type MachineChange,
  type RunPoints,
} from '@tierlab/experiment';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { keptRuns } from '../../files/run-store.ts';
import { startProgress } from '../../terminal/progress.ts';
import type { ReadExperiment, ExperimentOptions } from './read-experiment.ts';
import { startRunWorkers } from './run-workers.ts';

/** What makes the runs of a search, which asks for more as it goes. */
export interface Runner {
  readonly run: RunPoints;
  /** The records of all runs that were asked for, each once, in the order in which they were. */
  records(): readonly RunRecord[];
  stop(): Promise<void>;
}

interface Asked {
  /** Traces, machines and policies of all runs that will be asked for. */
  readonly options: ExperimentOptions & { readonly out?: string };
  readonly machineChanges?: readonly MachineChange[];
}

/**
 * Makes runs here or, for more `jobs` than one, in threads; those in the folder of results are found.
 *
 * Throws `CLI_BAD_OPTION` for threads that would share standard input.
 */
export function startRunner(
  { reading, repeatable }: ReadExperiment,
  { options, machineChanges }: Asked,
  jobs: number,
  { signal, stderr }: CommandContext,
): Runner {
  if (jobs > 1 && options.trace.includes('-')) {
    throw new CliError(
      'CLI_BAD_OPTION',
      '--jobs: every thread reads the trace, and standard input can be read once; give the trace as a file',
    );
  }
  const { out } = options;
  const memory = memoryStore();
  const made = new Map<string, RunRecord>();
  const data = { options, directory: process.cwd(), ...(machineChanges && { machineChanges }) };
  const workers = jobs > 1 ? startRunWorkers(jobs, data, signal) : undefined;
  const progress = startProgress(stderr, 'search', 'runs');
  return {
    async run(experiment, points) {
      const records = await runSweep({
        points,
        store: out === undefined ? memory : keptRuns(out, reading, points, repeatable),
        executors: workers?.executors ?? [inProcessExecutor(experiment)],
        signal,
        // One thread shows how far it is in its trace.
        ...(workers && { onProgress: ({ done }) => progress.update(made.size + done) }),
      });
      // Read again from the one form that stores have, so that the files have the same bytes wherever a run came from.
      for (const [i, { id }] of points.entries()) {
        made.set(id, JSON.parse(canonicalJson(records[i])) as RunRecord);
      }
      return records;
    },
    records: () => [...made.values()],
    async stop() {
      await workers?.stop();
      progress.finish();
    },
  };
}
