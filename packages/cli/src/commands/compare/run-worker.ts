import { parentPort, workerData } from 'node:worker_threads';

import { assert } from '@tierlab/core';
import { changedMachine, inProcessExecutor, serveExecutor } from '@tierlab/experiment';

import { readExperiment } from './read-experiment.ts';
import type { RunWorkerData } from './run-workers.ts';

// A worker thread of --jobs: reads the same experiment, and carries out the runs that it is sent.
assert(parentPort !== null, 'this module is started as a worker thread');
const { options, directory, machineChanges = [] } = workerData as RunWorkerData;
const { experiment } = await readExperiment(options, directory, {
  stdout: () => undefined,
  stderr: { write: () => undefined },
  signal: new AbortController().signal,
  exitCode: 0,
});
const machines = experiment.machines.flatMap((machine) => [
  machine,
  ...machineChanges.map((change) => changedMachine(machine, change)),
]);
serveExecutor(parentPort, inProcessExecutor({ ...experiment, machines }));
