import { assert, type RunRecord } from '@tierlab/core';

import { labelOfPoint, type Executor } from './executor.ts';
import type { RunPoint } from './matrix.ts';
import { recordsOf, type RunOutcome } from './outcome.ts';
import { entryName, readEntry, writeEntry, type RunStore } from './store.ts';

export interface Sweep {
  readonly points: readonly RunPoint[];
  readonly store: RunStore;
  /** One for each worker; each is given one pass at a time. */
  readonly executors: readonly Executor[];
  /** Runs that share a pass over a trace at most; 32 if absent. Less needs less memory. */
  readonly runsPerPass?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SweepProgress) => void;
}

export interface SweepProgress {
  readonly total: number;
  /** Runs that are in the store. */
  readonly done: number;
  /** Those of them that were there before. */
  readonly found: number;
}

/** As {@link sweepOutcomes}, of runs none of which may be refused: a refusal is thrown. */
export async function runSweep(sweep: Sweep): Promise<readonly RunRecord[]> {
  return recordsOf(await sweepOutcomes(sweep));
}

/**
 * Carries out what `store` does not have yet, and returns what became of all points in their order.
 *
 * A run is stored as soon as its pass is over, so that an interrupted sweep goes on where it was: with the
 * same store it gives the same as one that was never interrupted, for any number of executors.
 *
 * Aborted: passes under way are finished and stored, and the reason of the signal is thrown.
 */
export async function sweepOutcomes(sweep: Sweep): Promise<readonly RunOutcome[]> {
  const { points, store, executors, signal, onProgress } = sweep;
  assert(executors.length > 0, 'a sweep needs an executor');
  const records = await findFinished(points, store);
  const found = records.size;
  const report = (): void => onProgress?.({ total: points.length, done: records.size, found });
  report();

  const missing = points.filter((point) => !records.has(point.id));
  const passes = planPasses(missing, sweep.runsPerPass ?? 32, executors.length);
  const work = async (executor: Executor): Promise<void> => {
    for (let pass = passes.shift(); pass !== undefined; pass = passes.shift()) {
      signal?.throwIfAborted();
      const made = await executor.execute(pass);
      assert(made.length === pass.length, `${made.length} outcomes of ${pass.length} runs`);
      for (const [i, point] of pass.entries()) {
        await store.write(entryName(point.id), writeEntry(point.id, made[i]));
        records.set(point.id, made[i]);
      }
      report();
    }
  };
  await allOrFirstError(executors.map(work), passes);
  return points.map((point) => records.get(point.id) as RunOutcome);
}

/** What became of those of `points` that `store` has. */
export async function findFinished(
  points: readonly RunPoint[],
  store: RunStore,
): Promise<Map<string, RunOutcome>> {
  const names = new Set(await store.list());
  const records = new Map<string, RunOutcome>();
  for (const { id } of points) {
    if (!names.has(entryName(id))) continue;
    const text = await store.read(entryName(id));
    const record = text === undefined ? undefined : readEntry(id, text);
    if (record) records.set(id, record);
  }
  return records;
}

/**
 * `points` as passes: each of one trace and at most `runsPerPass` runs, and no fewer passes than workers where
 * there are runs enough.
 */
export function planPasses(
  points: readonly RunPoint[],
  runsPerPass: number,
  workers: number,
): RunPoint[][] {
  const byTrace = new Map<string, RunPoint[]>();
  for (const point of points) {
    const label = labelOfPoint(point);
    byTrace.set(label, [...(byTrace.get(label) ?? []), point]);
  }
  const size = Math.max(1, Math.min(runsPerPass, Math.ceil(points.length / workers)));
  return [...byTrace.values()]
    .map(likeBesideLike)
    .flatMap((group) =>
      Array.from({ length: Math.ceil(group.length / size) }, (_, i) =>
        group.slice(i * size, (i + 1) * size),
      ),
    );
}

/** `points` by policy, in the order in which policies come first: runs of one policy have most to share. */
function likeBesideLike(points: readonly RunPoint[]): RunPoint[] {
  const byPolicy = new Map<string, RunPoint[]>();
  for (const point of points) {
    const others = byPolicy.get(point.policy);
    if (others === undefined) byPolicy.set(point.policy, [point]);
    else others.push(point);
  }
  return [...byPolicy.values()].flat();
}

/** Waits for every worker to come to rest; after an error the others take no new pass. */
async function allOrFirstError(works: readonly Promise<void>[], passes: unknown[]): Promise<void> {
  const results = await Promise.allSettled(
    works.map((work) =>
      work.catch((error: unknown) => {
        passes.length = 0;
        throw error;
      }),
    ),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
