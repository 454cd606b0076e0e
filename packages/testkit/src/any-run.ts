import type { RunRecord } from '@tierlab/core';
import { AssertionError } from '@tierlab/core';
import type { MigrationPolicy } from '@tierlab/policy';
import { replay } from '@tierlab/simulator';
import type { ReplayRequest } from '@tierlab/simulator';
import {
  drawAccesses,
  drawMemory,
  drawParams,
  drawSettings,
  drawSizeFor,
  nodesMaxFor,
  traceOf,
} from './draw.ts';
import { createRandom } from './random.ts';

/** A whole run drawn from a seed: machine, trace, policy, parameters, settings and block size. */
export function drawRun(seed: number, policies: readonly MigrationPolicy[]): ReplayRequest {
  const random = createRandom(seed);
  const policy = policies[Math.floor(random() * policies.length)];
  const basePages =
    policy.signals.includes('accessStream') || policy.signals.includes('wholeTrace');
  const huge = !basePages && random() < 0.2;
  const size = drawSizeFor(policy, { pagesMax: huge ? 3000 : 400, accessesMax: 6000 });
  const accesses = drawAccesses(random, size);
  const folios = huge ? Math.ceil(accesses.pageCount / 512) : accesses.pageCount;
  return {
    policy,
    params: drawParams(random, policy),
    memory: drawMemory(random, folios, huge, nodesMaxFor(policy)),
    settings: drawSettings(random, accesses.time !== undefined, huge),
    trace: traceOf(accesses, 1 + Math.floor(5000 * random() ** 2)),
    seed,
  };
}

/**
 * Replays the run that `seed` draws, with the engine's checkers on; a failure names the one line
 * that repeats it.
 */
export async function anyRun(
  seed: number,
  policies: readonly MigrationPolicy[],
): Promise<RunRecord> {
  const request = drawRun(seed, policies);
  try {
    return await replay(request);
  } catch (error) {
    const policy = request.policy.name;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AssertionError(
      `${policy}: ${reason}; to repeat: node scripts/any-run.mjs ${seed} 1 ${policy}`,
    );
  }
}
