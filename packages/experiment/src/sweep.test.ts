import { MessageChannel } from 'node:worker_threads';

import { canonicalJson, randomShares } from '@tierlab/core';
import { expect, test } from 'vitest';

import { smallExperiment } from '../test/small-experiment.ts';
import { inProcessExecutor, type Executor } from './executor.ts';
import { expandExperiment, type Experiment, type RunPoint } from './matrix.ts';
import { portExecutor, serveExecutor } from './port-executor.ts';
import { mergeStores, parseShard, shardPoints } from './shard.ts';
import { memoryStore, type RunStore } from './store.ts';
import { runSweep } from './sweep.ts';

const points = expandExperiment(smallExperiment);
const executor = inProcessExecutor(smallExperiment);

async function bytesOf(store: RunStore): Promise<string> {
  const names = (await store.list()).toSorted();
  return canonicalJson(
    await Promise.all(names.map(async (name) => [name, await store.read(name)])),
  );
}

async function uninterrupted(): Promise<string> {
  const store = memoryStore();
  await runSweep({ points, store, executors: [executor] });
  return bytesOf(store);
}

test('traces x capacities x policies with their parameters x seeds', () => {
  expect(points).toHaveLength(2 * 2 * (1 + 1 + 2) * 3);
  expect(points.slice(0, 4).map((point) => `${point.trace} ${point.policy} ${point.seed}`)).toEqual(
    ['skewed all-fast 1', 'skewed all-fast 2', 'skewed all-fast 3', 'skewed stay-put 1'],
  );
});

const ids = (change: Partial<Experiment>): string[] =>
  expandExperiment({ ...smallExperiment, ...change }).map((point) => point.id);

const bad = (change: Partial<Experiment>) => () => ids(change);

test('an id follows from the run alone: what else is run, and how a value was written, is no part of it', () => {
  const all = new Set(points.map((point) => point.id));
  expect(all.size).toBe(points.length);
  for (const id of ids({ seeds: [2], traces: smallExperiment.traces.slice(1) })) {
    expect(all).toContain(id);
  }
  const [policy] = smallExperiment.policies.slice(2);
  const written = ids({ policies: [{ ...policy, params: { pages: ['2', 8] } }] });
  expect(written.every((id) => all.has(id))).toBe(true);
  for (const change of [
    { settings: { epochAccesses: 501 } },
    { tool: { name: 'test', version: '2' } },
    { capacities: [{ 0: 4096 }] },
    { seeds: [9] },
  ]) {
    expect(ids(change).some((id) => all.has(id))).toBe(false);
  }
});

test('a matrix that is empty or names one thing twice is refused', () => {
  expect(bad({ seeds: [] })).toThrow('seeds: none is given');
  expect(bad({ seeds: [1, 1] })).toThrow('seeds: "1" is given twice');
  const [policy] = smallExperiment.policies.slice(2);
  expect(bad({ policies: [policy, policy] })).toThrow('policies: "swap-hot" is given twice');
});

test('the records are the same for any number of workers and any size of a pass', async () => {
  const expected = await uninterrupted();
  for (const [workers, runsPerPass] of [
    [1, 1],
    [2, 5],
    [3, 1000],
  ]) {
    const store = memoryStore();
    await runSweep({
      points,
      store,
      executors: Array.from({ length: workers }, () => executor),
      runsPerPass,
    });
    expect(await bytesOf(store)).toBe(expected);
  }
});

test('through a channel the records are the same, and errors keep their code', async () => {
  const { port1, port2 } = new MessageChannel();
  serveExecutor(port2, executor);
  const remote = portExecutor(port1);
  const some = points.slice(0, 7);
  expect(await remote.execute(some)).toEqual(await executor.execute(some));
  const unknown = [{ ...points[0], trace: 'nowhere' }];
  await expect(remote.execute(unknown)).rejects.toMatchObject({ code: 'EXPERIMENT_BAD_MATRIX' });
  port1.close();
  port2.close();
});

/** A store whose process is killed at a random one of its operations; a write is then done or not at all. */
function mortalStore(store: RunStore, operations: number): RunStore {
  let left = operations;
  const live = <T>(operate: () => Promise<T>): Promise<T> =>
    left-- > 0 ? operate() : Promise.reject(new Error('killed'));
  return {
    list: () => live(() => store.list()),
    read: (name) => live(() => store.read(name)),
    write: (name, text) => live(() => store.write(name, text)),
  };
}

test('killed at fifty random moments: nothing is lost, nothing is done twice, the bytes are the same', async () => {
  const expected = await uninterrupted();
  const random = randomShares(4);
  let killed = 0;
  for (let trial = 0; trial < 50; trial++) {
    const store = memoryStore();
    const made: string[] = [];
    const counting: Executor = {
      async execute(pass) {
        const records = await executor.execute(pass);
        made.push(...pass.map((point) => point.id));
        return records;
      },
    };
    const sweep = { points, executors: [counting, counting], runsPerPass: 8 };
    const mortal = mortalStore(store, Math.floor(random() * 60));
    await runSweep({ ...sweep, store: mortal }).catch((error: Error) => {
      if (error.message === 'killed') killed++;
    });
    const stored = new Set((await store.list()).map((name) => name.replace('.json', '')));
    made.length = 0;
    const progress: string[] = [];
    await runSweep({
      ...sweep,
      store,
      onProgress: ({ done, total, found }) => progress.push(`${done}/${total} found ${found}`),
    });
    const missing = points.map(({ id }) => id).filter((id) => !stored.has(id));
    expect(made.toSorted()).toEqual(missing.toSorted());
    expect(progress[0]).toBe(`${stored.size}/48 found ${stored.size}`);
    expect(await bytesOf(store)).toBe(expected);
  }
  expect(killed).toBeGreaterThan(30);
});

test('an entry that is damaged, empty or of another run is made again', async () => {
  const store = memoryStore();
  const some = points.slice(0, 3);
  await runSweep({ points: some, store, executors: [executor] });
  const expected = await bytesOf(store);
  const [first, second, third] = await store.list();
  const text = (await store.read(first)) ?? '';
  await store.write(first, text.slice(0, 100));
  await store.write(second, text);
  await store.write(third, text.replace(/"accesses":\d+/, '"accesses":1'));
  await runSweep({ points: some, store, executors: [executor] });
  expect(await bytesOf(store)).toBe(expected);
});

test('shards are disjoint and whole, and merge to the same bytes', async () => {
  const shards = ['1/3', '2/3', '3/3'].map((text) => shardPoints(points, parseShard(text)));
  expect(shards.map((shard) => shard.length)).toEqual([16, 16, 16]);
  const stores = await Promise.all(
    shards.map(async (shard) => {
      const store = memoryStore();
      await runSweep({ points: shard, store, executors: [executor] });
      return store;
    }),
  );
  const merged = memoryStore();
  const missing: readonly RunPoint[] = await mergeStores(points, stores.slice(0, 2), merged);
  expect(missing).toEqual(shards[2]);
  expect(await mergeStores(points, stores, merged)).toEqual([]);
  expect(await bytesOf(merged)).toBe(await uninterrupted());
  for (const text of ['0/3', '4/3', '1', '1/0', '-1/2', '1.5/2'])
    expect(() => parseShard(text)).toThrow('expected i/n');
});

test('a failing run stops the sweep with its error and keeps what is finished', async () => {
  const store = memoryStore();
  let passes = 0;
  const failing: Executor = {
    execute: (pass) =>
      passes++ < 2 ? executor.execute(pass) : Promise.reject(new Error('no memory')),
  };
  await expect(runSweep({ points, store, executors: [failing], runsPerPass: 4 })).rejects.toThrow(
    'no memory',
  );
  expect(await store.list()).toHaveLength(8);
  const stopped = AbortSignal.abort();
  await expect(runSweep({ points, store, executors: [executor], signal: stopped })).rejects.toThrow(
    /abort/i,
  );
});
