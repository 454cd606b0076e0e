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
