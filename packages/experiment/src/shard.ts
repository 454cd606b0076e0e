import { assert } from '@tierlab/core';

import { ExperimentError } from './errors.ts';
import type { RunPoint } from './matrix.ts';
import { entryName, readEntry, type RunStore } from './store.ts';

/** The `index`-th of `count` parts of an experiment, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * The shard that `i/n` means.
 *
 * @throws {ExperimentError} `EXPERIMENT_BAD_SHARD`.
 */
export function parseShard(text: string): Shard {
  const match = /^([1-9]\d*)\/([1-9]\d*)$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || index > count) {
    throw new ExperimentError(
      'EXPERIMENT_BAD_SHARD',
      `${JSON.stringify(text)}: expected i/n with i from 1 to n, such as 3/8`,
    );
  }
  return { index, count };
}

/** A shard that was carried out, as its maker describes it. */
export interface FinishedShard {
  /** What the shard is called in messages. */
  readonly name: string;
  readonly shard: Shard;
  /** Of the experiment and the tool: the same for all shards of one. */
  readonly hash: string;
}

/**
 * Checks that `shards` are all the shards of one experiment, each once.
 *
 * @throws {ExperimentError} `EXPERIMENT_SHARD_MISMATCH`, `EXPERIMENT_DUPLICATE_SHARD`, `EXPERIMENT_MISSING_SHARD`.
 */
export function checkShards(shards: readonly FinishedShard[]): void {
  const [first, ...others] = shards;
  assert(first !== undefined, 'there is a shard');
  const nameOf = new Map([[first.shard.index, first.name]]);
  const { count } = first.shard;
  for (const { name, shard, hash } of others) {
    if (shard.count !== count || hash !== first.hash) {
      throw new ExperimentError(
        'EXPERIMENT_SHARD_MISMATCH',
        `${name}: shard ${shard.index}/${shard.count} of another experiment than ${first.name}, shard ${first.shard.index}/${count}; make both with the same options, inputs and version`,
      );
    }
    const same = nameOf.get(shard.index);
    if (same !== undefined) {
      throw new ExperimentError(
        'EXPERIMENT_DUPLICATE_SHARD',
        `${name}: shard ${shard.index}/${count}, which is ${same} as well; name each shard once`,
      );
    }
    nameOf.set(shard.index, name);
  }
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((i) => !nameOf.has(i));
  if (missing.length === 0) return;
  throw new ExperimentError(
    'EXPERIMENT_MISSING_SHARD',
    `${missing.map((i) => `${i}/${count}`).join(', ')}: not among the ${shards.length} shards given; name the folders of all ${count}`,
  );
}

/** The points of `shard`: every point is in one shard, and shards differ by one point at most. */
export function shardPoints(points: readonly RunPoint[], shard: Shard): readonly RunPoint[] {
  return points.filter((_, i) => i % shard.count === shard.index - 1);
}

/**
 * Copies the finished runs of `points` from `sources` into `target`, and returns the points that nobody has
 * finished.
 *
 * @throws {ExperimentError} `EXPERIMENT_CONFLICT` where two stores have different records of one run.
 */
export async function mergeStores(
  points: readonly RunPoint[],
  sources: readonly RunStore[],
  target: RunStore,
): Promise<readonly RunPoint[]> {
  const missing: RunPoint[] = [];
  for (const point of points) {
    const name = entryName(point.id);
    const texts = await Promise.all([target, ...sources].map((store) => store.read(name)));
    const whole = new Set(
      texts.filter(
        (text): text is string => text !== undefined && readEntry(point.id, text) !== undefined,
      ),
    );
    const [text] = whole;
    if (whole.size > 1) {
      throw new ExperimentError(
        'EXPERIMENT_CONFLICT',
        `run ${point.id} (${point.policy} on ${point.trace}): two different records; run it again with one version of its inputs`,
      );
    }
    if (text === undefined) missing.push(point);
    else if (texts[0] !== text) await target.write(name, text);
  }
  return missing;
}
